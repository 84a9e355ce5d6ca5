import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { groupKeyData, isSignedByQuorum } from '@mooring/onchain/access-statements'
import { isEndedAtOnce } from '@mooring/protocol/access/verifier-wire'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'
import {
  domainOf,
  findToken,
  readKeySet,
  tokenFrom,
  until,
  wishFor,
} from '@mooring/testkit/verifier-seats'
import { startVerifiers, type VerifierProcess, type Verifiers } from '@mooring/testkit/verifiers'
import { decodeProtectedHeader } from 'jose'

/** The operators of verifiers end a key of the group, seen by gateways and holders, all in processes of their own. */

setDefaultTimeout(60_000)

/** What a gateway promises, with room for a slow machine. */
const boundMs = 10_000

let chain: DepositChain
let folder: string
let verifiers: Verifiers
let gateway: GatewayProcess

beforeAll(async () => {
  chain = await openDepositChain()
  folder = await mkdtemp(join(tmpdir(), 'mooring-end-key-'))
  const { deployment } = chain.system
  verifiers = await startVerifiers({
    deployment,
    sourcesOf: () => chain.nodes.map(({ url }) => url),
    folder,
    settings: { watchIntervalMs: 100 },
  })
  const access = {
    chainId: deployment.chainId,
    ankrEscrow: deployment.parts.ankrEscrow,
    verifiers: verifiers.processes.map(({ url, address }) => ({ url, address })),
    threshold: verifiers.threshold,
  }
  const upstreams = [{ provider: 'a', name: 'one', url: chain.anvil.url }]
  const chains = { local_one: { upstreams } }
  gateway = await startGateway({ config: { access, chains } })
})
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await verifiers?.[Symbol.asyncDispose]()
  await chain?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const three = () => {
  const [first, second, third] = verifiers.processes
  if (first === undefined || second === undefined || third === undefined) throw new Error('three')
  return [first, second, third] as const
}

/** As the operator of one verifier does it. */
async function endKey({ address }: VerifierProcess, ...kids: string[]) {
  const main = resolve(import.meta.dir, '../services/verifier/src/main.ts')
  const config = join(folder, address, 'verifier.yaml')
  const command = [process.execPath, '--no-install', main, 'end-key', ...kids, '--config', config]
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  return { code: await child.exited, stdout, stderr }
}

async function statusOf(path: string, headers: Record<string, string> = {}): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })
  return (await fetch(gateway.url + path, { method: 'POST', body, headers })).status
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? ''

test('a key of the group ends when the operators of t verifiers say so, and of fewer not', async () => {
  const [first, second, third] = three()
  const wish = await wishFor(chain, 1)
  const { token } = await tokenFrom(first, wish)
  const kid = kidOf(token)
  await until(async () => (await findToken(third, wish))?.token === token)
  const asHolder = () => statusOf(`/local_one/${wish.access.key}`)
  const withToken = () =>
    statusOf('/local_one', { authorization: `Bearer ${token}`, 'x-api-key': wish.access.key })
  expect([await asHolder(), await withToken()]).toEqual([200, 200])

  // One of two that it takes: nothing happens, however long everybody has known of it.
  const alone = await endKey(first, kid)
  expect([alone.code, JSON.parse(alone.stdout)]).toEqual([
    0,
    { keys: [{ kid, isEnded: false, votes: [first.address], needed: 2 }] },
  ])
  expect(JSON.parse((await endKey(first, kid)).stdout).keys[0].votes).toHaveLength(1)
  await Bun.sleep(3_000)
  expect([await asHolder(), await withToken()]).toEqual([200, 200])
  const other = await tokenFrom(third, await wishFor(chain, 2))
  expect(kidOf(other.token)).toBe(kid)
  expect((await readKeySet(second))['mooring:ended']).toEqual([])

  // The second one, who names none and so ends all.
  const decided = JSON.parse((await endKey(second)).stdout)
  expect(decided.keys).toMatchObject([{ kid, isEnded: true, needed: 2 }])
  const decidedMs = performance.now()
  await until(async () => (await withToken()) === 401)
  expect(performance.now() - decidedMs).toBeLessThan(boundMs)

  // Every verifier tells the same, also the one whose operator did nothing.
  const quorum = { members: verifiers.processes.map(({ address }) => address), threshold: 2 }
  for (const verifier of three()) {
    const { keys, 'mooring:ended': ended } = await readKeySet(verifier)
    expect(keys.some((key) => key.kid === kid)).toBe(false)
    const [jwk] = ended
    if (jwk === undefined) throw new Error('it tells of none')
    const { 'mooring:signatures': signatures, ...statement } = jwk
    expect([jwk.kid, isEndedAtOnce(statement)]).toEqual([kid, true])
    expect(
      await isSignedByQuorum(quorum, groupKeyData(domainOf(chain), statement), signatures),
    ).toBe(true)
  }

  // A new key is made, and who has a token that is bound to a key has a new one without doing anything.
  await until(async () => (await asHolder()) === 200)
  const renewed = await findToken(third, wish)
  expect(renewed?.claims.jti).toBe((await tokenFrom(first, wish)).claims.jti)
  expect(kidOf(renewed?.token ?? '')).not.toBe(kid)
  expect(await withToken()).toBe(401)
  const fresh = await wishFor(chain, 3)
  await tokenFrom(second, fresh)
  // Its hash comes round to the verifiers that had no part in it within seconds.
  await until(async () => (await statusOf(`/local_one/${fresh.access.key}`)) === 200)
})

test('who cannot end a key is told why', async () => {
  const [first, second] = three()
  const unknown = await endKey(first, 'A'.repeat(43))
  expect([unknown.code, unknown.stdout]).toEqual([1, ''])
  expect(unknown.stderr).toContain('this verifier has no such key')
  expect((await endKey(first, 'a', 'b')).code).toBe(2)
  second.kill()
  const dead = await endKey(second)
  expect(dead.code).toBe(1)
  expect(dead.stderr).toContain('no verifier answers at')
})
