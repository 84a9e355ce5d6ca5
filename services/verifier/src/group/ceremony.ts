import { type AccessDomain, isSignedByQuorum, signerOf } from '@mooring/onchain/access-statements'
import { encodeBytes } from '@mooring/protocol/access/token'
import type { Clock } from '@mooring/telemetry/clock'
import type { Address, Hex, LocalAccount } from 'viem'
import {
  type CeremonyAnswer,
  type CeremonyQuestion,
  type ParsedAnswer,
  parseCeremonyAnswer,
} from './ceremony-wire.ts'
import { frost, identifierOf, type Round1Secret, toJson } from './frost.ts'
import { type GroupKey, jwkOf, statementOf } from './group-key.ts'
import type { KeyFiles } from './key-files.ts'
import {
  type CeremonyTerms,
  type Hello,
  helloProblem,
  transcriptOf,
  usedFromOf,
} from './transcript.ts'

export type CeremonyContext = {
  domain: AccessDomain
  account: LocalAccount
  clock: Clock
  files: KeyFiles
  ask(peer: Address, question: CeremonyQuestion): Promise<unknown>
  /** Told what a round waits for, so that people see why there is no key yet. */
  onWaiting?: ((waiting: Waiting) => void) | undefined
}

/** A member and why it is waited for. */
export type Waiting = { generation: number; member: Address; reason: string }

type ReceivedShare = { identifier: string; signingShare: Uint8Array }
type Agreed = {
  hellos: ReadonlyMap<Address, Hello>
  shares: Readonly<Record<string, { signingShare: Uint8Array }>>
}

/**
 * One making of a key by all members, without a dealer. Each member asks the others and answers them; nothing is
 * pushed, so a member that is late, restarts or is asked twice disturbs nobody:
 *
 * 1. `hello`: everyone's commitments to its polynomial, with a proof that it knows it.
 * 2. `echo`: everyone's hash of all hellos. No share leaves before all are equal.
 * 3. `share`: the value of everyone's polynomial for this member, sealed to it by the channel.
 * 4. `confirm`: everyone has its share on disk and signs for the key. No token is signed before all have.
 */
export class Ceremony {
  readonly #terms: CeremonyTerms
  readonly #context: CeremonyContext
  #mine: { hello: Hello; secret: Round1Secret }
  #usedFrom: number
  #transcript: Hex | undefined
  /** What everyone said, and values for the others; there once all echoes were equal. */
  #agreed: Agreed | undefined
  #pending: GroupKey | undefined
  #done: GroupKey | undefined
  /** Of the newest key that others have and this verifier has no share of. */
  madeGeneration = 0

  /** @param pending - A key whose ceremony was cut short after its share was saved. */
  constructor(
    terms: CeremonyTerms,
    context: CeremonyContext,
    { usedFrom, pending }: { usedFrom: number; pending?: GroupKey | undefined },
  ) {
    this.#terms = terms
    this.#context = context
    this.#usedFrom = usedFrom
    this.#mine = this.#speak()
    this.#pending = pending
  }

