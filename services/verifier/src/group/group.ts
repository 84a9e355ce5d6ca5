import type { GroupKeySet } from '@mooring/protocol/access/verifier-wire'
import type { Address } from 'viem'
import { Ceremony, type CeremonyContext } from './ceremony.ts'
import type { CeremonyAnswer, CeremonyQuestion } from './ceremony-wire.ts'
import { type EndVotesQuestion, parseVotes } from './end-at-once.ts'
import { type EndState, EndVotes } from './end-votes.ts'
import { answerEnding, collectEnding, usedUntilOf } from './endings.ts'
import { type GroupKey, isEnded } from './group-key.ts'
import { HeldKeys } from './held-keys.ts'
import { isSameSet, type Membership } from './membership.ts'

export type GroupContext = Omit<CeremonyContext, 'ask'> & {
  ask(peer: Address, question: CeremonyQuestion | EndVotesQuestion): Promise<unknown>
  membership: Pick<Membership, 'current' | 'read'>
  /** A new key is published for so long before it is used, so that every gateway has it by then. */
  publishAheadSeconds: number
  /** No token lives longer, so a key that was replaced so long ago signs nothing that still counts. */
  tokenLifeSecondsMax: number
  onKey(key: GroupKey): void
  /** Enough verifiers want a key to end at once. */
  onEnded(key: GroupKey): void
  onError(error: unknown): void
}

const stepMs = 200
const idleMs = 500
const graceSeconds = 86_400
/** A key that is used so soon is no reason to make another one. */
const soonSeconds = 60
/** So many generations members may be apart that gave tries up while others were away. */
const catchUpMax = 64

/** The keys that this verifier has shares of, and the making of new ones. */
export class Group {
  readonly #context: GroupContext
  readonly #keys: HeldKeys
  readonly #votes: EndVotes
  #ceremony: { generation: number; run: Ceremony } | undefined
  #wanted = 1
  /** Shares that were given up for another ceremony, in case somebody uses that key after all. */
  #parked: readonly GroupKey[] = []

  private constructor(context: GroupContext, active: readonly GroupKey[]) {
    this.#context = context
    this.#keys = new HeldKeys(context.files, active)
    this.#votes = new EndVotes(this.#keys, context)
  }

  static async open(context: GroupContext): Promise<Group> {
    let { active, pending, parked } = await context.files.load()
    const group = new Group(context, active)
    group.#parked = parked
    const newest = active.at(-1)?.generation ?? 0
    // A crash between two writes may leave both.
    if (pending !== undefined && pending.generation <= newest) {
      await context.files.dropPending()
      pending = undefined
    }
    group.#wanted = pending?.generation ?? newest + (active.length ? 0 : 1)
    if (pending !== undefined) {
      const { generation, members, threshold, usedFrom } = pending
      const kept = { usedFrom, pending, parked }
      const run = new Ceremony({ generation, members, threshold }, context, kept)
      group.#ceremony = { generation, run }
    }
    return group
  }

  /** The key to sign with now; undefined until the verifiers have made one, and while the last one has ended. */
  get signingKey(): GroupKey | undefined {
    const key = this.#keys.dueAt(this.#nowSeconds)
    return key === undefined || isEnded(key) ? undefined : key
  }

  /** A key whose tokens count. */
  keyOf(kid: string): GroupKey | undefined {
    const key = this.#keys.find(kid)
    return key === undefined || isEnded(key) ? undefined : key
  }

  /** Whether tokens of a key are worth nothing because it ended at once. */
  hasEnded(kid: string): boolean {
    const key = this.#keys.find(kid)
    return key !== undefined && isEnded(key)
  }

  /** What is published: keys in use, and those that soon will be; and those that ended at once. */
  async published(): Promise<GroupKeySet> {
    const { keys, ended } = await this.#keys.published()
    return { keys, 'mooring:ended': ended }
  }

