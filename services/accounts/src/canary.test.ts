import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partNames } from '@mooring/onchain/deploy/plan'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { SQL } from 'bun'
import { ask, chainId, newKeyHash, signInMessage, testConfig, wallet } from './accounts.fixtures.ts'
import { confirmationCodeOf } from './alerts/confirm.ts'

/**
 * Row 28: nothing that must stay secret is in a log line, a meter or an error, whatever goes wrong. The service runs as
 * it would, at its most talkative, and everything it says is searched.
 */

let postgres: Postgres
let folder: string
const canary = (name: string) => `canary-${name}-${crypto.randomUUID()}`
const secrets = {
  databasePassword: canary('database'),
  gatewayCredential: canary('gateway-credential-that-is-long'),
  signingKey: canary('signing-key-that-is-long'),
  nodeKey: canary('node'),
  verifierKey: canary('verifier'),
  verifierCredential: canary('verifier-credential-that-is-long'),
  hookKey: canary('hook'),
  mailerKey: canary('mailer'),
}
/** Secrets that come up while it runs. */
const found = new Map<string, string>()
const said: string[] = []
let child: Bun.Subprocess
let url = ''
let gatewayUrl = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-canary-'))
  postgres = await startPostgres()
  const database = new URL(await postgres.createDatabase('canary'))
  // Anyone may connect, so that the password is only carried along.
  database.password = secrets.databasePassword
  const zero = `0x${'00'.repeat(20)}` as const
  // Every name of the list becomes a member.
  const parts = Object.fromEntries(partNames.map((name) => [name, zero])) as Record<
    (typeof partNames)[number],
    typeof zero
  >
  const people = { deployer: zero, guardian: zero, admissions: zero, proposers: [], executors: [] }
  const deployment = join(folder, 'deployment.json')
  await writeFile(
    deployment,
    formatDeployment({ chainId, firstBlock: 0, delaySeconds: 0, ...people, parts }),
  )
  const config = testConfig(database.href, {
    gatewayCredentials: [secrets.gatewayCredential],
    logLevel: 'debug',
    signIn: { rpcUrl: `http://127.0.0.1:1/${secrets.nodeKey}` },
    deposits: {
      deployment,
      verifiers: [
        {
          ...{ address: zero, url: `http://127.0.0.1:1/${secrets.verifierKey}` },
          credential: secrets.verifierCredential,
        },
      ],
      ...{ verifiersMin: 1, checkIntervalMs: 20, revocationIntervalMs: 20 },
    },
    alerts: {
      ...{ signingKey: secrets.signingKey, allowLoopback: true, pollIntervalMs: 20 },
      mailerUrl: `http://127.0.0.1:1/${secrets.mailerKey}`,
    },
  })
  const file = join(folder, 'accounts.yaml')
  await writeFile(file, JSON.stringify(config))
  child = Bun.spawn(
    [process.execPath, '--no-install', join(import.meta.dir, 'main.ts'), '--config', file],
    { stdout: Bun.file(join(folder, 'out')), stderr: Bun.file(join(folder, 'log')) },
  )
  const endMs = performance.now() + 10_000
  for (;;) {
    const lines = (await everythingWritten()).split('\n')
    const started = lines.find((line) => line.includes('accounts started'))
    if (started !== undefined) {
      ;({ url, gatewayUrl } = JSON.parse(started))
      return
    }
    if (performance.now() > endMs) throw new Error(`it did not start: ${lines.join('\n')}`)
    await Bun.sleep(20)
  }
}, 20_000)
afterAll(async () => {
  child?.kill()
  await child?.exited
  await postgres?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

/** Both streams, from the first line on. */
async function everythingWritten(): Promise<string> {
  const files = ['out', 'log'].map((name) => Bun.file(join(folder, name)))
  return (await Promise.all(files.map((file) => file.text()))).join('\n')
}

async function everythingStored(): Promise<string> {
  await using sql = new SQL(new URL('/canary', postgres.url).href, { max: 1 })
  const tables = await sql<{ name: string }[]>`
    select tablename::text as name from pg_tables where schemaname = 'public'`
  const texts: string[] = []
  for (const { name } of tables) {
    const rows = await sql<
      { row: string }[]
    >`select to_jsonb(t)::text as row from ${sql(name)} as t`
    texts.push(...rows.map(({ row }) => row))
  }
  return texts.join('\n')
}

async function confirmationIdOf(address: string): Promise<string> {
  await using sql = new SQL(new URL('/canary', postgres.url).href, { max: 1 })
  const [row] = await sql`select confirmation_id from email_addresses where address = ${address}`
  return row.confirmation_id
}

/** Asks, and keeps what is answered to be searched; answers that tell a secret on purpose are left out. */
async function say(
  at: string,
  method: string,
  path: string,
  options: Parameters<typeof ask>[3] & { tells?: boolean } = {},
) {
  const { tells = false, ...rest } = options
  const answer = await ask<Record<string, string>>(at, method, path, rest)
  if (!tells) said.push(`${JSON.stringify(answer.body)} ${JSON.stringify([...answer.headers])}`)
  return answer
}

async function signIn(number: number) {
  const message = await signInMessage(url, wallet(number).address, { nowMs: Date.now() })
  const signature = await wallet(number).signMessage({ message })
  found.set(`signature ${number}`, signature)
  found.set(`nonce ${number}`, /Nonce: (\w+)/.exec(message)![1]!)
  const body = { message, signature }
  const { body: answer } = await say(url, 'POST', '/v1/auth/siwe', { body, tells: true })
  found.set(`session ${number}`, answer.token!)
  found.set(`csrf ${number}`, answer.csrf!)
  // The same again is refused, and says why.
  await say(url, 'POST', '/v1/auth/siwe', { body })
  return answer.token!
}

test('no secret is in a log line, a meter, an answer or an error', async () => {
  const token = await signIn(1)
  const other = await signIn(2)
  const project = await say(url, 'POST', '/v1/projects', { token, body: { name: 'site' } })
  const keys = `/v1/projects/${project.body.id}/keys`
  await say(url, 'POST', keys, { token, body: { keyHash: newKeyHash(), name: 'web' } })
  // A key that is sent where its hash belongs must not come back in the refusal.
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
  found.set('key', key)
  await say(url, 'POST', keys, { token, body: { keyHash: key, name: 'web' } })
  await say(url, 'POST', keys, { token, body: { [key]: key } })
  await say(url, 'GET', `/v1/keys/${key}`, { token })
  await say(url, 'GET', `/v1/account?key=${key}`, { token: key })
  await say(url, 'POST', '/v1/tokens', { token, body: { token: key } })
  const hook = `http://127.0.0.1:1/${secrets.hookKey}`
  const wish = { channel: 'webhook', asset: 'ankr', threshold: '5', target: hook }
  const alert = await say(url, 'POST', '/v1/alerts', { token, body: wish, tells: true })
  found.set('webhook secret', alert.body.secret!)
  const mail = { ...wish, channel: 'email', target: 'a@example.org' }
  const asked = await say(url, 'POST', '/v1/alerts', { token, body: mail })
  const code = confirmationCodeOf(secrets.signingKey, await confirmationIdOf(mail.target))
  found.set('confirmation code', code)
  await say(url, 'POST', `/v1/alerts/${asked.body.id}/confirm`, {
    token,
    body: { code: `${code}x` },
  })
  await say(url, 'POST', '/v1/alerts', {
    token,
    body: { ...wish, target: `https://10.0.0.1/${secrets.hookKey}` },
  })
  await say(url, 'POST', '/v1/deposits', {
    token,
    body: { transactionHash: `0x${'ab'.repeat(32)}`, logIndex: 0 },
  })
  // A wallet that is a contract is asked of a node that is away.
  const message = await signInMessage(url, wallet(3).address, { nowMs: Date.now() })
  const odd = `0x${Buffer.from(crypto.getRandomValues(new Uint8Array(90))).toString('hex')}`
  found.set('signature of a contract', odd)
  expect(
    (await say(url, 'POST', '/v1/auth/siwe', { body: { message, signature: odd } })).status,
  ).toBe(503)
  await say(gatewayUrl, 'GET', '/v1/gateway/changes', { token: secrets.gatewayCredential })
  await say(gatewayUrl, 'GET', '/v1/gateway/changes', { token: other })
  await Bun.sleep(300)

  // What is borne is stored by its hash alone, and what it unlocks is not stored at all.
  const rows = await everythingStored()
  expect(rows).toContain('eip155:')
  for (const [name, secret] of found) {
    const hex = Buffer.from(secret, 'base64url').toString('hex')
    for (const form of [secret, hex])
      expect(rows.includes(form), `${name} in the database`).toBeFalse()
  }

  // Now everything that needs the database breaks, in every round and every request.
  {
    await using sql = new SQL(new URL('/canary', postgres.url).href, { max: 1 })
    await sql`alter table sessions rename to gone`
    await sql`alter table deposits rename to gone_too`
    await sql`alter table nonces rename to gone_as_well`
  }
  expect((await say(url, 'GET', '/v1/account', { token })).status).toBe(500)
  expect((await say(url, 'POST', '/v1/auth/nonce')).status).toBe(500)
  await Bun.sleep(200)
  await postgres.stop()
  expect((await say(url, 'GET', '/v1/account', { token })).status).toBe(500)
  expect((await say(gatewayUrl, 'GET', '/ready')).status).toBe(503)
  said.push(await (await fetch(`${gatewayUrl}/metrics`)).text())
  child.kill()
  await child.exited
  said.push(await everythingWritten())

  const everything = said.join('\n')
  // So that an empty search is not taken for a clean one.
  for (const line of [
    'accounts started',
    'signed in',
    'request refused',
    'request broke',
    'round failed',
    'verifier failed',
    'letter tried',
  ]) {
    expect(everything).toContain(line)
  }
  for (const [name, secret] of [...Object.entries(secrets), ...found]) {
    const forms = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      secret.replace(/^0x/, ''),
    ]
    for (const form of forms) expect(everything.includes(form), name).toBeFalse()
  }
}, 30_000)
