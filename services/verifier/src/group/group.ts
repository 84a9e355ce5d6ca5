import type { GroupJwk } from '@mooring/protocol/access/verifier-wire'
import type { Address } from 'viem'
import { Ceremony, type CeremonyContext } from './ceremony.ts'
import type { CeremonyAnswer, CeremonyQuestion } from './ceremony-wire.ts'
import { answerEnding, collectEnding, usedUntilOf } from './endings.ts'
import { type GroupKey, publicJwkOf } from './group-key.ts'
import type { CeremonyTerms } from './transcript.ts'

export type GroupContext = CeremonyContext & {
  /** The set of verifiers as the chain has it. */
  readMembers(): Promise<Pick<CeremonyTerms, 'members' | 'threshold'>>
  /** A new key is published for so long before it is used, so that every gateway has it by then. */
  publishAheadSeconds: number
  /** No token lives longer, so a key that was replaced so long ago signs nothing that still counts. */
  tokenLifeSecondsMax: number
  onKey(key: GroupKey): void
  onError(error: unknown): void
}

const stepMs = 200
const idleMs = 1_000

/** The keys that this verifier has shares of, and the making of new ones. */
export class Group {
  readonly #context: GroupContext
  #keys: GroupKey[] = []
  #ceremony: { generation: number; run: Ceremony } | undefined
  #wanted = 1

  private constructor(context: GroupContext) {
    this.#context = context
  }

  static async open(context: GroupContext): Promise<Group> {
    const group = new Group(context)
    const { active, pending } = await context.files.load()
    group.#keys = active
    group.#wanted =
      pending?.generation ?? (group.#newest?.generation ?? 0) + (active.length ? 0 : 1)
    if (pending !== undefined) {
      const { generation, members, threshold, usedFrom } = pending
      const run = new Ceremony({ generation, members, threshold }, context, { usedFrom, pending })
      group.#ceremony = { generation, run }
    }
    return group
  }

  /** The key to sign with now; undefined until the verifiers have made one. */
  get signingKey(): GroupKey | undefined {
    const nowSeconds = this.#nowSeconds
    return this.#keys.findLast(({ usedFrom }) => usedFrom <= nowSeconds)
  }

  keyOf(kid: string): GroupKey | undefined {
    return this.#keys.find((key) => key.kid === kid)
  }

  /** What is published: keys in use, and those that soon will be. */
  async published(): Promise<GroupJwk[]> {
    return Promise.all(this.#keys.map(publicJwkOf))
  }

  /** Wants a new key; it is made once every member wants one. */
  rotate(): { generation: number } {
    this.#wanted = (this.#newest?.generation ?? 0) + 1
    return { generation: this.#wanted }
  }

  /** Answers another verifier. */
  async answer(from: Address, question: CeremonyQuestion): Promise<CeremonyAnswer> {
    const { generation } = question
    const ceremony = this.#ceremony
    if (ceremony?.generation === generation) {
      if (question.kind === 'share') return ceremony.run.shareFor(from, question.transcript)
      return ceremony.run.answer(question)
    }
    const key = this.#keys.find((one) => one.generation === generation)
    if (question.kind === 'end') {
      const known = key && this.#usedUntilOf(key)
      return answerEnding(this.#context, key, { usedUntil: question.usedUntil, known })
    }
    if (key !== undefined && question.kind === 'confirm') {
      const isSame = key.transcript === question.transcript
      return isSame ? { kind: 'active', signatures: [...key.signatures] } : { kind: 'differs' }
    }
    const newest = this.#newest
    if (newest !== undefined && newest.generation >= generation) {
      return { kind: 'made', generation: newest.generation }
    }
    return { kind: 'wait' }
  }

  /** Makes keys that are wanted until the signal says to stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#context
    while (!signal.aborted) {
      const isMaking = (this.#newest?.generation ?? 0) < this.#wanted
      try {
        if (isMaking) await this.#step()
        await this.#retire()
      } catch (error) {
        onError(error)
      }
      await clock.sleep(isMaking ? stepMs : idleMs, signal)
    }
  }

  get #newest(): GroupKey | undefined {
    return this.#keys.at(-1)
  }

  get #nowSeconds(): number {
    return Math.floor(this.#context.clock.wallMs() / 1_000)
  }

  async #step(): Promise<void> {
    const generation = this.#wanted
    if (this.#ceremony?.generation !== generation) {
      const terms = { generation, ...(await this.#context.readMembers()) }
      const aheadSeconds = this.#keys.length === 0 ? 0 : this.#context.publishAheadSeconds
      const usedFrom = this.#nowSeconds + aheadSeconds
      this.#ceremony = { generation, run: new Ceremony(terms, this.#context, { usedFrom }) }
    }
    const { run } = this.#ceremony
    const key = await run.step()
    // This verifier has no share of what the others have made: it takes part in the next one.
    if (run.madeGeneration >= this.#wanted) this.#wanted = run.madeGeneration + 1
    if (key === undefined) return
    this.#keys = [...this.#keys, key]
    this.#ceremony = undefined
    this.#context.onKey(key)
  }

  #usedUntilOf(key: GroupKey): number | undefined {
    return usedUntilOf(key, this.#keys, this.#context.tokenLifeSecondsMax)
  }

  /** Publishes when keys end that others have taken the place of, and forgets those that have. */
  async #retire(): Promise<void> {
    const { files } = this.#context
    for (const key of this.#keys) {
      const usedUntil = this.#usedUntilOf(key)
      if (usedUntil === undefined) continue
      if (usedUntil <= this.#nowSeconds) {
        this.#keys = this.#keys.filter((one) => one !== key)
        await files.drop(key.generation)
      } else if (key.end === undefined) {
        const end = await collectEnding(this.#context, key, usedUntil)
        if (end === undefined) continue
        const ending = { ...key, end }
        await files.update(ending)
        this.#keys = this.#keys.map((one) => (one === key ? ending : one))
      }
    }
  }
}
