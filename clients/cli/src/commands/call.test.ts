import { expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TraceReport } from '@mooring/protocol/reports/trace'
import { deadUrl, openFolder, runCommand, serveJson, serveRpc } from '../context.fixtures.ts'
import { networkFileOf } from '../locations.ts'

const trace: TraceReport = {
  traceId: 'abc123',
  chain: 'eth',
  method: 'eth_getBalance',
  atMs: 1_700_000_000_000,
  totalMs: 61.7,
  source: 'upstream',
  result: 'ok',
  attempts: [
    {
      upstream: 'charlie/two',
      reason: 'first',
      startedMs: 0.2,
      tookMs: 12.4,
      outcome: 'serverFault',
      detail: 'HTTP 500',
    },
    {
      upstream: 'alpha/one',
      reason: 'failover',
      startedMs: 12.7,
      tookMs: 49,
      outcome: 'ok',
      detail: '',
    },
  ],
}
const gateway = (answer: Parameters<typeof serveRpc>[0]) =>
  serveRpc(answer, { 'x-trace-id': 'abc123' })
const adminOf = () => serveJson({ '/v1/traces/abc123': trace })

test('the result is the answer: strings bare, the rest as JSON', async () => {
  await using server = gateway((method) => (method === 'eth_blockNumber' ? '0x10' : { a: [1] }))
  const run = (...args: string[]) => runCommand(['call', 'eth', ...args, '--gateway', server.url])
  expect(await run('eth_blockNumber')).toEqual({ exitCode: 0, stdout: '0x10\n', stderr: '' })
  expect((await run('other')).stdout).toBe('{\n  "a": [\n    1\n  ]\n}\n')
})

test('the admin port in place of the gateway is told as what it is', async () => {
  await using admin = serveJson({ '/v1/upstreams': { chains: [] } })
  const ran = await runCommand(['call', 'eth', 'eth_chainId', '--gateway', admin.url])
  expect({ ...ran, stderr: '' }).toEqual({ exitCode: 2, stdout: '', stderr: '' })
  expect(ran.stderr).toStartWith(
    `What answers at ${admin.url} (from --gateway) is the admin port of a gateway, not the port for consumers`,
  )
})

test('params, key and trace wish reach the gateway', async () => {
  await using server = gateway(() => null)
  await using admin = adminOf()
  const args = ['call', 'eth', 'eth_getBalance', '0xabc', 'latest', '--gateway', `${server.url}/`]
  await runCommand(args)
  await runCommand([...args, '--key', 'my-key_0123456789'])
  await runCommand(args, { env: { MOORING_KEY: 'from-environment' } })
  await runCommand([...args, '--trace', '--admin', admin.url])
  const [plain, keyed, environment, traced] = server.requests
  expect(plain).toMatchObject({ path: '/eth', params: ['0xabc', 'latest'] })
  expect(plain?.headers.get('x-mooring-trace')).toBeNull()
  expect(keyed?.path).toBe('/eth/my-key_0123456789')
  expect(environment?.path).toBe('/eth/from-environment')
  expect(traced?.headers.get('x-mooring-trace')).toBe('1')
})

test('--json prints the request, its outcome and the trace id as one object', async () => {
  await using server = gateway(() => '0x10')
  const ran = await runCommand(['call', 'eth', 'm', '1', '--json', '--gateway', server.url])
  expect(JSON.parse(ran.stdout)).toEqual({
    chain: 'eth',
    method: 'm',
    params: [1],
    result: '0x10',
    traceId: 'abc123',
  })
})

test('a JSON-RPC error is told on stderr with exit code 4', async () => {
  const error = { code: 3, message: 'execution reverted', data: '0x08c379a0' }
  await using server = gateway(() => ({ error }))
  const args = ['call', 'eth', 'eth_call', '--gateway', server.url]
  expect(await runCommand(args)).toEqual({
    exitCode: 4,
    stdout: '',
    stderr: 'error 3: execution reverted\ndata: "0x08c379a0"\ntrace: abc123\n',
  })
  const json = await runCommand([...args, '--json'])
  expect(json.exitCode).toBe(4)
  expect(JSON.parse(json.stdout)).toMatchObject({ error, traceId: 'abc123' })
})