  /** Wants a new key; it is made once every member wants one. */
  rotate(): { generation: number } {
    this.#wanted = (this.#keys.newest?.generation ?? 0) + 1
    return { generation: this.#wanted }
  }

  /**
   * Votes for keys to end at once, for good, and tells the other verifiers.
   *
   * @param kid - One of them; all that are held where none is named.
   * @returns How far each has come; empty where there is no such key.
   */
  endAtOnce(kid?: string): Promise<EndState[]> {
    return this.#votes.cast(kid)
  }

  /** Answers another verifier. */
  async answer(from: Address, question: CeremonyQuestion | EndVotesQuestion): Promise<unknown> {
    if (question.kind !== 'endVotes') return this.#answerCeremony(from, question)
    const votes = await this.#votes.hear(question.kid, parseVotes(question.votes))
    return { kind: 'endVotes', votes }
  }

  async #answerCeremony(from: Address, question: CeremonyQuestion): Promise<CeremonyAnswer> {
    const { generation } = question
    if (question.kind === 'hello') this.#catchUp(generation)
    const ceremony = this.#ceremony
    if (ceremony?.generation === generation) {
      if (question.kind === 'share') return ceremony.run.shareFor(from, question.transcript)
      return ceremony.run.answer(question)
    }
    const key = this.#keys.all.find((one) => one.generation === generation)
    if (question.kind === 'end') {
      const known = key && this.#usedUntilOf(key)
      return answerEnding(this.#context, key, { usedUntil: question.usedUntil, known })
    }
    if (key !== undefined && question.kind === 'confirm') {
      const isSame = key.transcript === question.transcript
      return isSame ? { kind: 'active', signatures: [...key.signatures] } : { kind: 'differs' }
    }
    const newest = this.#keys.newest
    if (newest !== undefined && newest.generation >= generation) {
      return { kind: 'made', generation: newest.generation }
    }
    return { kind: 'wait' }
  }

  /** Makes keys that are wanted until the signal says to stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#context
    while (!signal.aborted) {
      this.#followSet()
      try {
        await this.#votes.tell()
        if (this.#isMaking) await this.#step()
        await this.#retire()
      } catch (error) {
        onError(error)
      }
      await clock.sleep(this.#isMaking ? stepMs : idleMs, signal)
    }
  }

  get #isMaking(): boolean {
    return (this.#keys.newest?.generation ?? 0) < this.#wanted
  }

  get #nowSeconds(): number {
    return Math.floor(this.#context.clock.wallMs() / 1_000)
  }

  /**
   * Members give tries up when the set changes, and one that comes later has given up fewer. Whoever makes a key goes
   * on to the try that another member is at; who makes none stays, so that nobody makes it rotate.
   */
  #catchUp(generation: number): void {
    if (!this.#isMaking || generation > this.#wanted + catchUpMax) return
    this.#wanted = Math.max(this.#wanted, generation)
  }

  /** A key belongs to the set that made it: another set makes another one. So it does when its key has ended. */
  #followSet(): void {
    const set = this.#context.membership.current
    if (set === undefined) return
    const { newest } = this.#keys
    const isMaking = this.#isMaking
    if (!isMaking && newest !== undefined) {
      const due = this.#keys.dueAt(this.#nowSeconds + soonSeconds)
      const hasEndedDue = due !== undefined && isEnded(due)
      if (hasEndedDue || !isSameSet(newest, set)) this.rotate()
    }
    if (!isMaking || this.#ceremony === undefined) return
    if (!isSameSet(this.#ceremony.run.terms, set)) {
      this.#wanted = Math.max(this.#wanted, this.#ceremony.generation + 1)
    }
  }

  async #step(): Promise<void> {
    const generation = this.#wanted
    if (this.#ceremony?.generation !== generation) {
      await this.#ceremony?.run.park()
      const terms = { generation, ...(await this.#context.membership.read()) }
      // While there is none to sign with, nobody is helped by waiting.
      const aheadSeconds = this.signingKey === undefined ? 0 : this.#context.publishAheadSeconds
      const usedFrom = this.#nowSeconds + aheadSeconds
      const parked = this.#ceremony?.run.parked ?? this.#parked
      const run = new Ceremony(terms, this.#context, { usedFrom, parked })
      this.#ceremony = { generation, run }
    }
    const { run } = this.#ceremony
    const key = await run.step()
    // This verifier has no share of what the others have made: it takes part in the next one.
    if (run.madeGeneration >= this.#wanted) this.#wanted = run.madeGeneration + 1
    if (key === undefined) return
    this.#parked = run.parked
    this.#keys.add(key)
    this.#ceremony = undefined
    this.#context.onKey(key)
  }

  #usedUntilOf(key: GroupKey): number | undefined {
    return usedUntilOf(key, this.#keys.all, this.#context.tokenLifeSecondsMax)
  }

  /** Publishes when keys end that others have taken the place of, and forgets those that have. */
  async #retire(): Promise<void> {
    for (const key of this.#keys.all) {
      const usedUntil = this.#usedUntilOf(key)
      if (usedUntil === undefined) continue
      // A clock that jumps ahead for a moment must not cost a share.
      if (usedUntil + graceSeconds <= this.#nowSeconds) await this.#keys.drop(key)
      else if (key.end === undefined) {
        const end = await collectEnding(this.#context, key, usedUntil)
        if (end === undefined) continue
        // It may have ended at once meanwhile.
        await this.#keys.change(key.kid, (now) => (now.end === undefined ? { ...now, end } : now))
      }
    }
  }
}
