import { Buckets } from '@mooring/market/quotas/buckets'
import type { Exchange } from '../exchange.ts'
import type { Tally } from './outages.ts'

/** What of failed requests costs nothing, where the request itself may be why they fail. */
export type FreeFailures = {
  /** Of an account that fails at once; refilled evenly within an hour. */
  burstCredits: number
  /** Of what an account is charged, what may fail besides for nothing. */
  chargedShareMax: number
}

/** Accounts remembered at once: those whose room is not whole. */
const accountsMax = 50_000
const hourSeconds = 3_600
/** So much of what an account's share allows at present may fail at once. */
const shareSeconds = 60
/** Where so much fails for others as well, it is an outage. */
const outageShare = 0.5

type Failed = {
  exchange: Pick<Exchange, 'chain' | 'purse' | 'reserved' | 'relayed'>
  /** Of its account on its chain. */
  tally: Tally
}

/**
 * Room for failures that a request may have provoked: by being too heavy for any node, or by what is in it. An account
 * has a burst and a share of what it is charged; what goes beyond is charged. Failures that others have as well are an
 * outage, and free.
 */
export class RefundRooms {
  readonly #rule: FreeFailures
  readonly #rooms = new Buckets({ countMax: accountsMax })

  constructor(rule: FreeFailures) {
    this.#rule = rule
  }

  /** Whether a failure costs nothing; takes it out of the account's room, where it has to. */
  isFree({ exchange, tally }: Failed, nowMs: number): boolean {
    const { chain, purse, reserved, relayed } = exchange
    if (purse === undefined || (relayed !== undefined && !didNodesWork(relayed))) return true
    const { upstreams } = chain
    const unfit = upstreams.filter(({ assignable }) => !assignable).length
    const others = tally.chain.shareOfOthers(tally, unfit / Math.max(1, upstreams.length))
    if (others >= outageShare) return true
    const rule = this.#ruleOf(purse.spentPerMs * 1_000, others)
    return this.#rooms.take(purse.account, rule, { nowMs, count: reserved }).admitted
  }

  /** Where a part of what others send fails, twice that part may fail here. */
  #ruleOf(creditsPerSecond: number, others: number) {
    const { burstCredits, chargedShareMax } = this.#rule
    const ofSpent = Math.max(chargedShareMax, 2 * others) * creditsPerSecond
    return {
      perSecond: burstCredits / hourSeconds + ofSpent,
      burst: burstCredits + ofSpent * shareSeconds,
    }
  }
}

/** Whether the request got to any node: what failed before costs nobody anything. */
function didNodesWork({ outcomes }: NonNullable<Exchange['relayed']>): boolean {
  return outcomes.some(({ verdict }) => verdict.kind === 'ok' || verdict.sent)
}
