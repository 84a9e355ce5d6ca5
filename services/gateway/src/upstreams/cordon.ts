/** Failed requests in a row that take an upstream out of selection. */
export const failuresInARowMax = 3
const firstHoldMs = 5_000
const longestHoldMs = 300_000
/** After this long without a cordon the next one starts from the first hold again. */
const forgivenMs = 600_000
/** Answered probes in a row that let an upstream back in. */
const probesToReturn = 2
/** Answered requests and probes that end its probation. */
const relaysToPass = 20

export type CordonKind =
  /** Failures in a row. */
  | 'burst'
  /** It asked for a pause. */
  | 'throttled'
  /** It refuses this gateway: a key or a quota its operator must mend. */
  | 'refused'
  /** Taken out by the gateway's operator. */
  | 'operator'

type Cordon = { kind: CordonKind; why: string; untilMs: number }

/**
 * When an upstream is out of selection and how it comes back: a hold that doubles with each repetition,
 * then answered probes, then probation with a small part of the traffic.
 */
export class CordonState {
  #cordon: Cordon | undefined
  #repeats = 0
  #lastEndMs = 0
  #probesAnswered = 0
  #relaysToGo = 0

  get onProbation(): boolean {
    return this.#relaysToGo > 0
  }

  /** Why it is out at this moment, or undefined. */
  reason(nowMs: number): string | undefined {
    const cordon = this.#cordon
    if (cordon === undefined) return undefined
    const leftMs = cordon.untilMs - nowMs
    if (cordon.untilMs === Number.POSITIVE_INFINITY) return `${cordon.why}, until it is let back in`
    if (leftMs > 0) return `${cordon.why}; probed again in ${Math.ceil(leftMs / 1_000)} s`
    return `${cordon.why}; waiting for ${probesToReturn} answered probes`
  }

  /** @param holdMs - A pause the upstream asked for; by default 5 s, doubling to 5 min. */
  begin(kind: CordonKind, why: string, nowMs: number, holdMs?: number): void {
    if (kind !== 'operator' && this.#holds(nowMs)) return
    if (nowMs - this.#lastEndMs > forgivenMs) this.#repeats = 0
    const doubled = Math.min(longestHoldMs, firstHoldMs * 2 ** this.#repeats)
    const asked = Math.min(longestHoldMs, Math.max(doubled, holdMs ?? 0))
    const hold = kind === 'operator' ? Number.POSITIVE_INFINITY : asked
    this.#repeats = Math.min(this.#repeats + 1, 16)
    this.#probesAnswered = 0
    this.#cordon = { kind, why, untilMs: nowMs + hold }
  }

  /** Requests that were in flight when it began fail too, and must not count as further reasons. */
  #holds(nowMs: number): boolean {
    return this.#cordon !== undefined && nowMs < this.#cordon.untilMs
  }

  /** Ends a cordon by an operator's word; the upstream still passes probation. */
  lift(nowMs: number): void {
    if (this.#cordon !== undefined) this.#end(nowMs)
  }

  probed(answered: boolean, nowMs: number): void {
    // An answered probe counts towards the end of probation too, or an upstream that nobody needs stays on it.
    if (answered && this.#cordon === undefined) this.relaySucceeded()
    if (this.#cordon === undefined || nowMs < this.#cordon.untilMs) return
    this.#probesAnswered = answered ? this.#probesAnswered + 1 : 0
    if (this.#probesAnswered >= probesToReturn) this.#end(nowMs)
  }

  /** An upstream that was silent comes back the same way as one that failed. */
  startProbation(): void {
    this.#relaysToGo = relaysToPass
  }

  relaySucceeded(): void {
    if (this.#relaysToGo > 0) this.#relaysToGo--
  }

  #end(nowMs: number): void {
    this.#cordon = undefined
    this.#lastEndMs = nowMs
    this.startProbation()
  }
}
