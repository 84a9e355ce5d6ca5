import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { partNames } from '@mooring/onchain/deploy/plan'
import { type Deployment, formatDeployment } from '@mooring/onchain/deployment'
import { loadSettings } from '@mooring/settings/load'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { ask, chainId, signInAs, wallet } from './accounts.fixtures.ts'
import { configSchema } from './config.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const example = resolve(import.meta.dir, '../../../docs/accounts.example.yaml')
const signIn = `signIn: { chainId: ${chainId}, rpcUrl: "http://127.0.0.1:1" }`
const anyPorts = 'listen: { port: 0 }\ngatewayListen: { port: 0 }'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-accounts-'))
  // PostgreSQL, where it runs as another user, has to get there.
  await chmod(folder, 0o711)
})
const children: Bun.Subprocess[] = []
afterAll(async () => {
  // What a test that failed has left running.
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(({ exited }) => exited))
  await rm(folder, { recursive: true })
})

/** Runs it to its end, or until it has said something. */
async function run(text: string | undefined, until?: string, more: string[] = []) {
  const own = await mkdtemp(join(folder, 'run-'))
  const file = join(own, 'accounts.yaml')
  await writeFile(file, text ?? '')
  const args = text === undefined ? more : ['--config', file, ...more]
  const child = Bun.spawn(
    [process.execPath, '--no-install', join(import.meta.dir, 'main.ts'), ...args],
    { stdout: Bun.file(join(own, 'out')), stderr: Bun.file(join(own, 'log')) },
  )
  children.push(child)
  const log = () => Bun.file(join(own, 'log')).text()
  const endMs = performance.now() + 30_000
  while (until !== undefined && !(await log()).includes(until) && performance.now() < endMs)
    await Bun.sleep(20)
  return {
    child,
    log,
    async ended() {
      const code = await child.exited
      const answer = await Bun.file(join(own, 'out')).text()
      return { code, answer, said: (await log()).replaceAll(file, 'accounts.yaml') }
    },
  }
}

/** As far as it has started. */
async function runToStart(text: string) {
  const running = await run(text, 'accounts started')
  const { url } = JSON.parse((await running.log()).split('\n')[0]!) as { url: string }
  return { ...running, url }
}

