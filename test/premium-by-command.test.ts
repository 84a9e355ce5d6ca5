import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { deadUrl, type Ran, serveJson } from '@mooring/cli/context.fixtures'
import { encodeBytes } from '@mooring/protocol/access/token'
import { type Hex, hexToBytes } from 'viem'
import { startLyingVerifier } from './premium-by-command/lying-verifier.ts'
import { startWorld, type World } from './premium-by-command/world.ts'

/** From a wallet to a premium answer by the command that people use, against real processes. */

// A whole network starts here, on a machine that may have other work.
setDefaultTimeout(120_000)

const chapterCount = 14
/** A first deposit that names the hash of no key at all. */
const noKey = ['--key-commitment', `0x${'1'.repeat(64)}`, '--dry-run']

let world: World
/** The deposit of player 2, that tokens are asked for in many ways. */
let deposit: string

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const request = (...more: string[]) => [
  ...['token', 'request', '--key', 'main', '--transaction', deposit],
  ...more,
]

/** What a program gets that sends one request to an endpoint. */
async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] })
  return (await fetch(url, { method: 'POST', body, headers })).status
}

/** Waits until the gateway has heard. The test's own deadline ends it. */
async function untilStatus(url: string, status: number): Promise<void> {
  while ((await statusOf(url)) !== status) await Bun.sleep(50)
}

async function endpointOf(player: number, name: string, ...more: string[]): Promise<string> {
  const { stdout } = await world.run(player, ['keys', 'show', name, '--show', ...more])
  return stdout.trim()
}

function expectRefused({ exitCode, stderr }: Ran, code: number, says: string | RegExp): void {
  expect(stderr).toMatch(says)
  expect(exitCode).toBe(code)
}

describe('the demo', () => {
  test('goes from a fresh wallet to a premium answer, and everything holds', async () => {
    const { exitCode, stdout, stderr } = await world.run(1, ['demo', 'premium'])
    const rows = stdout.trim().split('\n')
    expect(rows.filter((row) => / {2}ok {2}/.test(row))).toHaveLength(chapterCount)
    expect(rows.at(-1)).toMatch(/^altogether +\d+\.\d s$/)
    expect(stderr).toContain(`${chapterCount}/${chapterCount}  sign out`)
    expect(exitCode).toBe(0)
  })

  test('leaves the network as it was', async () => {
    const answers = world.verifiers.map(async (url) => (await fetch(`${url}/ready`)).ok)
    expect(await Promise.all(answers)).toEqual([true, true, true])
    for (const { provider, node } of world.summary.chains.local_one?.fronts ?? []) {
      expect(world.network.front('local_one', provider, node).faults.lie).toBe('none')
    }
  })

  test('that is stopped says how far it came, and ends with 1', async () => {
    const interruption = () => AbortSignal.abort()
    const ran = await world.run(1, ['demo', 'premium', '--json'], { interruption })
    expect(ran.stderr).toContain('Stopped as you wished')
    const { ok, chapters } = JSON.parse(ran.stdout)
    const outcomes = chapters.map(({ outcome }: { outcome: string }) => outcome)
    expect(outcomes).toEqual(['stopped', ...Array(chapterCount - 1).fill('not reached')])
    expect([ok, ran.exitCode]).toEqual([false, 1])
  })
})

describe('a deposit', () => {
  test('that nobody waits for stands, and says how to go on', async () => {
    await world.run(2, ['keys', 'new', 'main'])
    const dry = await world.run(2, ['deposit', '1000', '--key', 'main', '--dry-run'])
    expect([dry.exitCode, dry.stdout]).toEqual([0, ''])
    expect(dry.stderr).toContain('key             main, delivery key')

    const args = ['deposit', '1000', '--key', 'main', '--yes', '--json']
    const ran = await world.runUntilWaiting(2, args)
    const { transaction, error } = JSON.parse(ran.stdout)
    expect(error).toContain('The deposit stands.')
    expect(error).toContain(`npx mooring token request --key main --transaction ${transaction}`)
    expect(ran.exitCode).toBe(1)
    deposit = transaction
  })

  test('gives no token before its time, and each verifier says why', async () => {
    const ran = await world.run(2, request('--no-wait'))
    expectRefused(ran, 5, /No verifier gave a token; 2 of them have to agree/)
    for (const url of world.verifiers) expect(ran.stderr).toContain(`${url} gave no token`)
    expect(ran.stderr).toContain('TOO_FEW_CONFIRMATIONS')
  })

  test('gives one after twelve blocks, and the gateway serves its key', async () => {
    await world.mine(12)
    const { token, endpoint } = await world.json(2, request())
    expect(token).toMatchObject({ tier: 'premium', stage: 'full', aud: 'mooring-gateway' })
    expect(endpoint).toBe(`${world.network.gateway.url}/local_one`)
    expect(await statusOf(await endpointOf(2, 'main'))).toBe(200)
  })

  test('is used as the command says, by curl, with the key in no argument', async () => {
    const { stderr } = await world.run(2, ['keys', 'show', 'main'])
    const [, ours = '', curl = ''] = /npx mooring (keys .*) \| (curl .*)/.exec(stderr) ?? []
    const { stdout } = await world.run(2, ours.split(' '))
    const sent = Bun.spawn(['sh', '-c', curl], { stdin: Buffer.from(stdout), stderr: 'inherit' })
    expect(await sent.stdout.json()).toMatchObject({ result: expect.stringMatching(/^0x/) })
    expect(stdout).toMatch(/^x-api-key: [0-9a-f]{64}\n$/)
  })
})

