import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Agreement, agreementData } from '@mooring/onchain/agreement-statement'
import type { KeyRestrictions } from '@mooring/protocol/access/key-record'
import { parseToken } from '@mooring/protocol/access/token'
import {
  healthy,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createPublicClient, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import {
  startTestGateway,
  type TestGateway,
  testChain,
  testChainId,
  until,
} from '../gateway.fixtures.ts'
import { textHashOf } from './credentials.ts'
import {
  createAccessKey,
  createToken,
  startDeployment,
  type TestDeployment,
  testAccount,
  testDomain,
} from './test/deployment.fixtures.ts'

const publicUrl = 'https://rpc.example'
const contract = `0x${'c0'.repeat(20)}`
const operator = privateKeyToAccount(generatePrivateKey())
let deployment: TestDeployment
let common: ScriptedUpstream
let exclusive: ScriptedUpstream
let gateway: TestGateway
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-access-'))
  deployment = await startDeployment()
  common = startNode('0xc0')
  exclusive = startNode('0xe0')
  gateway = await startTestGateway(
    [
      { provider: 'alpha', name: 'common', url: common.url },
      { provider: 'beta', name: 'blue', url: exclusive.url, pool: 'blue' },
    ],
    {
      access: {
        ...deployment.settings,
        publicUrl,
        operators: [operator.address],
        agreements: [join(folder, 'agreement.json')],
      },
      keys: [{ name: 'configured', key: 'configured-key-0123456789', tier: 'premium' }],
      trustedProxyHops: 1,
      cacheBytesMax: 0,
      tiers: { community: { requestsPerSecond: 1, burstRequests: 10 } },
    },
  )
})

afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([common, exclusive, deployment].map((each) => each[Symbol.asyncDispose]()))
  await rm(folder, { recursive: true })
})

function startNode(result: string): ScriptedUpstream {
  return startScriptedUpstream(
    healthy({ chainId: testChainId, head: () => 5_000, rest: () => ({ result }) }),
  )
}

type Sent = { status: number; failure: string | undefined; message: string; headers: Headers }

type Ask = {
  key?: string | undefined
  headers?: Record<string, string>
  method?: string
  params?: unknown
}

