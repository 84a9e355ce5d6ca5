import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { signTokenRequest } from '@mooring/onchain/access-tokens'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import {
  domainOf,
  findToken,
  keyHashOf,
  post,
  tokenFrom,
  until,
  wishFor,
} from '@mooring/testkit/verifier-seats'
import { startVerifiers, type Verifiers } from '@mooring/testkit/verifiers'

setDefaultTimeout(60_000)

const serviceCredential = 'what-the-accounts-service-bears-here'
let chain: DepositChain
let folder: string
let verifiers: Verifiers

beforeAll(async () => {
  chain = await openDepositChain()
  folder = await mkdtemp(join(tmpdir(), 'mooring-verifier-main-'))
  verifiers = await startVerifiers({
    deployment: chain.system.deployment,
    sourcesOf: () => chain.nodes.map(({ url }) => url),
    folder,
    settings: {
      ...{ logLevel: 'debug', watchIntervalMs: 100, trustedProxyHops: 1 },
      rate: { hourlyTokensMax: 2 },
      services: [{ name: 'accounts', credential: serviceCredential }],
    },
  })
})
afterAll(async () => {
  await verifiers?.[Symbol.asyncDispose]()
  await chain?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('three processes make a token, one of them killed, and tell no log what is in it', async () => {
  const [first, second, third] = verifiers.processes
  if (first === undefined || second === undefined || third === undefined) throw new Error('three')
  third.kill()
  const wish = await wishFor(chain, 1)
  const { token } = await tokenFrom(first, wish)
  await until(async () => (await findToken(second, wish))?.token === token)
  const metrics = await (await fetch(`${first.adminUrl}/metrics`)).text()
  expect(metrics).toContain('tokens_issued_total{stage="full"} 1')
  const said = [first.tail(), second.tail(), third.tail(), metrics].join('\n')
  expect(said).toContain('token issued')
  const [, payload = '', signature = ''] = token.split('.')
  const secrets = [wish.access.key, wish.request.signature, payload, signature]
  for (const secret of secrets) expect(said).not.toContain(secret)
  for (const { url } of chain.nodes) expect(said).not.toContain(url)
  expect(said).not.toContain(keyHashOf(wish.access))
})

test('an account may ask for so many tokens an hour, and another one as many', async () => {
  const [first, second] = verifiers.processes
  if (first === undefined || second === undefined) throw new Error('three')
  await tokenFrom(first, await wishFor(chain, 3))
  await tokenFrom(first, await wishFor(chain, 3))
  const third = await wishFor(chain, 3)
  expect(tokenFrom(first, third)).rejects.toThrow('an account may ask for 2 tokens an hour')
  await tokenFrom(first, await wishFor(chain, 4))
  // Also when they all come at once, at different verifiers.
  const wish = await wishFor(chain, 5)
  const { transactionHash, logIndex, keyCommitment, deliverTo } = wish.request
  const same = { transactionHash, logIndex, keyCommitment, deliverTo, delivery: 'key' as const }
  const requests = await Promise.all(
    Array.from({ length: 8 }, () => signTokenRequest(domainOf(chain), player(5), same, Date.now())),
  )
  const answers = await Promise.all(
    requests.map((request, at) => {
      return post(`${[first, second][at % 2]?.url}/v1/tokens`, request)
    }),
  )
  // Each of the two that are left lets other two of them through, and a token takes both: 2 × 2 ÷ 2.
  const given = answers.filter(({ status }) => status === 200)
  expect(given.length).toBeLessThanOrEqual(2)
})

test('behind a proxy each client has a limit of its own, whatever it claims to be', async () => {
  const url = `${verifiers.processes[0]?.url}/v1/attestations`
  const askAs = async (forwardedFor: string, more: Record<string, string> = {}) => {
    const headers = { 'x-forwarded-for': forwardedFor, ...more }
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
    return ((await answer.json()) as { code: string }).code
  }
  // 50 at once and 5 each second are allowed.
  const asked = Array.from({ length: 100 }, (_, at) => askAs(`10.0.0.${at}, 198.51.100.7`))
  const codes = new Set(await Promise.all(asked))
  expect([...codes].sort()).toEqual(['MALFORMED', 'RATE_LIMITED'])
  expect(await askAs('198.51.100.7, 198.51.100.8')).toBe('MALFORMED')
  // A service that bears its credential has another limit, whatever its address has used up.
  const bearing = (credential: string) => ({ authorization: `Bearer ${credential}` })
  const service = Array.from({ length: 150 }, () =>
    askAs('198.51.100.7', bearing(serviceCredential)),
  )
  expect(new Set(await Promise.all(service))).toEqual(new Set(['MALFORMED']))
  expect(await askAs('198.51.100.9', bearing('made-up'))).toBe('BAD_CREDENTIAL')
  const guesses = Array.from({ length: 100 }, () => askAs('198.51.100.9', bearing('made-up')))
  expect(await Promise.all(guesses)).toContain('RATE_LIMITED')
  for (const one of verifiers.processes) expect(one.tail()).not.toContain(serviceCredential)
})

test('a wrong configuration is told whole, with its lines', async () => {
  const [wrong, twice] = [join(folder, 'wrong.yaml'), join(folder, 'twice.yaml')]
  await writeFile(wrong, 'sources: [http://a.example]\ndepthBlocks: -1\npeer: []\n')
  await writeFile(twice, 'sources: [http://a.example/x, http://a.example/y]\n')
  const [whole, sameNode, nothing, nonsense] = await Promise.all([
    run('--config', wrong),
    run('--config', twice),
    run(),
    run('--nonsense'),
  ])
  expect(whole.code).toBe(2)
  for (const part of [':1: sources', ':2: depthBlocks', ':3: peer', 'signerKey', 'dataFolder']) {
    expect(whole.text).toContain(part)
  }
  expect(sameNode.text).toContain('the same node twice')
  expect([nothing.code, nonsense.code]).toEqual([2, 2])
})

test('it says how it is called', async () => {
  const { code, answer } = await run('--help')
  expect([code, answer]).toEqual([0, expect.stringContaining('verifier --config FILE')])
})

test('the name of a key may begin with a dash', async () => {
  const config = join(folder, verifiers.processes[0]!.address, 'verifier.yaml')
  const { code, text } = await run('end-key', `-${'a'.repeat(42)}`, '--config', config)
  expect([code, text]).toEqual([1, expect.stringContaining('this verifier has no such key')])
})

test('a check opens the deployment that is named', async () => {
  const [first] = verifiers.processes
  const right = await Bun.file(join(folder, first!.address, 'verifier.yaml')).text()
  const file = join(folder, 'checked.yaml')
  await writeFile(file, right)
  expect(JSON.parse((await run('--check', '--config', file)).answer).problems).toEqual([])
  await writeFile(file, right.replace(/^deployment: .*$/m, 'deployment: /no/such/file'))
  const { code, answer } = await run('--check', '--config', file)
  expect(code).toBe(2)
  expect(JSON.parse(answer).problems).toMatchObject([
    { path: 'deployment', message: '/no/such/file cannot be read: there is no such file' },
  ])
})

test('a port that is taken is named with its setting', async () => {
  const [first] = verifiers.processes
  const text = await Bun.file(join(folder, first!.address, 'verifier.yaml')).text()
  const file = join(folder, 'taken.yaml')
  await writeFile(file, text.replace(/^dataFolder: .*$/m, `dataFolder: ${join(folder, 'other')}`))
  const { port } = new URL(first!.url)
  const ended = await run('--config', file)
  expect(ended.code).toBe(2)
  expect(ended.text).toContain(
    `${file}: listen.port: port ${port} of 127.0.0.1 is taken by another program\nStop that program, or`,
  )
})

async function run(...args: string[]): Promise<{ code: number; text: string; answer: string }> {
  const main = resolve(import.meta.dir, 'main.ts')
  const child = Bun.spawn([process.execPath, '--no-install', main, ...args], { stderr: 'pipe' })
  const [text, answer] = await Promise.all([child.stderr.text(), child.stdout.text()])
  return { code: await child.exited, text, answer }
}