test('a key that is derived is made again by its wallet, and whoever makes it is told so', async () => {
  const first = await world.run(3, ['keys', 'new', 'derived', '--derive'])
  const again = await world.json(3, ['keys', 'new', 'again', '--derive'])
  expect(first.stderr).toContain('`npx mooring keys new NAME --derive` with the wallet')
  expect(first.stderr).toContain('makes the same key again')
  expect(first.stderr).not.toContain('nobody else has it')
  expect(first.stdout).toContain(String(again.commitment))
})

describe('verifiers are asked in turn, and', () => {
  test('one that is dead, one that is something else and liars are left for the next', async () => {
    const foreign = (await world.run(2, ['token', 'show', 'main', '--raw'])).stdout.trim()
    const [honest = ''] = world.verifiers
    await using other = serveJson({ '/v1/network': { depthBlocks: 12 } })
    await using forging = startLyingVerifier(honest, 'forged', foreign)
    await using foreigner = startLyingVerifier(honest, 'foreign', foreign)
    await using inflating = startLyingVerifier(honest, 'inflated')
    await using babbling = startLyingVerifier(honest, 'nonsense')
    const dead = await deadUrl()
    const bad = [dead, ...[other, forging, foreigner, inflating, babbling].map(({ url }) => url)]

    const all = await world.run(2, request('--verifiers', [...bad, honest].join()))
    expect(all.exitCode).toBe(0)
    const none = await world.run(2, request('--verifiers', bad.join()))
    expectRefused(none, 5, 'No verifier gave a token')
    for (const [url, says] of [
      [dead, 'connection refused'],
      [other.url, 'no answer of a verifier (HTTP 404)'],
      [forging.url, 'its signature is wrong'],
      [foreigner.url, 'it is for another request'],
      [inflating.url, 'too few verifiers attest the deposit'],
      [babbling.url, 'no answer of a verifier (HTTP 200)'],
    ]) {
      expect(none.stderr).toContain(`${url} gave no token: `)
      expect(none.stderr).toContain(String(says))
    }
  })

  test('below the threshold nobody gives any', async () => {
    const [, ...others] = world.summary.economy?.verifierNodes ?? []
    const fronts = others.flat().map((name) => {
      const [provider = '', node = ''] = name.split('/')
      return world.network.front('local_one', provider, node)
    })
    for (const front of fronts) await front.set({ down: true })
    try {
      const ran = await world.run(2, request())
      expectRefused(ran, 5, 'No verifier gave a token; 2 of them have to agree')
      expect(ran.stderr).toContain('TOO_FEW_VERIFIERS')
      expect(ran.stderr).toContain('SOURCE_UNREACHABLE')
    } finally {
      for (const front of fronts) await front.reset()
    }
  })

  test('where none is there the deposit still stands', async () => {
    const ran = await world.run(2, request('--verifiers', await deadUrl()))
    expectRefused(ran, 3, /No verifier answers at .*\. The deposit stands/)
  })
})

