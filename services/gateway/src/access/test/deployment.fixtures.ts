import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { groupKeyData, revocationData } from '@mooring/onchain/access-statements'
import type { AccessClaims } from '@mooring/protocol/access/claims'
import type {
  AccessChange,
  AccountAnswer,
  AccountRecord,
  KeyRecord,
} from '@mooring/protocol/access/key-record'
import { accountNameOf, issuerOf } from '@mooring/protocol/access/names'
import { formatToken, signingInputOf } from '@mooring/protocol/access/token'
import type { GroupJwk, SignedRevocation } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { keyHashOf, projectKeyHashOf } from '../credentials.ts'
import { thumbprintOf } from '../keyset.ts'

/** Verifiers and an accounts service as they are seen on the wire, with keys of their own: scripts, not services. */
export type TestDomain = { chainId: number; ankrEscrow: `0x${string}` }
export const testDomain = {
  chainId: 31_337,
  ankrEscrow: `0x${'e5'.repeat(20)}`,
} as const satisfies TestDomain
export const testAccount = accountNameOf(testDomain.chainId, `0x${'aa'.repeat(20)}`)
const issuer = issuerOf(testDomain.chainId, testDomain.ankrEscrow)
export const testCredential = 'operator-credential-0123456789'

export type GroupKeyPair = { privateKey: KeyObject; x: string; kid: string }

export function createGroupKey(): GroupKeyPair {
  const { privateKey } = generateKeyPairSync('ed25519')
  // An Ed25519 key has one.
  const x = privateKey.export({ format: 'jwk' }).x!
  return { privateKey, x, kid: thumbprintOf(x) }
}

/** An access key as a client makes it, with its hash as a deposit's key. */
export function createAccessKey(): { key: string; keyHash: string } {
  const key = randomBytes(32).toString('hex')
  return { key, keyHash: keyHashOf(key) }
}

/** The same, with its hash as a project's key. */
export function createProjectKey(): { key: string; keyHash: string } {
  const { key } = createAccessKey()
  return { key, keyHash: projectKeyHashOf(key) }
}

/** @param claims - What is to differ from an hour of premium for the test account. */
export function createToken(
  group: GroupKeyPair,
  claims: Partial<AccessClaims> = {},
  nowSeconds = Math.floor(Date.now() / 1_000),
): string {
  const whole: AccessClaims = {
    iss: issuer,
    aud: 'mooring-gateway',
    sub: testAccount,
    jti: randomBytes(32).toString('base64url'),
    iat: nowSeconds,
    exp: nowSeconds + 3_600,
    tier: 'premium',
    dep: `eip155:${testDomain.chainId}/0x${'de'.repeat(32)}/0`,
    stage: 'full',
    epoch: 0,
    att: 'A'.repeat(43),
    ...claims,
  }
  const input = signingInputOf(group.kid, whole)
  return formatToken(input, sign(null, Buffer.from(input, 'latin1'), group.privateKey))
}

export function boundTo(keyHash: string): Pick<AccessClaims, 'cnf'> {
  return { cnf: { 'key#S256': keyHash } }
}

export async function createGroupJwk(
  { x, kid }: Pick<GroupKeyPair, 'x' | 'kid'>,
  signers: readonly PrivateKeyAccount[],
  {
    from = 0,
    until = null,
    domain = testDomain,
  }: { from?: number; until?: number | null; domain?: TestDomain } = {},
): Promise<GroupJwk> {
  const key = {
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    use: 'sig',
    kid,
    x,
    'mooring:from': from,
    'mooring:until': until,
  } as const
  const data = groupKeyData(domain, key)
  const signatures = signers.map(async (signer) => ({
    verifier: signer.address,
    signature: await signer.signTypedData(data),
  }))
  return { ...key, 'mooring:signatures': await Promise.all(signatures) }
}

export type TestVerifier = {
  signer: PrivateKeyAccount
  url: string
  keys: unknown[]
  ended: unknown[]
  tokens: Map<string, string>
  revocations: SignedRevocation[]
  /** Answers nobody while it is away. */
  isAway: boolean
  /** What was asked, path by path. */
  asked: string[]
  /** Waited for before each answer. */
  gate: Promise<void>
}

export type TestAccounts = {
  url: string
  keys: Map<string, KeyRecord>
  accounts: Map<string, AccountAnswer>
  isAway: boolean
  asked: string[]
  /** Tells whoever waits for changes. */
  push(...changes: AccessChange[]): void
  reset(): void
}

export type TestDeployment = AsyncDisposable & {
  group: GroupKeyPair
  verifiers: readonly [TestVerifier, TestVerifier, TestVerifier]
  accounts: TestAccounts
  /** The section of a gateway's configuration. */
  settings: Record<string, unknown>
  /** A revocation by the first so many verifiers. */
  revoke(jti: string, verifiers: number): Promise<void>
  /** Makes a token bound to a new access key, which every verifier has. */
  issue(claims?: Partial<AccessClaims>): { key: string; keyHash: string; token: string }
  /** Makes a project's key of the test account, with a token that the account holds. */
  addProjectKey(record?: Partial<KeyRecord>): { key: string; keyHash: string }
  setStatus(status: AccountRecord['status']): void
}

