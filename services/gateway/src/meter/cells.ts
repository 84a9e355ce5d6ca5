import type { UsageLine } from '@mooring/protocol/metering/wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Outages, Tally } from './outages.ts'
import type { Payer } from './payer.ts'
import type { Purse } from './purse.ts'

/** Cells kept at once; all are forgotten together, and made again when they are needed. */
const cellsMax = 200_000
const hourMs = 3_600_000

/** What one cell counts: requests that are alike, of one hour. */
export type CellFacts = Omit<UsageLine, 'requests' | 'credits'>

/** Counts requests that are alike until they are in a frame. */
export type Cell = {
  readonly facts: CellFacts
  /** JSON of a line up to its counts: made once, written for every frame. */
  readonly start: string
  readonly purse: Purse | undefined
  /** How requests of its account end on its chain. */
  readonly tally: Tally
  requests: number
  credits: number
}

/** An hour that has begun is seen after so long at the latest. */
const hourPaceMs = 1_000

/** Cells by who pays, chain, method and status. One that is known is found without making anything. */
export class Cells {
  readonly #clock: Clock
  readonly #outages: Outages
  #hour = Number.NaN
  #hourUntilMs = Number.NEGATIVE_INFINITY
  #count = 0
  readonly #holders = new Set<Payer>()

  constructor(clock: Clock, outages: Outages) {
    this.#clock = clock
    this.#outages = outages
  }

  /** How many there are. */
  get count(): number {
    return this.#count
  }

  /** @param nowMs - When the request came, by the clock that never steps back. */
  of(payer: Payer, facts: Pick<CellFacts, 'chain' | 'method' | 'status'>, nowMs: number): Cell {
    if (nowMs >= this.#hourUntilMs) this.#lookAtTheClock(nowMs)
    const { chain, method, status } = facts
    return payer.cells?.get(chain)?.get(method)?.get(status) ?? this.#add(payer, facts)
  }

  #lookAtTheClock(nowMs: number): void {
    this.#hourUntilMs = nowMs + hourPaceMs
    const hour = Math.floor(this.#clock.wallMs() / hourMs)
    if (hour !== this.#hour) this.#forget(hour)
  }

  #add(
    payer: Payer,
    { chain, method, status }: Pick<CellFacts, 'chain' | 'method' | 'status'>,
  ): Cell {
    if (this.#count >= cellsMax) this.#forget(this.#hour)
    this.#count++
    this.#holders.add(payer)
    const { account, key, ownPurse } = payer
    const facts = { account, key, ownPurse, chain, method, status, hour: this.#hour }
    const start = `${JSON.stringify(facts).slice(0, -1)},"requests":`
    const tally = this.#outages.tallyOf(chain, account ?? key)
    const cell: Cell = { facts, start, purse: payer.purse, tally, requests: 0, credits: 0 }
    payer.cells ??= new Map()
    const byMethod = madeIn(payer.cells, chain)
    madeIn(byMethod, method).set(status, cell)
    return cell
  }

  /** What has been counted and is in no frame yet is still held by whoever makes frames. */
  #forget(hour: number): void {
    for (const payer of this.#holders) payer.cells = undefined
    this.#holders.clear()
    this.#count = 0
    this.#hour = hour
    this.#outages.forgetIdle()
  }
}

function madeIn<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = new Map<string, V>()
  map.set(key, made)
  return made
}