describe('a token is not asked for', () => {
  test('with a key that the account does not name on chain', async () => {
    await world.run(2, ['keys', 'new', 'unnamed'])
    const args = ['token', 'request', '--key', 'unnamed', '--transaction', deposit]
    const ran = await world.run(2, args)
    expectRefused(ran, 5, 'WRONG_KEY')
    expect(ran.stderr).toContain(
      `that is your key main: \`npx mooring token request --key main --transaction ${deposit}\``,
    )
    const { commitment } = await world.json(2, ['keys', 'show', 'unnamed'])
    expect(ran.stderr).toContain(`\`npx mooring escrow key ${commitment} --asset ankr\``)
    expect(ran.stderr).not.toContain('asks again')
  })

  test('with a key that is nowhere in the folder of whoever asks', async () => {
    const elsewhere = { env: { MOORING_HOME: `${world.summary.economy?.deployment}-elsewhere` } }
    await world.run(2, ['keys', 'new', 'fresh'], elsewhere)
    const args = ['token', 'request', '--key', 'fresh', '--transaction', deposit]
    expectRefused(await world.run(2, args, elsewhere), 5, 'no key in your folder has that hash')
  })

  test('with a deposit of somebody else, or a transaction that is none', async () => {
    await world.run(3, ['keys', 'new', 'main'])
    expectRefused(await world.run(3, request()), 2, 'holds no deposit of')
    const unknown = `0x${'1'.repeat(64)}`
    const args = ['token', 'request', '--key', 'main', '--transaction', unknown]
    expectRefused(await world.run(3, args), 2, 'The chain knows no transaction')
  })

  test('with another event of its transaction', async () => {
    expectRefused(await world.run(2, request('--log', '999')), 2, 'is no deposit of')
  })

  test('with the key of another wallet', async () => {
    await world.run(3, ['keys', 'new', 'borne', '--delivery', 'wallet'])
    const key = world.summary.economy?.accounts['player-2']?.privateKey ?? ''
    const args = ['token', 'request', '--key', 'borne', '--transaction', deposit]
    const ran = await world.run(3, args, { env: { MOORING_PRIVATE_KEY: key } })
    expectRefused(ran, 2, 'is that of the wallet')
  })
})

