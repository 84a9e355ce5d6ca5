import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessDomain } from '@mooring/onchain/access-statements'
import {
  type AccessKey,
  accessKeyOf,
  createDeliveryKey,
  type DeliveryKey,
  openSealed,
  signTokenRequest,
} from '@mooring/onchain/access-tokens'
import { encodeBytes, parseToken } from '@mooring/protocol/access/token'
import type {
  BoundToken,
  GroupKeySet,
  Sealed,
  TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import { type Clock, systemClock } from '@mooring/telemetry/clock'
import { configSchema, type VerifierConfigFile } from '@mooring/verifier/config'
import { startVerifier, type Verifier } from '@mooring/verifier/verifier'
import { hexToBytes } from 'viem'
import type { DepositChain } from './economy/deposit-chain.ts'
import { membersOf, player, privateKeyOf } from './economy/people.ts'
import { freePort } from './ports.ts'

/** A verifier of a test, that can be stopped and started again with what it kept. */
export type Seat = {
  readonly url: string
  readonly adminUrl: string
  readonly dataFolder: string
  verifier: Verifier | undefined
  start(): Promise<Verifier>
  stop(): Promise<void>
}

export type Seats = AsyncDisposable & { seats: readonly [Seat, Seat, Seat] }

/** Three verifiers of a chain, in this process, each with two nodes of its own. None is started yet. */
export async function createSeats(
  chain: DepositChain,
  settings: Partial<VerifierConfigFile> & { sourcesOf?: (at: number) => string[] } = {},
  clock: Clock = systemClock,
): Promise<Seats> {
  const { sourcesOf, ...rest } = settings
  const members = membersOf('verifier')
  const ports = await Promise.all(members.map(async () => [await freePort(), await freePort()]))
  const folder = await mkdtemp(join(tmpdir(), 'mooring-verifiers-'))
  const urlOf = (at: number) => `http://127.0.0.1:${ports[at]?.[0]}`
  const seats = members.map((member, at): Seat => {
    const dataFolder = join(folder, String(at))
    const config = configSchema.parse({
      listen: { port: ports[at]?.[0] ?? 0 },
      admin: { port: ports[at]?.[1] ?? 0 },
      dataFolder,
      signerKey: privateKeyOf(member),
      deployment: 'given',
      sources: sourcesOf?.(at) ?? chain.nodes.map(({ url }) => url),
      peers: members.flatMap(({ address }, peer) =>
        peer === at ? [] : [{ address, url: urlOf(peer) }],
      ),
      peerTimeoutMs: 2_000,
      watchIntervalMs: 100,
      rate: { requestsPerSecond: 1_000, burstRequests: 1_000, hourlyTokensMax: 1_000 },
      logLevel: 'silent',
      ...rest,
    })
    return {
      ...{ url: urlOf(at), adminUrl: `http://127.0.0.1:${ports[at]?.[1]}`, dataFolder },
      verifier: undefined,
      async start() {
        this.verifier = await startVerifier(config, chain.system.deployment, clock)
        return this.verifier
      },
      async stop() {
        await this.verifier?.stop('test')
        this.verifier = undefined
      },
    }
  })
  const [first, second, third] = seats
  if (first === undefined || second === undefined || third === undefined) throw new Error('three')
  return {
    seats: [first, second, third],
    async [Symbol.asyncDispose]() {
      await Promise.all(seats.map((seat) => seat.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until something holds. The test's own deadline ends it. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await systemClock.sleep(20)
}

export async function untilReady(seats: readonly Seat[]): Promise<void> {
  await Promise.all(seats.map(({ url }) => until(async () => (await fetch(`${url}/ready`)).ok)))
}

export async function readKeySet({ url }: Pick<Seat, 'url'>): Promise<GroupKeySet> {
  const response = await fetch(`${url}/.well-known/jwks.json`)
  // A verifier of ours writes it.
  return (await response.json()) as GroupKeySet
}

export async function post(
  url: string,
  body: TokenRequest | object,
): Promise<{ status: number; value: Record<string, unknown> }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  // Both tokens and problems are objects.
  return { status: response.status, value: (await response.json()) as Record<string, unknown> }
}

/** What a wallet of a test wants, and the means to open what comes back. */
export type Wish = { request: TokenRequest; access: AccessKey; delivery: DeliveryKey }

/** Deposits for a player with a new access key, and signs the wish for a token that is bound to it. */
export async function wishFor(
  chain: DepositChain,
  number: number,
  { blocks = 12, nowMs = Date.now() }: { blocks?: number; nowMs?: number } = {},
): Promise<Wish> {
  const access = accessKeyOf(crypto.getRandomValues(new Uint8Array(32)))
  const { transactionHash, logIndex } = await chain.deposit(number, { key: access.commitment })
  await chain.anvil.mine(blocks)
  const delivery = await createDeliveryKey()
  const wish = {
    ...{ transactionHash, logIndex, keyCommitment: access.commitment },
    ...{ delivery: 'key' as const, deliverTo: delivery.publicKey },
  }
  const request = await signTokenRequest(domainOf(chain), player(number), wish, nowMs)
  return { request, access, delivery }
}

export function domainOf({ system: { deployment } }: DepositChain): AccessDomain {
  return { chainId: deployment.chainId, ankrEscrow: deployment.parts.ankrEscrow }
}

/**
 * Asks for a token, opens it and takes it apart. Throws with the problem when there is none.
 *
 * A verifier may be about to read the head that it is asked about, so it is asked again as every client should.
 */
export async function tokenFrom({ url }: Pick<Seat, 'url'>, { request, delivery }: Wish) {
  let answer = await post(`${url}/v1/tokens`, request)
  for (let tries = 0; tries < 5 && answer.value.code === 'TOO_FEW_CONFIRMATIONS'; tries++) {
    await systemClock.sleep(retryMs)
    answer = await post(`${url}/v1/tokens`, request)
  }
  const { status, value } = answer
  if (status !== 200) throw new Error(`no token: ${JSON.stringify(value)}`)
  const token = await openSealed(value.sealed as Sealed, delivery)
  const parsed = parseToken(token)
  if (!parsed.ok) throw new Error(parsed.problem)
  return { token, claims: parsed.token.claims, answer: value }
}

const retryMs = 20

/** The token bound to an access key, as a gateway finds it. */
export async function findToken({ url }: Pick<Seat, 'url'>, { access }: Wish) {
  const response = await fetch(`${url}/v1/tokens/${keyHashOf(access)}`)
  if (!response.ok) return undefined
  const { token } = (await response.json()) as BoundToken
  const parsed = parseToken(token)
  return parsed.ok ? { token, claims: parsed.token.claims } : undefined
}

export function keyHashOf({ commitment }: AccessKey): string {
  return encodeBytes(hexToBytes(commitment))
}
