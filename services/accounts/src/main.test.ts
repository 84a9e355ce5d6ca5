import { expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadSettings } from '@mooring/settings/load'
import { startPostgres } from '@mooring/testkit/postgres'
import { ask, chainId } from './accounts.fixtures.ts'
import { configSchema } from './config.ts'

const example = resolve(import.meta.dir, '../../../docs/accounts.example.yaml')

/** Runs it to its end, or until it has said something. */
async function run(text: string | undefined, until?: string, more: string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-accounts-'))
  const file = join(folder, 'accounts.yaml')
  await writeFile(file, text ?? '')
  const args = text === undefined ? [] : ['--config', file, ...more]
  const child = Bun.spawn(
    [process.execPath, '--no-install', join(import.meta.dir, 'main.ts'), ...args],
    {
      stdout: Bun.file(join(folder, 'out')),
      stderr: Bun.file(join(folder, 'log')),
    },
  )
  const log = () => Bun.file(join(folder, 'log')).text()
  const endMs = performance.now() + 10_000
  while (until !== undefined && !(await log()).includes(until) && performance.now() < endMs)
    await Bun.sleep(20)
  return {
    child,
    log,
    file,
    async ended() {
      const code = await child.exited
      const said = await log()
      const answer = await Bun.file(join(folder, 'out')).text()
      await rm(folder, { recursive: true })
      return { code, answer, said: said.replaceAll(file, 'accounts.yaml') }
    },
  }
}

test('without a configuration it says how it is called', async () => {
  const { code, said } = await (await run(undefined)).ended()
  expect(code).toBe(2)
  expect(said).toContain('accounts --config FILE')
})

test('every problem of a configuration is told with its line', async () => {
  const text = 'databaseUrl: mysql://x\nsignIn:\n  chainId: 1\ngatewayCredentials: [short]\n'
  const { code, said } = await (await run(text)).ended()
  expect(code).toBe(2)
  expect(said).toBe(`The configuration has 3 problems:
accounts.yaml:1: databaseUrl: a postgres:// URL
accounts.yaml:3: signIn.rpcUrl: is missing: it has to be text
accounts.yaml:4: gatewayCredentials[0]: 32 to 256 characters without a space
`)
})

test('a check says whether a configuration is right, and starts nothing', async () => {
  const right = 'databaseUrl: postgres://x\nsignIn: { chainId: 1, rpcUrl: "http://127.0.0.1:1" }\n'
  const checked = await (await run(right, undefined, ['--check'])).ended()
  expect([checked.code, JSON.parse(checked.answer)]).toEqual([0, { ok: true, problems: [] }])
  const wrong = await (await run(right.replace('1,', 'one,'), undefined, ['--check'])).ended()
  expect(wrong.code).toBe(2)
  expect(JSON.parse(wrong.answer).problems).toEqual([
    { path: 'signIn.chainId', line: 2, message: 'has to be a number' },
  ])
})

test('a database that is away ends it, and its password is not told', async () => {
  const text = `databaseUrl: postgres://u:canary-7d1@127.0.0.1:1/x\nsignIn: { chainId: 1, rpcUrl: "http://127.0.0.1:1" }\n`
  const { code, said } = await (await run(text)).ended()
  expect(code).toBe(1)
  expect(said).not.toContain('canary')
})

test('it serves, and stops when it is told to', async () => {
  await using postgres = await startPostgres()
  const text = `databaseUrl: ${postgres.url}
listen: { port: 0 }
gatewayListen: { port: 0 }
signIn: { chainId: ${chainId}, rpcUrl: "http://127.0.0.1:1" }
`
  const running = await run(text, 'accounts started')
  const { url } = JSON.parse((await running.log()).split('\n')[0]!)
  expect((await ask(url, 'POST', '/v1/auth/nonce')).status).toBe(200)
  running.child.kill('SIGTERM')
  const { code, said } = await running.ended()
  expect(code).toBe(0)
  expect(said).toContain('accounts stopping')
}, 20_000)

test('the example is a configuration', async () => {
  const environment = {
    DATABASE_URL: 'postgres://mooring@db.example/mooring',
    RPC_URL: 'https://node.example/key',
    GATEWAY_CREDENTIAL: 'x'.repeat(32),
    WEBHOOK_KEY: 'y'.repeat(32),
  }
  const loaded = await loadSettings(configSchema, example, environment)
  expect(loaded).toMatchObject({ ok: true })
})
