import type { NamedBlock } from '@mooring/chains/family'
import { LRUCache } from 'lru-cache'
import type { RpcAnswer } from '../exchange.ts'

/** An answer that may be given again, and for how long. */
export type StoredAnswer = {
  answer: RpcAnswer
  /** It is true of this block, and holds while the block is canonical; left out, it holds for good. */
  block?: NamedBlock | undefined
  /** On the gateway's clock; left out, time does not matter. */
  untilMs?: number | undefined
}

/**
 * Keeps answers by text. The memory of this process is one; a store that several gateways share can stand
 * behind it, for answers that hold for good.
 */
export type AnswerStore = {
  get(key: string): StoredAnswer | undefined | Promise<StoredAnswer | undefined>
  put(key: string, stored: StoredAnswer): void
  /** Forgets what is true of these blocks: they are not canonical any more. */
  dropBlocks(hashes: readonly string[]): void
}

/** One answer this large would push out too many others. */
const answerPartMax = 1 / 16
/** What an entry takes besides its text, about. */
const overheadBytes = 300

/** Answers in memory; those not asked for longest go first. */
export class MemoryStore implements AnswerStore {
  readonly #answers: LRUCache<string, StoredAnswer>
  /** Keys of what is true of a block that may still be replaced. */
  readonly #keysByBlock = new Map<string, Set<string>>()

  /** @param bytesMax - Of all answers and their keys together; above 0. */
  constructor(bytesMax: number) {
    this.#answers = new LRUCache({
      maxSize: bytesMax,
      maxEntrySize: Math.max(1, Math.floor(bytesMax * answerPartMax)),
      sizeCalculation: (stored, key) => key.length + bytesOf(stored.answer) + overheadBytes,
      dispose: (stored, key) => this.#forget(stored, key),
    })
  }

  get entries(): number {
    return this.#answers.size
  }

  get bytes(): number {
    return this.#answers.calculatedSize
  }

  get(key: string): StoredAnswer | undefined {
    return this.#answers.get(key)
  }

  put(key: string, given: StoredAnswer): void {
    const stored = { ...given, answer: withoutContext(given.answer) }
    // Disposes of what stood there before the key is noted for its block.
    this.#answers.set(key, stored)
    if (stored.block === undefined || !this.#answers.has(key)) return
    const keys = this.#keysByBlock.get(stored.block.hash)
    if (keys === undefined) this.#keysByBlock.set(stored.block.hash, new Set([key]))
    else keys.add(key)
  }

  dropBlocks(hashes: readonly string[]): void {
    for (const hash of hashes) {
      for (const key of [...(this.#keysByBlock.get(hash) ?? [])]) this.#answers.delete(key)
    }
  }

  #forget({ block }: StoredAnswer, key: string): void {
    if (block === undefined) return
    const keys = this.#keysByBlock.get(block.hash)
    keys?.delete(key)
    if (keys?.size === 0) this.#keysByBlock.delete(block.hash)
  }
}

function bytesOf(answer: RpcAnswer): number {
  if (answer.kind === 'result') return heldBytes(answer.resultJson)
  return heldBytes(answer.error.message) + heldBytes(answer.error.dataJson ?? '')
}

/** Text with any letter that needs it is held in two bytes for each. */
function heldBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length
}

/** A result is cut out of the text it came in, which may be padded, and would hold all of that in memory. */
function withoutContext(answer: RpcAnswer): RpcAnswer {
  if (answer.kind !== 'result') return answer
  return { ...answer, resultJson: Buffer.from(answer.resultJson).toString() }
}