test('it says how it is called when it is asked to, and when no configuration is named', async () => {
  const helped = await (await run(undefined, undefined, ['--help'])).ended()
  expect([helped.code, helped.said]).toEqual([0, ''])
  expect(helped.answer).toContain('accounts --config FILE')
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

test('a check opens the deployment that is named, and sees whether it is of the chain', async () => {
  const deployment = join(folder, 'deployment.json')
  const verifiers = `verifiers: [{ address: "0x${'11'.repeat(20)}", url: "http://127.0.0.1:1" }]`
  const text = `${signIn}\ndeposits:\n  deployment: ${deployment}\n  verifiersMin: 2\n  ${verifiers}\n`
  const problemsOf = async (written: string | undefined) => {
    if (written !== undefined) await writeFile(deployment, written)
    const { code, answer } = await (await run(text, undefined, ['--check'])).ended()
    expect(code).toBe(2)
    return JSON.parse(answer).problems as { path: string; line: number; message: string }[]
  }
  const path = 'deposits.deployment'
  expect(await problemsOf(undefined)).toEqual([
    { path, line: 3, message: `${deployment} cannot be read: there is no such file` },
    { path: 'deposits.verifiersMin', line: 4, message: '2 must agree, and 1 are listed' },
  ])
  const [broken] = await problemsOf('{ "chainId": 1 }')
  expect(broken).toMatchObject({ path, line: 3 })
  expect(broken?.message).toContain('is not what it has to be')
  const zero = `0x${'00'.repeat(20)}` as const
  const people = { deployer: zero, guardian: zero, admissions: zero, proposers: [], executors: [] }
  // Every name of the list becomes a member.
  const parts = Object.fromEntries(partNames.map((name) => [name, zero])) as Deployment['parts']
  const facts = { firstBlock: 0, delaySeconds: 0, ...people, parts }
  const [other] = await problemsOf(formatDeployment({ chainId: 5, ...facts }))
  expect(other?.message).toBe(`${deployment} is of chain 5, and signIn.chainId is ${chainId}`)
})

test('a database that is away ends it with what and where, and its password is not told', async () => {
  const text = `databaseUrl: postgres://u:canary-7d1@127.0.0.1:1/x\n${signIn}\n`
  const { code, said } = await (await run(text)).ended()
  expect(code).toBe(1)
  expect(said).toBe(
    'PostgreSQL at 127.0.0.1:1, database "x", cannot be used: nothing answers there: start it, or correct host and port in the URL\n',
  )
})

describe('without the URL of a database', () => {
  const dataOf = () => join(folder, 'data')
  const configuration = () => `dataFolder: ${dataOf()}\n${anyPorts}\n${signIn}\n`
  const postgresPid = async () => {
    const note = await readFile(join(dataOf(), 'postgres', 'postmaster.pid'), 'utf8').catch(
      () => '',
    )
    return note === '' ? undefined : Number(note.split('\n')[0])
  }

  test('it starts one of its own, which stops with it', async () => {
    const running = await runToStart(configuration())
    expect((await ask(running.url, 'POST', '/v1/auth/nonce')).status).toBe(200)
    const pid = await postgresPid()
    expect(pid).toBeGreaterThan(0)
    running.child.kill('SIGTERM')
    const { code, said } = await running.ended()
    expect([code, said]).toEqual([0, expect.stringContaining('accounts stopping')])
    expect(await postgresPid()).toBeUndefined()
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
  })

  test('it is killed and started again, and finds what it had', async () => {
    const first = await runToStart(configuration())
    const token = await signInAs(first.url, wallet(1), { nowMs: Date.now() })
    const left = await postgresPid()
    first.child.kill('SIGKILL')
    await first.child.exited
    // Nobody has told it to end.
    process.kill(left!, 0)
    const second = await runToStart(configuration())
    expect((await ask(second.url, 'GET', '/v1/account', { token })).status).toBe(200)
    // Two cannot hold the same data, so that the first one is gone.
    expect(await postgresPid()).not.toBe(left)
    second.child.kill('SIGTERM')
    expect((await second.ended()).code).toBe(0)
  })

  test('it ends when its own ends, and says so', async () => {
    const running = await runToStart(configuration())
    process.kill((await postgresPid())!, 'SIGQUIT')
    const { code, said } = await running.ended()
    expect(code).toBe(1)
    expect(said).toContain(`the PostgreSQL in ${dataOf()} ended with`)
  })
})

describe('with the URL of a database', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  test('it serves, and stops when it is told to', async () => {
    const running = await runToStart(`databaseUrl: ${postgres.url}\n${anyPorts}\n${signIn}\n`)
    expect((await ask(running.url, 'POST', '/v1/auth/nonce')).status).toBe(200)
    running.child.kill('SIGTERM')
    const { code, said } = await running.ended()
    expect(code).toBe(0)
    expect(said).toContain('accounts stopping')
  })

  test.each(['listen', 'gatewayListen'])('a port of %p that is taken is named', async (setting) => {
    using server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
    const ports = anyPorts.replace(`${setting}: { port: 0`, `${setting}: { port: ${server.port}`)
    const text = `databaseUrl: ${postgres.url}\n${ports}\n${signIn}\n`
    const { code, said } = await (await run(text)).ended()
    expect([code, said]).toEqual([
      2,
      `accounts.yaml: ${setting}.port: port ${server.port} of 127.0.0.1 is taken by another program\n` +
        'Stop that program, or set another port.\n',
    ])
  })
})

test('the example is a configuration', async () => {
  const environment = {
    DATABASE_URL: 'postgres://mooring@db.example/mooring',
    RPC_URL: 'https://node.example/key',
    GATEWAY_CREDENTIAL: 'x'.repeat(32),
    WEBHOOK_KEY: 'y'.repeat(32),
    VERIFIER_ONE_CREDENTIAL: 'v'.repeat(32),
    VERIFIER_TWO_CREDENTIAL: 'v'.repeat(32),
    VERIFIER_THREE_CREDENTIAL: 'v'.repeat(32),
  }
  const loaded = await loadSettings(configSchema, example, environment)
  expect(loaded).toMatchObject({ ok: true })
})
