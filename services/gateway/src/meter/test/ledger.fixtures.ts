import { noHolding } from '@mooring/market/metering/holding'
import { type Position, type PotState, settle } from '@mooring/market/metering/settle'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import type {
  LeaseGrant,
  PostAnswer,
  PostRefusal,
  PostRequest,
  PriceTerms,
  UsageLine,
} from '@mooring/protocol/metering/wire'

export const testBillingCredential = 'billing-credential-of-32-characters'

type Epoch = {
  id: number
  instance: string
  state: 'live' | 'fenced' | 'closed'
  last: number
  /** By account. */
  leases: Map<string, PotState['leases']>
}

/** A ledger in memory, by the real rules of the books, with what goes wrong between it and a gateway. */
export class TestLedger {
  /** What keys may still use today; one that is not named has no limit. */
  readonly keyRooms = new Map<string, bigint>()
  readonly frozen = new Set<string>()
  /** Accounts whose leases it asks back, once. */
  readonly recalls = new Set<string>()
  readonly posts: PostRequest[] = []
  /** What is in the books. */
  readonly usage: UsageLine[] = []
  uncollected = 0n
  /** What of it had no lease. */
  late = 0n
  leaseMs = 30_000
  prices: PriceTerms = { hash: newestTable.hash, next: null }
  /** Answers nobody while it is away. */
  isAway = false
  /** Does what it is asked, and says nothing. */
  losesAnswers = false
  readonly #pots = new Map<string, Omit<PotState, 'leases'>>()
  #epochs: Epoch[] = []
  #lastEpoch = 0

  fund(account: string, credits: number): void {
    const before = this.#pots.get(account)?.holding ?? noHolding
    const amount = BigInt(credits)
    const more = { tokens: before.tokens + amount, credits: before.credits + amount }
    const cap = { min: 10n ** 30n, ppm: 0n }
    const holding = { ...before, ...more }
    this.#pots.set(account, { asset: 'ankr', cap, periodUsed: 0n, holding })
  }

  /** What is left of an account's credits, and what of it is leased. */
  balanceOf(account: string): { credits: number; leased: number } {
    const { credits, leased } = this.#pots.get(account)?.holding ?? noHolding
    return { credits: Number(credits), leased: Number(leased) }
  }

  /** A process begins under a name. */
  begin(instance: string): number {
    for (const each of this.#epochs) {
      if (each.instance === instance && each.state === 'live') each.state = 'fenced'
    }
    const id = ++this.#lastEpoch
    this.#epochs.push({ id, instance, state: 'live', last: 0, leases: new Map() })
    return id
  }

  post(request: PostRequest): PostAnswer | PostRefusal {
    this.posts.push(request)
    const epoch = this.#epochs.find(
      ({ id, instance }) => id === request.epoch && instance === request.instance,
    )
    if (epoch === undefined) return { error: 'unknown', last: 0, detail: 'no such epoch' }
    const { last } = epoch
    const isKnown = request.to <= last
    if (!isKnown && request.from !== last + 1) {
      return { error: 'gap', last, detail: `frames come next from ${last + 1}` }
    }
    const usage = isKnown ? [] : request.usage
    this.usage.push(...usage)
    epoch.last = Math.max(last, request.to)
    const grants = this.#settle(epoch, { ...request, usage })
    if (request.closes) epoch.state = 'closed'
    const recalls = [...this.recalls].map((account) => ({ account, key: '' }))
    this.recalls.clear()
    return {
      last: epoch.last,
      grants,
      recalls,
      prices: this.prices,
      state: this.#isSucceeded(epoch) ? 'fenced' : epoch.state,
    }
  }

  #isSucceeded({ id, instance }: Epoch): boolean {
    return this.#epochs.some((other) => other.instance === instance && other.id > id)
  }

  /** Frees what is leased to epochs, as after a long silence. */
  closeAll(): void {
    for (const epoch of this.#epochs) {
      this.#settle(epoch, { usage: [], leases: [], closes: true })
      epoch.state = 'closed'
    }
  }

  /** Has never heard of any epoch. */
  forget(): void {
    this.closeAll()
    this.#epochs = []
  }

  #settle(
    epoch: Epoch,
    { usage, leases: claims, closes }: Pick<PostRequest, 'usage' | 'leases' | 'closes'>,
  ): LeaseGrant[] {
    return [...this.#pots].flatMap(([account, pot]) => {
      const leases = epoch.leases.get(account) ?? new Map<string, bigint>()
      epoch.leases.set(account, leases)
      const state: PotState = { ...pot, leases }
      const position: Position = { pots: [state], isFrozen: this.frozen.has(account) }
      const settled = settle(position, {
        charges: chargesOf(usage.filter((line) => line.account === account)),
        claims: claims.filter((claim) => claim.account === account).map(bigClaim),
        isLive: epoch.state === 'live',
        closes,
        gateways: 1n,
        keyRooms: this.keyRooms,
      })
      pot.holding = state.holding
      this.uncollected += settled.uncollected
      this.late += settled.late
      const left = String(state.holding.credits - state.holding.leased)
      return settled.grants.map(({ key, granted, reason }) => {
        const retryAfterMs = reason === 'reserved' ? 500 : null
        return { account, key, granted: Number(granted), left, reason, retryAfterMs }
      })
    })
  }
}

function chargesOf(usage: readonly UsageLine[]): Map<string, bigint> {
  const charges = new Map<string, bigint>()
  for (const { key, ownPurse, credits } of usage) {
    const purse = ownPurse ? key : ''
    charges.set(purse, (charges.get(purse) ?? 0n) + BigInt(credits))
  }
  return charges
}

function bigClaim({ key, holds, wants, needs }: PostRequest['leases'][number]) {
  return { key, holds: BigInt(holds), wants: BigInt(wants), needs: BigInt(needs) }
}

export type ServedLedger = AsyncDisposable & {
  ledger: TestLedger
  /** The section of a gateway's configuration, but for its directory. */
  settings: { billing: { url: string; credential: string }; instance: string }
}

/** The ledger as it is seen on the wire. */
export function serveLedger(ledger = new TestLedger()): ServedLedger {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    async fetch(request) {
      if (ledger.isAway) return new Response('', { status: 503 })
      if (request.headers.get('authorization') !== `Bearer ${testBillingCredential}`) {
        return new Response('', { status: 401 })
      }
      const body: unknown = await request.json()
      if (request.url.endsWith('/begin')) {
        const { instance } = body as { instance: string }
        const { leaseMs, prices } = ledger
        return Response.json({ epoch: ledger.begin(instance), leaseMs, postMs: 50, prices })
      }
      // Only gateways under test send to it.
      const posted = body as PostRequest
      if (posted.leases.some(({ holds, wants, needs }) => Math.min(holds, wants, needs) < 0)) {
        return new Response('', { status: 400 })
      }
      const answer = ledger.post(posted)
      if (ledger.losesAnswers) return new Response('', { status: 503 })
      return Response.json(answer, { status: 'error' in answer ? 409 : 200 })
    },
  })
  const billing = { url: server.url.href, credential: testBillingCredential }
  return {
    ledger,
    settings: { billing, instance: 'test-gateway' },
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
}