/** Sends one request as a consumer does, from an address of its own unless one is given. */
async function send(asked: Ask = {}): Promise<Sent> {
  const { key, headers = {}, method = 'eth_gasPrice', params = [] } = asked
  const path = key === undefined ? `/${testChain}` : `/${testChain}/${key}`
  const body = JSON.stringify({ id: 1, method, params })
  const from = { 'x-forwarded-for': '192.0.2.1', ...headers }
  const response = await gateway.post(body, { path, headers: from })
  const { error } = (await response.json()) as {
    error?: { message: string; data?: { failure: string } }
  }
  const { status } = response
  const message = error?.message ?? ''
  return { status, failure: error?.data?.failure, message, headers: response.headers }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const limitOf = ({ headers }: Sent) => headers.get('ratelimit-limit')?.split(',')[0]

describe('a consumer with a key that it has for a deposit', () => {
  test('is premium from the first request on, wherever the key stands', async () => {
    const { key } = deployment.issue()
    const first = await send({ key })
    expect([first.status, limitOf(first)]).toEqual([200, '1500'])
    expect((await send({ key })).status).toBe(200)
    const places = [{ 'x-api-key': key }, bearer(key), { authorization: `bearer ${key}` }]
    for (const headers of places) {
      expect(limitOf(await send({ headers }))).toBe('1500')
    }
  })

  test('asks through the client library it has, unchanged', async () => {
    const { key } = deployment.issue()
    const client = createPublicClient({ transport: http(`${gateway.url}/${testChain}/${key}`) })
    expect(await client.getChainId()).toBe(testChainId)
    expect(await client.getGasPrice()).toBe(192n)
  })

  test('may send the token beside it, and not alone', async () => {
    const { key, token } = deployment.issue()
    const beside = await send({ key, headers: bearer(token) })
    expect([beside.status, limitOf(beside)]).toEqual([200, '1500'])
    const alone = await send({ headers: bearer(token) })
    expect(alone).toMatchObject({ status: 401, failure: 'UNAUTHENTICATED' })
    expect(alone.message).toContain('send its access key')
    expect(alone.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    const wrong = await send({ key: createAccessKey().key, headers: bearer(token) })
    expect(wrong).toMatchObject({ status: 401, failure: 'UNAUTHENTICATED' })
  })

  test('is told when nothing is left, and served again when there is', async () => {
    const { key } = deployment.issue()
    deployment.setStatus('exhausted')
    const refused = await send({ key })
    expect(refused).toMatchObject({ status: 402, failure: 'PAYMENT_REQUIRED' })
    await until(
      () => deployment.accounts.asked.filter((path) => path.endsWith('changes')).length > 1,
    )
    deployment.setStatus('active')
    deployment.accounts.push({ kind: 'account', account: testAccount })
    await until(async () => (await send({ key, headers: fromElsewhere() })).status === 200)
  })

  test('is asked to come back while nobody can say whose its key is, and goes on once known', async () => {
    const { key: known } = deployment.issue()
    await send({ key: known })
    for (const verifier of deployment.verifiers) verifier.isAway = true
    deployment.accounts.isAway = true
    const { key } = deployment.issue()
    const unclear = await send({ key })
    expect(unclear).toMatchObject({ status: 503, failure: 'ACCESS_UNKNOWN' })
    expect(unclear.headers.get('retry-after')).toBe('2')
    expect((await send({ key: known })).status).toBe(200)
  })
})

describe('a consumer that sends the same again and again', () => {
  test('is stopped by its owner, and let in again, without a new connection', async () => {
    const { key, keyHash } = deployment.addProjectKey()
    const record = deployment.accounts.keys.get(keyHash)
    if (record === undefined) throw new Error('no key')
    const tell = (status: 'active' | 'frozen') => {
      deployment.accounts.keys.set(keyHash, { ...record, status })
      deployment.accounts.push({ kind: 'key', keyHash })
    }
    const headers = fromElsewhere()
    expect((await send({ key, headers })).status).toBe(200)
    const questions = () => deployment.accounts.asked.filter((path) => path.endsWith('changes'))
    await until(() => questions().length > 1)
    tell('frozen')
    await until(async () => (await send({ key, headers })).status !== 200)
    expect((await send({ key })).failure).toBe('UNAUTHENTICATED')
    tell('active')
    await until(async () => (await send({ key, headers: fromElsewhere() })).status === 200)
  })

  test('is refused once its token is revoked', async () => {
    const { key, token } = deployment.issue()
    expect((await send({ key })).status).toBe(200)
    const parsed = parseToken(token)
    await deployment.revoke(parsed.ok ? parsed.token.claims.jti : '', 2)
    for (const { tokens } of deployment.verifiers) tokens.clear()
    await until(async () => (await send({ key })).status === 401)
  })
})

describe('a consumer with a token that is bound to nothing', () => {
  test('is who it says as long as it bears it', async () => {
    const sent = await send({ headers: bearer(createToken(deployment.group)) })
    expect([sent.status, limitOf(sent)]).toEqual([200, '1500'])
  })

  test('is refused with one that nobody has signed', async () => {
    const [head, body] = createToken(deployment.group).split('.')
    const sent = await send({ headers: bearer(`${head}.${body}.${'A'.repeat(86)}`) })
    expect(sent).toMatchObject({ status: 401, failure: 'UNAUTHENTICATED' })
  })
})

describe('a consumer with a token that is bound to a key of its own', () => {
  test('proves each request, and each proof once', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const token = createToken(deployment.group, { cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    const prove = (htu: string) =>
      new SignJWT({ jti: crypto.randomUUID(), htm: 'POST', htu, ath: textHashOf(token) })
        .setIssuedAt()
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(privateKey)
    const proven = (dpop: string) => ({ authorization: `DPoP ${token}`, dpop })
    const proof = await prove(`${publicUrl}/${testChain}`)
    const good = await send({ headers: proven(proof) })
    expect([good.status, limitOf(good)]).toEqual([200, '1500'])
    const replayed = await send({ headers: proven(proof) })
    expect(replayed).toMatchObject({ status: 401, failure: 'UNAUTHENTICATED' })
    expect(replayed.headers.get('www-authenticate')).toStartWith('DPoP error="invalid_dpop_proof"')
    expect((await send({ headers: proven(await prove(`${publicUrl}/${testChain}`)) })).status).toBe(
      200,
    )
    // Also not the address that the client itself says it has called.
    for (const htu of ['https://other.example/local_one', `${gateway.url}/${testChain}`]) {
      expect((await send({ headers: proven(await prove(htu)) })).status).toBe(401)
    }
    const asBearer = await send({ headers: { ...bearer(token), dpop: await prove(publicUrl) } })
    expect(asBearer.status).toBe(401)
    expect(asBearer.headers.get('www-authenticate')).toStartWith('DPoP')
  })
})

describe('keys that nobody has', () => {
  test('cost the address that sends them what requests without a key do, and nobody else anything', async () => {
    const { key } = deployment.issue()
    await send({ key, headers: fromElsewhere() })
    const flood = Array.from({ length: 40 }, () => send({ key: createAccessKey().key }))
    const during = await send({ key, headers: fromElsewhere() })
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    expect([during.status, limitOf(during)]).toEqual([200, '1500'])
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(11)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(29)
    const [verifier] = deployment.verifiers
    const lookUps = verifier.asked.filter((path) => path.startsWith('/v1/tokens/')).length
    expect(lookUps).toBeLessThanOrEqual(12)
    const limited = await send()
    expect(limited).toMatchObject({ status: 429, failure: 'RATE_LIMITED' })
    expect(limited.headers.get('retry-after')).toBe('1')
    // The address has nothing left, and its known key goes on.
    expect((await send({ key })).status).toBe(200)
  })
})

describe('a key of a project that its owner has kept to', () => {
  const keptTo = (lists: Partial<KeyRestrictions>) => {
    const none = { origins: [], addresses: [], contracts: [], methods: [], chains: [] }
    return deployment.addProjectKey({ restrictions: { ...none, ...lists } }).key
  }
  const call = (to: string) => ({ method: 'eth_call', params: [{ to }, 'latest'] })

  test('an origin is refused from others and from none', async () => {
    const key = keptTo({ origins: ['app.example.org'] })
    const origin = (host: string) => ({ origin: `https://${host}` })
    expect((await send({ key, headers: origin('app.example.org') })).status).toBe(200)
    await expectRefused({ key, headers: origin('evil.example.org') }, 'origin')
    await expectRefused({ key }, 'origin')
  })

  test('an address is refused from others, as trusted proxies tell it', async () => {
    const key = keptTo({ addresses: ['192.0.2.0/24'] })
    expect((await send({ key, headers: { 'x-forwarded-for': '8.8.8.8, 192.0.2.9' } })).status).toBe(
      200,
    )
    await expectRefused({ key, headers: { 'x-forwarded-for': '192.0.2.9, 8.8.8.8' } }, 'address')
  })

  test('a chain is refused for others', async () => {
    await expectRefused({ key: keptTo({ chains: ['eth'] }) }, 'chain')
    expect((await send({ key: keptTo({ chains: [testChain] }) })).status).toBe(200)
  })

  test('a method is refused for others', async () => {
    const key = keptTo({ methods: ['eth_call', 'net_*'] })
    expect((await send({ key, ...call(contract) })).status).toBe(200)
    expect((await send({ key, method: 'net_version' })).status).toBe(200)
    await expectRefused({ key }, 'method')
  })

  test('a contract is refused for others, and for what may be about any', async () => {
    const key = keptTo({ contracts: [contract] })
    expect((await send({ key, ...call(contract.toUpperCase().replace('0X', '0x')) })).status).toBe(
      200,
    )
    expect((await send({ key })).status).toBe(200)
    await expectRefused({ key, ...call(`0x${'ff'.repeat(20)}`) }, 'contract')
    await expectRefused({ key, method: 'eth_getLogs', params: [{}] }, 'contract')
    await expectRefused({ key, method: 'eth_callMany', params: [[]] }, 'contract')
  })

  async function expectRefused(asked: Ask, kind: string): Promise<void> {
    const sent = await send(asked)
    expect(sent).toMatchObject({ status: 403, failure: 'KEY_RESTRICTED' })
    expect(sent.message).toContain(`this ${kind}`)
  }
})

describe('a tier', () => {
  test('says whether blocks may be run again', async () => {
    const trace = { method: 'debug_traceTransaction', params: [`0x${'11'.repeat(32)}`] }
    expect(await send(trace)).toMatchObject({ status: 403, failure: 'METHOD_FORBIDDEN' })
    const { key } = deployment.issue()
    expect((await send({ key, ...trace })).status).toBe(200)
  })

  test('is enterprise where its operator has agreed to it, with upstreams that nobody else has', async () => {
    const { key } = deployment.issue()
    for (let at = 0; at < 5; at++) await send({ key })
    for (let at = 0; at < 5; at++) await send()
    const served = ({ requests }: ScriptedUpstream) =>
      requests.filter(({ method }) => method === 'eth_gasPrice').length
    expect([served(common), served(exclusive)]).toEqual([10, 0])

    await agree({ pools: ['blue'], limits: { requestsPerSecond: 7_777, burstRequests: 9_999 } })
    const sent = await send({ key })
    expect([sent.status, limitOf(sent)]).toEqual([200, '7777'])
    expect([served(common), served(exclusive)]).toEqual([10, 1])
    expect(limitOf(await send({ key: 'configured-key-0123456789' }))).toBe('1500')
    expect(served(exclusive)).toBe(1)
  })

  test('is left without upstreams rather than served by those of another', async () => {
    await common[Symbol.asyncDispose]()
    expect((await send({ headers: fromElsewhere() })).status).toBeGreaterThanOrEqual(502)
    await agree({ pools: ['blue'], limits: {} })
    const { key } = deployment.issue()
    await until(async () => (await send({ key })).status === 200)
    expect((await send({ headers: fromElsewhere() })).status).toBeGreaterThanOrEqual(502)
  })

  async function agree(own: Pick<Agreement, 'pools' | 'limits'>): Promise<void> {
    const nowSeconds = Math.floor(Date.now() / 1_000)
    const times = { validFrom: nowSeconds - 1, validUntil: nowSeconds + 1_000 }
    const agreement = { account: testAccount, tier: 'enterprise', ...times, ...own } as const
    const signature = await operator.signTypedData(agreementData(testDomain, agreement))
    await writeFile(join(folder, 'agreement.json'), JSON.stringify({ ...agreement, signature }))
    expect((await gateway.reload()).problems).toEqual([])
  }
})

/** An address that no other request of these tests comes from. */
function fromElsewhere(): Record<string, string> {
  elsewhere++
  return { 'x-forwarded-for': `10.1.${elsewhere >> 8}.${elsewhere & 255}` }
}
let elsewhere = 0
