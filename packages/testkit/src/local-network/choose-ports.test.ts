import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { freePort } from '../ports.ts'
import { choosePorts } from './choose-ports.ts'

test('a taken port is said and replaced by one that no other part wants', async () => {
  const gateway = await freePort()
  const wanted = { gateway, admin: gateway + 1, networkAdmin: gateway + 2 }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(gateway, '127.0.0.1', () => resolve()))
  const messages: string[] = []
  const chosen = await choosePorts(wanted, (message) => messages.push(message))
  await new Promise((resolve) => server.close(resolve))

  expect(chosen.gateway).toBeGreaterThan(gateway + 2)
  expect(new Set(Object.values(chosen)).size).toBe(3)
  expect(messages[0]).toBe(`port ${gateway} (gateway) is taken, using ${chosen.gateway} instead`)
})

test('one port wanted twice is given once', async () => {
  const port = await freePort()
  const chosen = await choosePorts({ gateway: port, admin: port, networkAdmin: port }, () => {})
  expect(new Set(Object.values(chosen)).size).toBe(3)
})