test('--trace says which upstreams were asked and why, beside the answer', async () => {
  await using server = gateway(() => '0x10')
  await using admin = adminOf()
  const args = ['call', 'eth', 'eth_getBalance', '--trace', '--gateway', server.url]
  const ran = await runCommand([...args, '--admin', admin.url])
  expect(ran).toEqual({
    exitCode: 0,
    stdout: '0x10\n',
    stderr: [
      'trace abc123: ok in 62 ms, from an upstream',
      'UPSTREAM     WHY        AFTER   TOOK  OUTCOME      DETAIL',
      'charlie/two  first     0.2 ms  12 ms  serverFault  HTTP 500',
      'alpha/one    failover   13 ms  49 ms  ok',
      '',
    ].join('\n'),
  })
  const json = await runCommand([...args, '--admin', admin.url, '--json'])
  expect(JSON.parse(json.stdout).trace).toEqual(trace)
})

test('without the admin port the answer is printed all the same, with exit code 3', async () => {
  await using server = gateway(() => '0x10')
  const dead = await deadUrl()
  const args = ['call', 'eth', 'm', '--trace', '--gateway', server.url, '--admin', dead]
  const { exitCode, stdout, stderr } = await runCommand(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '0x10\n' })
  expect(stderr).toContain(`No gateway's admin port answers at ${dead}`)
})

test('the trace id of an error is printed once', async () => {
  const data = { failure: 'NO_UPSTREAM', traceId: 'abc123' }
  await using server = gateway(() => ({ error: { code: -32070, message: 'nobody', data } }))
  await using admin = adminOf()
  const args = ['call', 'eth', 'm', '--gateway', server.url]
  const plain = await runCommand(args)
  expect(plain.stderr).toBe(
    'error -32070: nobody\ndata: {"failure":"NO_UPSTREAM"}\ntrace: abc123\n',
  )
  const traced = await runCommand([...args, '--trace', '--admin', admin.url])
  expect(traced.exitCode).toBe(4)
  expect(traced.stderr.match(/abc123/g)).toHaveLength(1)
})

test('a trace is not asked of the local network about another gateway', async () => {
  using folder = openFolder()
  await using server = gateway(() => '0x10')
  await using admin = adminOf()
  const network = (url: string) => {
    mkdirSync(join(folder.path, '.mooring'), { recursive: true })
    writeFileSync(networkFileOf(folder.path), JSON.stringify({ gateway: url, admin: admin.url }))
  }
  const args = ['call', 'eth', 'm', '--trace']
  const world = { cwd: folder.path, env: { MOORING_GATEWAY: server.url } }

  network('http://127.0.0.1:1')
  for (const ran of [
    await runCommand(args, world),
    await runCommand([...args, '--gateway', server.url], { cwd: folder.path }),
  ]) {
    expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain('add --admin URL')
  }
  expect(server.requests).toHaveLength(0)
  network(server.url.replace('127.0.0.1', 'localhost'))
  expect(await runCommand(args, world)).toMatchObject({ exitCode: 0, stdout: '0x10\n' })
})

test.each([
  [
    'a path behind the address',
    ['--gateway', 'http://127.0.0.1:1/eth'],
    {},
    '--gateway: the address is host and port',
  ],
  [
    'a query behind it',
    [],
    { MOORING_GATEWAY: 'http://127.0.0.1:1/?a' },
    'without a path: use http://127.0.0.1:1.',
  ],
  [
    'a key with a space',
    ['--key', 'with space 12345678'],
    {},
    '--key is no API key: those are 16 to 128 letters',
  ],
  ['an empty key', ['--key', ''], {}, '--key is no API key'],
  ['a short key', [], { MOORING_KEY: 'short' }, 'MOORING_KEY is no API key'],
])('%s is refused before anything is sent', async (_, args, env, explanation) => {
  const { exitCode, stderr } = await runCommand(['call', 'eth', 'm', ...args], {
    env,
    fetch: () => Promise.reject(new Error('something was sent')),
  })
  expect(exitCode).toBe(2)
  expect(stderr).toContain(explanation)
})

test('no gateway is exit code 3; something else on its port is named', async () => {
  const dead = await deadUrl()
  const nobody = await runCommand(['call', 'eth', 'm', '--gateway', dead])
  expect(nobody.exitCode).toBe(3)
  expect(nobody.stderr).toContain(dead)
  await using stranger = serveJson({})
  const other = await runCommand(['call', 'eth', 'm', '--gateway', stranger.url])
  expect(other.exitCode).toBe(1)
  expect(other.stderr).toContain('HTTP 404, but not with JSON-RPC: "no such path"')
})
