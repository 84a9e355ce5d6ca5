import { expect, test } from 'bun:test'
import { startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { anvilProgram, startAnvil } from './anvil.ts'

test('anvil starts with its chain id, mines on demand and is gone after its stop', async () => {
  const anvil = await startAnvil({ chainId: 4_242 })
  expect(await anvil.ask('eth_chainId')).toBe('0x1092')
  await anvil.mine(3)
  expect(await anvil.headBlock()).toBe(3)
  expect(await anvil.ask('eth_getBlockByNumber', ['finalized', false])).toMatchObject({
    number: '0x1',
  })
  await anvil.stop()
  expect(() => process.kill(anvil.pid, 0)).toThrow('ESRCH')
})

test('a port in use is said before anyone is asked', async () => {
  await using anvil = await startAnvil({ chainId: 4_243 })
  await expect(startAnvil({ chainId: 4_243, port: anvil.port })).rejects.toThrow('already in use')
})

test('a machine without its package is told the name of the package', () => {
  expect(() => anvilProgram('win32', 'x64')).toThrow('@foundry-rs/anvil-win32-amd64 is missing')
  expect(() => anvilProgram('sunos', 'x64')).toThrow('there is no anvil for sunos on x64')
})

test('a process that ends before it is ready is reported with what it wrote', async () => {
  const child = await startChild({
    name: 'a child',
    command: process.execPath,
    args: ['-e', 'console.error("no luck"); process.exit(3)'],
  })
  const ready = untilReady(child, { timeoutMs: 5_000, check: async () => false })
  await expect(ready).rejects.toThrow(/^a child ended with exit code 3:\nno luck$/)
})

test('an ended process is known with all that it wrote, though another holds its pipes', async () => {
  const child = await startChild({
    name: 'a parent',
    command: 'sh',
    args: ['-c', 'sleep 60 & seq 1 5000; echo last'],
  })
  await child.ended
  // The process group, of which only the sleeper is left.
  process.kill(-child.pid, 'SIGKILL')
  const lines = child.tail().split('\n')
  expect(lines.at(-1)).toBe('last')
  expect(lines).toHaveLength(5_001)
})

test('of a long output the last whole lines are kept', async () => {
  const child = await startChild({ name: 'a talker', command: 'seq', args: ['10001', '30000'] })
  await child.ended
  const lines = child.tail().split('\n')
  expect(lines.at(-1)).toBe('30000')
  expect(lines.every((line) => line.length === 5)).toBeTrue()
})

test('a process that ignores SIGTERM is killed past the deadline', async () => {
  const child = await startChild({
    name: 'a stubborn child',
    command: process.execPath,
    args: [
      '-e',
      'process.on("SIGTERM", () => {}); console.log("up"); setTimeout(() => {}, 60_000)',
    ],
    stopTimeoutMs: 50,
  })
  await untilReady(child, { timeoutMs: 5_000, check: async () => child.tail() === 'up' })
  await child.stop()
  expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' })
})

test('a program that does not exist is a clear failure', async () => {
  const child = startChild({ name: 'nothing', command: '/no/such/program', args: [] })
  await expect(child).rejects.toThrow('cannot start nothing')
})
