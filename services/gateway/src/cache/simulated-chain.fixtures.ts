export type SimulatedAnswer = { result: unknown } | { error: { code: number; message: string } }

export type SimulatedBlock = { number: number; hash: string; parentHash: string }

const hex = (number: number) => `0x${number.toString(16)}`
const digits = (value: number) => value.toString(16).padStart(64, '0')

/**
 * A chain whose every value follows from the hash of a block, so that an answer tells of which block it is.
 * What has been replaced is remembered: nodes may still be on it.
 */
export class SimulatedChain {
  readonly #blocks = new Map<string, SimulatedBlock>()
  #made = 0
  #canonical: string[] = []
  finalBlock = 0

  constructor() {
    this.#append('0x'.padEnd(66, '0'))
  }

  get head(): SimulatedBlock {
    return this.at(this.#canonical.length - 1) as SimulatedBlock
  }

  at(number: number): SimulatedBlock | undefined {
    const hash = this.#canonical[number]
    return hash === undefined ? undefined : this.#blocks.get(hash)
  }

  mine(count: number): void {
    for (let step = 0; step < count; step++) this.#append(this.head.hash)
  }

  /** Replaces the last blocks by others, by default by one more; never what is final. */
  reorganise(depth: number, growth = 1): void {
    const kept = Math.max(this.finalBlock, this.head.number - depth)
    const count = this.head.number - kept + growth
    this.#canonical.length = kept + 1
    this.mine(count)
  }

  finalise(distance: number): void {
    this.finalBlock = Math.max(this.finalBlock, this.head.number - distance)
  }

  /** From the block of that hash down to the first one. */
  lineageOf(hash: string): SimulatedBlock[] {
    const lineage: SimulatedBlock[] = []
    for (let block = this.#blocks.get(hash); block !== undefined; ) {
      lineage[block.number] = block
      block = this.#blocks.get(block.parentHash)
    }
    return lineage
  }

  find(hash: string): SimulatedBlock | undefined {
    return this.#blocks.get(hash)
  }

  #append(parentHash: string): void {
    const hash = `0x${digits(++this.#made)}`
    this.#blocks.set(hash, { number: this.#canonical.length, hash, parentHash })
    this.#canonical.push(hash)
  }
}

/** takesHashes: names of blocks by hash, as EIP-1898 has them. finalAhead: claims that much more to be final. */
export type NodeHabits = { takesHashes: boolean; finalAhead: number }

/** A node that follows a simulated chain when it is told to. */
export class SimulatedNode {
  readonly #chain: SimulatedChain
  readonly #habits: NodeHabits
  #lineage: SimulatedBlock[]
  #finalBlock = 0

  constructor(chain: SimulatedChain, habits: Partial<NodeHabits> = {}) {
    this.#chain = chain
    this.#habits = { takesHashes: true, finalAhead: 0, ...habits }
    this.#lineage = chain.lineageOf(chain.head.hash)
  }

  get headBlock(): number {
    return this.#lineage.length - 1
  }

  sync(): void {
    this.#lineage = this.#chain.lineageOf(this.#chain.head.hash)
    const claimed = this.#chain.finalBlock + this.#habits.finalAhead
    this.#finalBlock = Math.min(this.headBlock, claimed)
  }

  answer(method: string, params: readonly unknown[]): SimulatedAnswer {
    switch (method) {
      case 'eth_getBlockByNumber':
        return { result: blockOf(this.#resolve(params[0])) }
      case 'eth_getBlockByHash': {
        const block = this.#chain.find(String(params[0]))
        return { result: blockOf(this.#knows(block) ? block : undefined) }
      }
      case 'eth_getBalance':
      case 'eth_call': {
        if (typeof params[1] === 'object' && !this.#habits.takesHashes) {
          return { error: { code: -32602, message: 'invalid argument 1: json: cannot unmarshal' } }
        }
        const block = this.#resolve(params[1])
        return block === undefined
          ? { error: { code: -32000, message: 'header not found' } }
          : { result: block.hash }
      }
      case 'eth_getLogs':
        return this.#logs(params[0] as { fromBlock?: string; toBlock?: string; blockHash?: string })
      case 'eth_getTransactionReceipt': {
        // The transaction with number n is in the block of that number, on every fork.
        const block = this.#lineage[Number(params[0])]
        return { result: block === undefined ? null : logOf(block) }
      }
      default:
        return { error: { code: -32601, message: 'the method does not exist' } }
    }
  }

  #logs(filter: { fromBlock?: string; toBlock?: string; blockHash?: string }): SimulatedAnswer {
    if (filter.blockHash !== undefined) {
      const block = this.#chain.find(filter.blockHash)
      return block !== undefined && this.#knows(block)
        ? { result: hasLog(block) ? [logOf(block)] : [] }
        : { error: { code: -32000, message: 'unknown block' } }
    }
    const from = this.#resolve(filter.fromBlock)?.number
    const to = this.#resolve(filter.toBlock)?.number ?? this.headBlock
    if (from === undefined) return { result: [] }
    return {
      result: this.#lineage
        .slice(from, to + 1)
        .filter(hasLog)
        .map(logOf),
    }
  }

  /** A node keeps blocks of forks that it has left. */
  #knows(block: SimulatedBlock | undefined): boolean {
    return block !== undefined && block.number <= this.headBlock
  }

  #resolve(reference: unknown): SimulatedBlock | undefined {
    if (typeof reference === 'object' && reference !== null) {
      const block = this.#chain.find((reference as { blockHash: string }).blockHash)
      return this.#knows(block) ? block : undefined
    }
    if (reference === 'latest') return this.#lineage[this.headBlock]
    if (reference === 'finalized' || reference === 'safe') return this.#lineage[this.#finalBlock]
    return this.#lineage[Number(reference)]
  }
}

function blockOf(block: SimulatedBlock | undefined): object | null {
  return block === undefined ? null : { ...block, number: hex(block.number) }
}

/** Some blocks have no log. */
function hasLog({ hash }: SimulatedBlock): boolean {
  return Number(BigInt(hash) % 3n) !== 0
}

function logOf({ number, hash }: SimulatedBlock): object {
  return { blockNumber: hex(number), blockHash: hash }
}
