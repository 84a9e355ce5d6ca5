import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { freePort, isFree, portOrNext } from './ports.ts'

test('a wanted port that is free is the one', async () => {
  const port = await freePort()
  expect(await portOrNext(port)).toBe(port)
})

test('a taken port gives the next free one', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  expect(await isFree(port)).toBeFalse()
  expect(await portOrNext(port)).toBeGreaterThan(port)
  await new Promise((resolve) => server.close(resolve))
  expect(await portOrNext(port)).toBe(port)
})

test('a port that is spoken for is passed over', async () => {
  const port = await freePort()
  expect(await portOrNext(port, [port])).toBeGreaterThan(port)
})

test('a port is given out once, though nobody listens on it yet', async () => {
  const ports = await Promise.all(Array.from({ length: 300 }, () => freePort()))
  expect(new Set(ports).size).toBe(300)
})