describe('the accounts service', () => {
  test('is told of a deposit whose token only its owner has', async () => {
    await world.run(4, ['login'])
    await world.run(4, ['keys', 'new', 'borne', '--delivery', 'wallet'])
    const args = ['deposit', '1000', '--key', 'borne', '--yes', '--json']
    const ran = await world.runUntilWaiting(4, args)
    const { transaction } = JSON.parse(ran.stdout)
    await world.mine(12)
    await world.json(4, ['token', 'request', '--key', 'borne', '--transaction', transaction])
    const { deposits } = await world.json(4, ['account', 'deposits'])
    expect(deposits).toHaveLength(1)
  })

  test("knows of dollars, which are told in the token's own units", async () => {
    const small = await world.run(5, ['escrow', 'deposit', '0.5', '--asset', 'usd', ...noKey])
    expectRefused(small, 5, /too small: amount 0\.5 USD, min \d+ USD/)
    await world.run(5, ['login'])
    await world.run(5, ['keys', 'new', 'dollars'])
    const args = ['deposit', '50', '--asset', 'usd', '--key', 'dollars', '--yes', '--json']
    const { transaction } = JSON.parse((await world.runUntilWaiting(5, args)).stdout)
    await world.mine(12)
    await world.json(5, ['token', 'request', '--key', 'dollars', '--transaction', transaction])
    while (!(await world.run(5, ['account'])).stdout.includes(', 50 USD\n')) await Bun.sleep(100)
    const { stdout } = await world.run(5, ['account', 'deposits'])
    expect(stdout).toMatch(/ 50 USD +50 USD\n/)
  })

  test('knows the account after a sign-in, and its deposit', async () => {
    expectRefused(await world.run(2, ['account']), 2, 'You are not signed in')
    const { accounts, tokens } = await world.json(2, ['login'])
    expect([accounts, tokens]).toEqual([world.summary.accounts ?? '', 1])
    const { status, role } = await world.json(2, ['account', 'show'])
    expect([status, role]).toEqual(['active', 'owner'])
    const { deposits } = await world.json(2, ['account', 'deposits'])
    expect(deposits).toEqual([expect.objectContaining({ transactionHash: deposit })])
  })

  test('keeps project keys, which are frozen, rotated and revoked', async () => {
    await world.run(2, ['keys', 'new', 'app'])
    expectRefused(await world.run(2, ['keys', 'freeze', 'app']), 2, 'is no project key')
    await world.json(2, ['keys', 'register', 'app', '--project', 'shop'])
    expectRefused(await world.run(2, ['keys', 'register', 'app']), 2, 'is registered at')
    const before = await endpointOf(2, 'app')
    await untilStatus(before, 200)
    expect(await stateOf('app')).toBe('active')
    await world.json(2, ['keys', 'freeze', 'app'])
    await untilStatus(before, 401)
    expect(await stateOf('app')).toBe('frozen')
    await world.json(2, ['keys', 'unfreeze', 'app'])
    await untilStatus(before, 200)
    await world.json(2, ['keys', 'rotate', 'app', '--overlap', '60'])
    const after = await endpointOf(2, 'app')
    expect(after).not.toBe(before)
    expect(await endpointOf(2, 'app', '--previous')).toBe(before)
    await Promise.all([untilStatus(after, 200), untilStatus(before, 200)])
    expect([await stateOf('app'), await stateOf('app', '--previous')]).toEqual(['active', 'active'])
    expect(await world.json(2, ['keys', 'revoke', 'app'])).toMatchObject({ status: 'revoked' })
    await Promise.all([untilStatus(after, 401), untilStatus(before, 401)])
    expect(await stateOf('app')).toBe('revoked')
    const list = await world.run(2, ['keys', 'list'])
    expect(list.stdout).toMatch(/^app +key +0x[0-9a-f]{64} +revoked +none$/m)
  })

  test('finds no key by the hash that the chain has of it', async () => {
    await world.run(2, ['keys', 'new', 'twin'])
    const { commitment } = await world.json(2, ['keys', 'show', 'twin'])
    const keyHash = encodeBytes(hexToBytes(commitment as Hex))
    const projectId = await projectNamed('shop')
    const kept = await askAccounts('POST', `/v1/projects/${projectId}/keys`, {
      keyHash,
      name: 'copied',
    })
    expect(kept).toMatchObject({ status: 'active', hashes: [{ keyHash }] })
    const twin = await endpointOf(2, 'twin')
    expect(await statusOf(twin)).toBe(401)
    await world.json(2, ['keys', 'register', 'twin', '--project', 'shop'])
    await untilStatus(twin, 200)
  })

  test('refuses what cannot be done, and a rotation that was refused changes nothing', async () => {
    const before = await endpointOf(2, 'app')
    expectRefused(await world.run(2, ['keys', 'unfreeze', 'app']), 5, 'KEY_REVOKED')
    expectRefused(await world.run(2, ['keys', 'rotate', 'app']), 5, 'KEY_REVOKED')
    expect(await endpointOf(2, 'app')).toBe(before)
  })

  test('is the only one that a session is sent to', async () => {
    const asked: string[] = []
    await using other = serveOther((authorization) => asked.push(authorization))
    const ran = await world.run(2, ['account', '--accounts', other.url])
    expectRefused(ran, 2, 'You are signed in at')
    const elsewhere = await world.run(3, ['login', '--accounts', other.url])
    expectRefused(elsewhere, 5, 'wants a sign-in for another service to be signed')
    const gateway = await world.run(3, ['login', '--accounts', world.summary.gateway])
    expectRefused(gateway, 1, 'is no accounts service')
    expect(asked).toEqual([''])
  })

  test('ends a session', async () => {
    const secrets = await world.secrets(2)
    expect(await world.json(2, ['logout'])).toMatchObject({ ended: true })
    const token = secrets.at(-1)
    const ended = await fetch(`${world.summary.accounts}/v1/account`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(ended.status).toBe(401)
    expectRefused(await world.run(2, ['account']), 2, 'You are not signed in')
  })
})

test('no key, token or session was printed unless it was asked for, nor logged by anyone', async () => {
  await world.json(2, ['login'])
  const secrets = [...(await world.secrets(2)), ...(await world.secrets(3))]
  expect(secrets.length).toBeGreaterThan(6)
  const { gateway, accounts, verifiers } = world.network
  const logs = [gateway, ...verifiers, ...(accounts === undefined ? [] : [accounts])]
  const texts = [world.printed(), ...logs.map((process) => process.tail())]
  expect(texts.every((text) => text !== '')).toBe(true)
  for (const secret of secrets) {
    expect(texts.filter((text) => text.includes(secret))).toEqual([])
  }
})

/** Asks the accounts service as player 2, who is signed in. */
async function askAccounts(method: string, path: string, body?: object) {
  const token = (await world.secrets(2)).at(-1)
  const response = await fetch(`${world.summary.accounts}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await response.json()) as Record<string, unknown>
}

/** What `keys show` says of a project key of player 2. */
async function stateOf(name: string, ...more: string[]): Promise<unknown> {
  const { registration } = await world.json(2, ['keys', 'show', name, ...more])
  return (registration as { state?: string }).state
}

async function projectNamed(name: string): Promise<string> {
  const { projects } = await askAccounts('GET', '/v1/projects')
  const found = (projects as { id: string; name: string }[]).find((one) => one.name === name)
  return found?.id ?? ''
}

/** A service that would have the sign-in of another signed. */
function serveOther(onAsked: (authorization: string) => void) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    fetch(asked) {
      onAsked(asked.headers.get('authorization') ?? '')
      const uri = world.summary.accounts ?? ''
      const domain = new URL(uri).host
      return Response.json({ nonce: 'abcdefgh12345678', expiresAt: 1, chainId: 1, domain, uri })
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) }
}
