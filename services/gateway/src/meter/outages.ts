/** What is remembered of how requests ended halves in so long. */
const halfLifeMs = 10_000
/** Of whom so little is left that it says nothing is forgotten. */
const requestsMin = 0.05

/** How the requests of one account ended on one chain, where nodes were asked: the older, the less they count. */
export class Tally {
  answered = 0
  failed = 0
  /** Of what was asked, as of the last look. */
  share = 0
  isListed = false
  /** Whether it was there at the last look. */
  isCounted = false
  readonly chain: ChainTallies

  constructor(chain: ChainTallies) {
    this.chain = chain
  }

  note(isAnswered: boolean): void {
    if (isAnswered) this.answered++
    else this.failed++
    if (!this.isListed) this.chain.list(this)
  }
}

/** All of one chain. Each account is one voice, however much it sends: none can make an outage look like one alone. */
class ChainTallies {
  readonly byVoice = new Map<string, Tally>()
  readonly #listed = new Set<Tally>()
  #shares = 0
  #voices = 0

  list(tally: Tally): void {
    tally.isListed = true
    this.#listed.add(tally)
  }

  sweep(factor: number): void {
    this.#shares = 0
    this.#voices = 0
    for (const tally of this.#listed) {
      tally.answered *= factor
      tally.failed *= factor
      const asked = tally.answered + tally.failed
      if (asked < requestsMin) this.#forget(tally)
      else {
        tally.share = tally.failed / asked
        tally.isCounted = true
        this.#shares += tally.share
        this.#voices++
      }
    }
  }

  forgetIdle(): void {
    for (const [voice, tally] of this.byVoice) if (!tally.isListed) this.byVoice.delete(voice)
  }

  /** The mean share that failed of those besides one, and of the nodes themselves. */
  shareOfOthers(tally: Tally, unfitShare: number): number {
    const own = tally.isCounted ? 1 : 0
    const shares = this.#shares - own * tally.share + unfitShare
    // The nodes are one voice, too. What is added and taken away again may leave a little less than nothing.
    return Math.max(0, shares) / (this.#voices - own + 1)
  }

  #forget(tally: Tally): void {
    tally.isListed = false
    tally.isCounted = false
    tally.share = 0
    tally.answered = 0
    tally.failed = 0
    this.#listed.delete(tally)
  }
}

/** Tells what ails everybody from what ails one account: whether nodes of a chain fail others, too. */
export class Outages {
  readonly #chains = new Map<string, ChainTallies>()
  #sweptMs = Number.NEGATIVE_INFINITY

  /** @param voice - Whose requests are one voice: an account, or whoever has none. */
  tallyOf(chain: string, voice: string): Tally {
    const tallies = this.#chains.get(chain) ?? new ChainTallies()
    this.#chains.set(chain, tallies)
    const tally = tallies.byVoice.get(voice) ?? new Tally(tallies)
    tallies.byVoice.set(voice, tally)
    return tally
  }

  /** For when nobody holds a tally any more: those that say nothing are made again when they are asked for. */
  forgetIdle(): void {
    for (const tallies of this.#chains.values()) tallies.forgetIdle()
  }

  sweep(nowMs: number): void {
    const factor = 0.5 ** ((nowMs - this.#sweptMs) / halfLifeMs)
    this.#sweptMs = nowMs
    for (const tallies of this.#chains.values()) tallies.sweep(factor)
  }
}
