import { type EpochSummary, summarizeEpoch } from '@mooring/market/network/epoch-summary'
import type { Keccak } from '@mooring/market/settlement/bytes'
import { parseEpochFile } from '@mooring/market/settlement/epoch-file'
import type { System } from '@mooring/onchain/contracts'
import { type EarningTerms, readEarningTerms, readNetwork } from '@mooring/onchain/network-on-chain'
import { readMany } from '@mooring/onchain/read-many'
import type { Database } from '@mooring/store/database'
import { findEpochFile, listEpochFiles } from '@mooring/store/ledger/epoch-files'
import type { BillingConfig } from '../config.ts'
import { type ChosenFile, chooseFiles, type PostedRoots } from './choose-files.ts'
import { type ClosedEpoch, earningKey, type NetworkFacts } from './facts.ts'
import { type NetworkView, viewOf } from './view.ts'

type Parts = {
  config: BillingConfig['network']
  system: System
  database: Database
  keccak: Keccak
}

/** An epoch may have been made several times before it was posted. */
const attemptsEach = 4
/** Files that are read in one round: each may be large. */
const filesOfRoundMax = 4
/** Questions about what was earned by, in one round. */
const earningsOfRoundMax = 2_000

/**
 * What everybody is told of the network, made anew in rounds and held whole, so that no request waits for the chain or the
 * database. Of epochs only their sums are held.
 */
export class NetworkState {
  readonly #parts: Parts
  #summaries = new Map<string, EpochSummary>()
  /** What is past does not change: each is asked once. */
  #earnings = new Map<string, EarningTerms>()
  #view: NetworkView | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Undefined before the first round has ended. */
  get view(): NetworkView | undefined {
    return this.#view
  }

  async refresh(): Promise<void> {
    const { config, system } = this.#parts
    const { providersMax: providers, nodesMax: nodes } = config
    const block = await system.reader.getBlock()
    const network = await readNetwork(system, block, { providers, nodes })
    const epochs = await this.#readEpochs(block)
    const facts: NetworkFacts = { network, epochs, earnings: this.#earnings }
    await this.#readEarnings(facts)
    this.#view = viewOf(facts, config.aprEpochsMax)
  }

  async #readEpochs(block: { number: bigint; timestamp: bigint }): Promise<ClosedEpoch[]> {
    const { config, database, system } = this.#parts
    const files = await listEpochFiles(database.sql, config.epochsMax * attemptsEach)
    const numbers = [...new Set(files.map(({ epoch }) => epoch))]
    const posted = await readPosted(system, block.number, numbers)
    const chosen = chooseFiles(files, posted, block.timestamp).slice(0, config.epochsMax)
    await this.#summarize(chosen)
    return chosen.flatMap(({ dataHash, state }) => {
      const summary = this.#summaries.get(dataHash)
      return summary === undefined ? [] : { dataHash, state, summary }
    })
  }

  async #summarize(chosen: readonly ChosenFile[]): Promise<void> {
    const { database, keccak } = this.#parts
    const held = new Set<string>(chosen.map(({ dataHash }) => dataHash))
    for (const hash of this.#summaries.keys()) if (!held.has(hash)) this.#summaries.delete(hash)
    const missing = [...held].filter((hash) => !this.#summaries.has(hash))
    for (const hash of missing.slice(0, filesOfRoundMax)) {
      const content = await findEpochFile(database.sql, hash)
      if (content === undefined) continue
      const file = parseEpochFile(new TextEncoder().encode(content), keccak)
      this.#summaries.set(hash, summarizeEpoch(file))
    }
  }

  /** Newest epochs first; what is left over waits for the next round. */
  async #readEarnings({ network, epochs }: NetworkFacts): Promise<void> {
    const all = epochs
      // Stake of a moment is told once it is past.
      .filter(({ summary }) => summary.to < network.seconds)
      .flatMap(({ summary: { number: epoch, firstEpoch, to } }) =>
        network.providers.map(({ providerId }) => ({ providerId, firstEpoch, epoch, to })),
      )
    const wanted = new Map(all.map((question) => [earningKey(question), question]))
    for (const key of this.#earnings.keys()) if (!wanted.has(key)) this.#earnings.delete(key)
    const missing = [...wanted].filter(([key]) => !this.#earnings.has(key))
    const asked = missing.slice(0, earningsOfRoundMax)
    const questions = asked.map(([, question]) => question)
    const terms = await readEarningTerms(this.#parts.system, network.block, questions)
    for (const [at, [key]] of asked.entries()) {
      const found = terms[at]
      if (found !== undefined) this.#earnings.set(key, found)
    }
  }
}

async function readPosted(
  system: System,
  blockNumber: bigint,
  epochs: readonly bigint[],
): Promise<Map<bigint, PostedRoots>> {
  const asked = { part: 'epochs', functionName: 'rootsOf', blockNumber } as const
  const roots = await readMany(
    system,
    asked,
    epochs.map((epoch) => [epoch] as const),
  )
  return new Map(
    roots.map(([{ dataHash }, activeAt], at) => [
      epochs[at] ?? 0n,
      activeAt === 0n ? undefined : { dataHash: dataHash.toLowerCase(), activeAt },
    ]),
  )
}