  /** Answers another member. */
  async answer(question: CeremonyQuestion): Promise<CeremonyAnswer> {
    const key = this.#done ?? this.#pending
    switch (question.kind) {
      case 'hello':
        if (this.#done !== undefined) return { kind: 'made', generation: this.#terms.generation }
        if (key !== undefined) return { kind: 'wait' }
        return { kind: 'hello', ...this.#mine.hello, round1: toJson(this.#mine.hello.round1) }
      case 'echo':
        if (this.#transcript === undefined) return { kind: 'wait' }
        return { kind: 'echo', transcript: this.#transcript }
      case 'confirm':
        if (key !== undefined) return this.#confirm(key, question.transcript)
        // Whoever has its share heard the same from everyone; who has heard something else since began anew.
        return { kind: this.#transcript === question.transcript ? 'wait' : 'differs' }
      case 'end':
        return { kind: 'wait' }
      case 'share':
        // Who asks is known to the caller, which answers with the share of that member alone.
        throw new Error('a share is asked for by shareFor')
    }
  }

  /** The share of one member, for that member. */
  shareFor(member: Address, transcript: Hex): CeremonyAnswer {
    if (this.#transcript !== transcript) return { kind: 'differs' }
    const share = this.#agreed?.shares[identifierOf(member)]
    if (share === undefined) return { kind: 'wait' }
    return { kind: 'share', signingShare: encodeBytes(share.signingShare) }
  }

  /**
   * Goes one round through the steps, as far as the others have got.
   *
   * @returns The key once everyone has confirmed it.
   */
  async step(): Promise<GroupKey | undefined> {
    if (this.#done !== undefined) return this.#done
    try {
      return await this.#step()
    } catch (error) {
      // A proof or a share was wrong: what was said cannot become a key.
      if (this.#pending === undefined) this.#startOver()
      throw error
    }
  }

  async #step(): Promise<GroupKey | undefined> {
    if (this.#pending === undefined) {
      // What was agreed on is not asked for again: whoever is further on says no more hello.
      this.#agreed ??= await this.#agree()
      if (this.#agreed === undefined) return undefined
      const received = await this.#collectShares()
      if (received === undefined) return undefined
      await this.#finish(this.#agreed.hellos, received)
    }
    return this.#activate()
  }

  #speak(): { hello: Hello; secret: Round1Secret } {
    const { members, threshold } = this.#terms
    const signers = { min: threshold, max: members.length }
    const { public: round1, secret } = frost.DKG.round1(this.#me, signers)
    return { hello: { round1, nonce: crypto.randomUUID(), usedFrom: this.#usedFrom }, secret }
  }

  /** With another polynomial, because what is known of this one belongs to a transcript that is void. */
  #startOver(): void {
    frost.DKG.clean(this.#mine.secret)
    this.#mine = this.#speak()
    this.#transcript = undefined
    this.#agreed = undefined
  }

  get #me(): string {
    return identifierOf(this.#context.account.address)
  }

  get #others(): Address[] {
    const own = this.#context.account.address.toLowerCase()
    return this.#terms.members.filter((member) => member.toLowerCase() !== own)
  }

  async #hellos(): Promise<Map<Address, Hello> | undefined> {
    const { generation } = this.#terms
    const said = new Map<Address, Hello>([[this.#context.account.address, this.#mine.hello]])
    const answers = await this.#askAll(() => ({ kind: 'hello', generation }))
    for (const [member, answer] of answers) {
      if (answer.kind === 'hello') {
        const { round1, nonce, usedFrom } = answer
        const problem = helloProblem(member, { round1, nonce, usedFrom }, this.#terms)
        if (problem === undefined) said.set(member, { round1, nonce, usedFrom })
        else this.#waitFor(member, problem)
      } else if (answer.kind === 'made') {
        this.madeGeneration = Math.max(this.madeGeneration, answer.generation)
        this.#waitFor(member, 'it has such a key already: have every verifier make a new one')
      } else this.#waitFor(member, 'it is not ready to make a key')
    }
    return said.size === this.#terms.members.length ? said : undefined
  }

  async #agree(): Promise<Agreed | undefined> {
    const { generation } = this.#terms
    const hellos = await this.#hellos()
    if (hellos === undefined) return undefined
    const transcript = transcriptOf(this.#terms, hellos)
    this.#transcript = transcript
    const answers = await this.#askAll(() => ({ kind: 'echo', generation }))
    const differing = answers.filter(
      ([, answer]) => answer.kind !== 'echo' || answer.transcript !== transcript,
    )
    for (const [member] of differing) this.#waitFor(member, 'it has heard other things so far')
    if (differing.length > 0 || answers.length < this.#others.length) return undefined
    const others = this.#others.flatMap((member) => hellos.get(member)?.round1 ?? [])
    // Checks every proof; throws when one of them is wrong.
    return { hellos, shares: frost.DKG.round2(this.#mine.secret, others) }
  }

  async #collectShares(): Promise<ReceivedShare[] | undefined> {
    const { generation } = this.#terms
    const transcript = this.#transcript
    if (transcript === undefined) return undefined
    const answers = await this.#askAll(() => ({ kind: 'share', generation, transcript }))
    // A member began anew, and cannot give what it would have given.
    if (answers.some(([, answer]) => answer.kind === 'differs' || answer.kind === 'made')) {
      this.#startOver()
      return undefined
    }
    const shares: ReceivedShare[] = []
    for (const [member, answer] of answers) {
      if (answer.kind !== 'share') this.#waitFor(member, 'it gives no share yet')
      else shares.push({ identifier: identifierOf(member), signingShare: answer.signingShare })
    }
    return shares.length === this.#others.length ? shares : undefined
  }

  async #finish(hellos: ReadonlyMap<Address, Hello>, received: ReceivedShare[]): Promise<void> {
    const { generation, members, threshold } = this.#terms
    const others = this.#others.flatMap((member) => hellos.get(member)?.round1 ?? [])
    const key = frost.DKG.round3(this.#mine.secret, others, received)
    const usedFrom = usedFromOf(hellos)
    const { kid } = await jwkOf(key, usedFrom)
    const transcript = transcriptOf(this.#terms, hellos)
    const own = await this.#sign(key, usedFrom)
    const pending = { generation, kid, usedFrom, members, threshold, transcript, frost: key }
    const whole = { ...pending, signatures: [own] }
    await this.#context.files.savePending(whole)
    this.#pending = whole
  }

  async #confirm(key: GroupKey, transcript: Hex): Promise<CeremonyAnswer> {
    if (key.transcript !== transcript) return { kind: 'differs' }
    if (this.#done !== undefined) return { kind: 'active', signatures: [...key.signatures] }
    const { signature } = await this.#sign(key.frost, key.usedFrom)
    return { kind: 'confirmed', signature }
  }

  async #activate(): Promise<GroupKey | undefined> {
    const pending = this.#pending
    if (pending === undefined) return undefined
    const { generation, transcript } = pending
    const answers = await this.#askAll(() => ({ kind: 'confirm', generation, transcript }))
    for (const [, answer] of answers) {
      if (answer.kind === 'active' && (await this.#isSignedByAll(pending, answer.signatures))) {
        return this.#become({ ...pending, signatures: answer.signatures as GroupKey['signatures'] })
      }
    }
    // Someone lost its share before it was saved. Everyone has to have answered, since who is silent may use the key.
    const isVoid = answers.some(([, answer]) => answer.kind === 'differs')
    if (isVoid && answers.length === this.#others.length) {
      this.#pending = undefined
      await this.#context.files.dropPending()
      this.#startOver()
      return undefined
    }
    const signatures = [await this.#sign(pending.frost, pending.usedFrom)]
    const statement = await statementOf(this.#context.domain, pending.frost, pending.usedFrom)
    for (const [member, answer] of answers) {
      if (answer.kind !== 'confirmed') this.#waitFor(member, 'it has not confirmed the key yet')
      else if ((await signerOf(statement, answer.signature)) !== member) {
        this.#waitFor(member, 'it has signed another key')
      } else signatures.push({ verifier: member, signature: answer.signature })
    }
    if (signatures.length < pending.members.length) return undefined
    return this.#become({ ...pending, signatures })
  }

  async #become(made: GroupKey): Promise<GroupKey> {
    // In the order of members, so that all publish the same.
    const key = { ...made, signatures: ascending(made.signatures) }
    await this.#context.files.saveActive(key)
    this.#done = key
    this.#pending = undefined
    return key
  }

  async #isSignedByAll(
    key: GroupKey,
    signatures: readonly { verifier: string; signature: Hex }[],
  ): Promise<boolean> {
    const statement = await statementOf(this.#context.domain, key.frost, key.usedFrom)
    const everyone = { members: key.members, threshold: key.members.length }
    // Names are compared, not trusted.
    const named = signatures as { verifier: Address; signature: Hex }[]
    return isSignedByQuorum(everyone, statement, named)
  }

  async #sign(key: GroupKey['frost'], usedFrom: number) {
    const { account, domain } = this.#context
    const signature = await account.signTypedData(await statementOf(domain, key, usedFrom))
    return { verifier: account.address, signature }
  }

  /** Answers of those that gave one; the others are waited for. */
  async #askAll(
    questionFor: (member: Address) => CeremonyQuestion,
  ): Promise<[Address, ParsedAnswer][]> {
    const answers = await Promise.all(
      this.#others.map(async (member): Promise<[Address, ParsedAnswer][]> => {
        try {
          const answer = await this.#context.ask(member, questionFor(member))
          return [[member, parseCeremonyAnswer(answer)]]
        } catch (error) {
          this.#waitFor(member, error instanceof Error ? error.message : String(error))
          return []
        }
      }),
    )
    return answers.flat()
  }

  #waitFor(member: Address, reason: string): void {
    this.#context.onWaiting?.({ generation: this.#terms.generation, member, reason })
  }
}

function ascending(signatures: GroupKey['signatures']): GroupKey['signatures'] {
  return [...signatures].sort((one, other) => {
    return one.verifier.toLowerCase() < other.verifier.toLowerCase() ? -1 : 1
  })
}
