import { readPart, type System } from '@mooring/onchain/contracts'
import { recoverSigner } from '@mooring/onchain/digest-signer'
import type { SettlementWish } from '@mooring/protocol/settlement/signing-wire'
import { type Hex, hashTypedData, hexToBytes, type TypedDataDefinition } from 'viem'
import type { Events } from '../events.ts'
import { askVerifier, type VerifierAnswer } from './ask-verifier.ts'

/** All verifiers, asked for signatures that a contract takes. */
export type Panel = {
  collect(
    wish: SettlementWish,
    statement: TypedDataDefinition,
    signal: AbortSignal,
  ): Promise<Collected>
}

export type Collected =
  /** @param signatures - As many as are needed, in ascending order of their signers. */
  | { enough: true; signatures: Hex[] }
  | {
      enough: false
      /** For people. */
      waits: string
      /** Somebody takes its time, so that more may come by itself. */
      isGrowing: boolean
    }

const verifierRole = 1

/** @param urls - By their place, from 1, they are told of. */
export function createPanel({
  system,
  urls,
  events,
}: {
  system: System
  urls: readonly string[]
  events: Events
}): Panel {
  return {
    async collect(wish, statement, signal) {
      const [members, threshold] = await readPart(system, 'signerSets', 'membersOf', [verifierRole])
      const ballot = new Ballot(members, hexToBytes(hashTypedData(statement)))
      const isEnough = () => threshold > 0 && ballot.signatures.size >= threshold
      await askAll(urls, { wish, signal, isEnough }, (number, answer) => {
        const wrong = ballot.note(answer)
        if (wrong === undefined) events.verifierAnswered({ number, wish, answer })
        else events.verifierLied({ number, wish, why: wrong })
      })
      if (isEnough()) return { enough: true, signatures: ballot.ascending().slice(0, threshold) }
      const waits = `${ballot.signatures.size} of ${threshold} signatures of verifiers`
      return { enough: false, waits, isGrowing: ballot.checking > 0 }
    },
  }
}

/** What verifiers have answered to one wish. */
class Ballot {
  /** By signer in lower case: whoever is asked twice counts once. */
  readonly signatures = new Map<string, Hex>()
  checking = 0
  readonly #members: ReadonlySet<string>
  readonly #digest: Uint8Array

  constructor(members: readonly string[], digest: Uint8Array) {
    this.#members = new Set(members.map((member) => member.toLowerCase()))
    this.#digest = digest
  }

  /** @returns What is wrong with a signature: one that a contract would not take costs all others theirs. */
  note(answer: VerifierAnswer): string | undefined {
    if (answer.state === 'checking') this.checking++
    if (answer.state !== 'signed') return undefined
    const signer = recoverSigner(this.#digest, answer.signature)
    if (signer === undefined) return 'it is no signature'
    if (signer !== answer.signer.toLowerCase()) return 'it is a signature of something else'
    if (!this.#members.has(signer)) return `${signer} is no verifier of the chain`
    this.signatures.set(signer, answer.signature)
    return undefined
  }

  /** Lower-case digits are in the order of what they stand for. */
  ascending(): Hex[] {
    return [...this.signatures.keys()].sort().map((signer) => this.signatures.get(signer) ?? '0x')
  }
}

/** All at once, until there is enough or all have said something. */
function askAll(
  urls: readonly string[],
  asked: { wish: SettlementWish; signal: AbortSignal; isEnough: () => boolean },
  hear: (number: number, answer: VerifierAnswer) => void,
): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([asked.signal, ending.signal])
  const { promise, resolve } = Promise.withResolvers<void>()
  let open = urls.length
  for (const [at, url] of urls.entries()) {
    void askVerifier(url, asked.wish, signal).then((answer) => {
      open--
      if (ending.signal.aborted) return
      hear(at + 1, answer)
      if (open > 0 && !asked.isEnough()) return
      ending.abort()
      resolve()
    })
  }
  return promise
}
