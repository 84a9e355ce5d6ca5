import type { AccessDomain } from '@mooring/onchain/access-statements'
import type { Clock } from '@mooring/telemetry/clock'
import type { Address, LocalAccount } from 'viem'
import {
  type EndVotesQuestion,
  parseVotesAnswer,
  signVote,
  votesFor,
  withVotes,
} from './end-at-once.ts'
import { type GroupKey, isEnded, type KeySignature } from './group-key.ts'
import type { HeldKeys } from './held-keys.ts'
import type { Membership } from './membership.ts'

/** How far a key has come on its way to an end at once. */
export type EndState = { kid: string; isEnded: boolean; votes: Address[]; needed: number }

export type EndVotesContext = {
  domain: AccessDomain
  account: LocalAccount
  clock: Clock
  membership: Pick<Membership, 'current' | 'read'>
  ask(peer: Address, question: EndVotesQuestion): Promise<unknown>
  onEnded(key: GroupKey): void
}

/** A verifier that was away hears of it so soon. */
const tellMs = 10_000

/**
 * Votes of verifiers for keys to end at once. Everyone tells everyone all the votes it knows, its own or not, so that
 * it is enough for two to reach each other once; they are kept as long as the key.
 */
export class EndVotes {
  readonly #keys: HeldKeys
  readonly #context: EndVotesContext
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(keys: HeldKeys, context: EndVotesContext) {
    this.#keys = keys
    this.#context = context
  }

  /** This verifier's own vote, about one key or all, on disk before anybody hears of it. Throws without a set. */
  async cast(kid: string | undefined): Promise<EndState[]> {
    const { membership } = this.#context
    // The chain may be away in the hour of need.
    const set = membership.current ?? (await membership.read())
    const kids = this.#keys.all.map((key) => key.kid).filter((one) => one === (kid ?? one))
    for (const one of kids) {
      const key = this.#keys.find(one)
      if (key !== undefined) await this.#add(one, [await signVote(this.#context, key)])
    }
    await this.#tellAll()
    return kids.flatMap((one) => {
      const key = this.#keys.find(one)
      if (key === undefined) return []
      const votes = votesFor(key).map(({ verifier }) => verifier)
      return [{ kid: one, isEnded: isEnded(key), votes, needed: set.threshold }]
    })
  }

  /** What another verifier knows, answered with what is known here. */
  async hear(kid: string, votes: readonly KeySignature[]): Promise<readonly KeySignature[]> {
    await this.#add(kid, votes)
    const key = this.#keys.find(kid)
    return key === undefined ? [] : votesFor(key)
  }

  /** Tells the others, when it is time to. */
  async tell(): Promise<void> {
    if (this.#context.clock.nowMs() - this.#toldMs < tellMs) return
    await this.#tellAll()
  }

  async #tellAll(): Promise<void> {
    this.#toldMs = this.#context.clock.nowMs()
    for (const key of this.#keys.all) {
      if (votesFor(key).length > 0) await this.#tellOf(key)
    }
  }

  async #tellOf({ kid }: GroupKey): Promise<void> {
    const { account, ask, membership } = this.#context
    const own = account.address.toLowerCase()
    const others = membership.current?.members.filter((one) => one.toLowerCase() !== own) ?? []
    const key = this.#keys.find(kid)
    if (key === undefined) return
    const votes = votesFor(key)
    await Promise.all(
      others.map(async (other) => {
        // Whoever is away is told again.
        const answer = await ask(other, { kind: 'endVotes', kid, votes }).catch(() => undefined)
        await this.#add(kid, parseVotesAnswer(answer))
      }),
    )
  }

  async #add(kid: string, votes: readonly KeySignature[]): Promise<void> {
    const { domain, membership, onEnded } = this.#context
    const set = membership.current
    if (set === undefined || votes.length === 0) return
    let before: GroupKey | undefined
    const after = await this.#keys.change(kid, (key) => {
      before = key
      return withVotes(domain, key, { votes, set })
    })
    if (after === undefined || after === before) return
    // The others hear of it in the next round.
    this.#toldMs = Number.NEGATIVE_INFINITY
    if (isEnded(after)) onEnded(after)
  }
}