/** @param domain - Of contracts that there are, where a gateway is told of those too. */
export async function startDeployment(domain: TestDomain = testDomain): Promise<TestDeployment> {
  const group = createGroupKey()
  const started = [startVerifier(), startVerifier(), startVerifier()] as const
  const [first, second, third] = started
  const verifiers = [first.verifier, second.verifier, third.verifier] as const
  const signers = [first.verifier.signer, second.verifier.signer]
  const jwk = await createGroupJwk(group, signers, { domain })
  for (const { keys } of verifiers) keys.push(jwk)
  const { accounts, stop } = startAccounts()
  const accountToken = createToken(group, boundTo(createAccessKey().keyHash))
  const setStatus = (status: AccountRecord['status']) => {
    const record = { account: testAccount, tier: 'premium', status } as const
    accounts.accounts.set(testAccount, { record, tokens: [accountToken] })
  }
  setStatus('active')
  return {
    group,
    verifiers,
    accounts,
    setStatus,
    settings: {
      ...domain,
      verifiers: verifiers.map(({ url, signer }) => ({ url, address: signer.address })),
      threshold: 2,
      accounts: { url: accounts.url, credential: testCredential },
    },
    async revoke(jti, count) {
      for (const { signer, revocations } of verifiers.slice(0, count)) {
        const facts = { jti, reason: 'orphaned', revokedAt: 1_700_000_000 } as const
        const signature = await signer.signTypedData(revocationData(testDomain, facts))
        revocations.push({ ...facts, verifier: signer.address, signature })
      }
    },
    issue(claims = {}) {
      const { key, keyHash } = createAccessKey()
      const iss = issuerOf(domain.chainId, domain.ankrEscrow)
      const token = createToken(group, { ...boundTo(keyHash), iss, ...claims })
      for (const { tokens } of verifiers) tokens.set(keyHash, token)
      return { key, keyHash, token }
    },
    addProjectKey(record = {}) {
      const { key, keyHash } = createProjectKey()
      accounts.keys.set(keyHash, keyRecordOf(keyHash, record))
      return { key, keyHash }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...started.map((each) => each.stop()), stop()])
    },
  }
}

export function keyRecordOf(keyHash: string, record: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: crypto.randomUUID(),
    keyHash,
    account: testAccount,
    name: 'my-project',
    status: 'active',
    expiresAt: null,
    restrictions: { origins: [], addresses: [], contracts: [], methods: [], chains: [] },
    creditsPerDayMax: null,
    ...record,
  }
}

function startVerifier(): { verifier: TestVerifier; stop: () => Promise<void> } {
  const signer = privateKeyToAccount(generatePrivateKey())
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url)
      verifier.asked.push(pathname)
      await verifier.gate
      if (verifier.isAway) return new Response('', { status: 503 })
      if (pathname === '/.well-known/jwks.json') {
        return Response.json({ keys: verifier.keys, 'mooring:ended': verifier.ended })
      }
      if (pathname === '/v1/revocations') {
        const { revocations } = verifier
        const later = revocations.slice(Number(searchParams.get('after')))
        return Response.json({ next: revocations.length, revocations: later })
      }
      const token = verifier.tokens.get(pathname.replace('/v1/tokens/', ''))
      return token === undefined ? new Response('', { status: 404 }) : Response.json({ token })
    },
  })
  const verifier: TestVerifier = {
    signer,
    url: server.url.href,
    keys: [],
    ended: [],
    tokens: new Map(),
    revocations: [],
    isAway: false,
    asked: [],
    gate: Promise.resolve(),
  }
  return { verifier, stop: () => server.stop(true) }
}

function startAccounts(): { accounts: TestAccounts; stop: () => Promise<void> } {
  let changes: { reset: boolean; changes: AccessChange[] }[] = []
  let wake = Promise.withResolvers<void>()
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url)
      accounts.asked.push(pathname)
      if (accounts.isAway) return new Response('', { status: 503 })
      if (request.headers.get('authorization') !== `Bearer ${testCredential}`) {
        return new Response('', { status: 401 })
      }
      const rest = (prefix: string) => decodeURIComponent(pathname.slice(prefix.length))
      if (pathname.startsWith('/v1/gateway/keys/')) {
        return found(accounts.keys.get(rest('/v1/gateway/keys/')))
      }
      if (pathname.startsWith('/v1/gateway/accounts/')) {
        return found(accounts.accounts.get(rest('/v1/gateway/accounts/')))
      }
      const after = searchParams.get('after')
      const at = after === null ? changes.length : Number(after)
      if (at >= changes.length && after !== null) {
        await Promise.race([wake.promise, Bun.sleep(Number(searchParams.get('waitMs')))])
      }
      const later = changes.slice(at)
      return Response.json({
        cursor: String(changes.length),
        reset: later.some(({ reset }) => reset),
        changes: later.flatMap((each) => each.changes),
      })
    },
  })
  const add = (change: { reset: boolean; changes: AccessChange[] }) => {
    changes = [...changes, change]
    wake.resolve()
    wake = Promise.withResolvers()
  }
  const accounts: TestAccounts = {
    url: server.url.href,
    keys: new Map(),
    accounts: new Map(),
    isAway: false,
    asked: [],
    push: (...told) => add({ reset: false, changes: told }),
    reset: () => add({ reset: true, changes: [] }),
  }
  return { accounts, stop: () => server.stop(true) }
}

function found(value: unknown): Response {
  return value === undefined ? new Response('', { status: 404 }) : Response.json(value)
}

/** A clock that a test moves. Those who sleep wake when their time has come. */
export type HandClock = Clock & { advance(durationMs: number): void }

export function createHandClock(): HandClock {
  let passedMs = 0
  const startMs = Date.now()
  const sleepers = new Set<{ untilMs: number; wake: () => void }>()
  return {
    wallMs: () => startMs + passedMs,
    nowMs: () => passedMs,
    sleep(durationMs, signal) {
      return new Promise((resolve) => {
        const sleeper = { untilMs: passedMs + durationMs, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => resolve(), { once: true })
        if (signal?.aborted) resolve()
      })
    },
    advance(durationMs) {
      passedMs += durationMs
      for (const sleeper of sleepers) {
        if (sleeper.untilMs > passedMs) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
  }
}
