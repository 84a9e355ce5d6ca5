import type { Reader } from '@mooring/onchain/clients'
import { isUnreachable } from '@mooring/onchain/failures'
import type { Hex } from 'viem'
import { lowerCase } from './lower-case.ts'
import type { Agreed, Sources } from './sources.ts'

/** How far all sources have come. Whatever is asked at these blocks, every source can answer. */
export type Head = {
  /** The lowest head: one source alone cannot make a deposit look deeper than it is. */
  block: bigint
  /** The lowest block that a source calls final; undefined where one of them knows no finality. */
  finalBlock: bigint | undefined
}

/** Asks every source for its head and for the chain it is of, so that one that was moved to another chain is noticed. */
export async function readHead(sources: Sources): Promise<Agreed<Head>> {
  const answers = await sources.askEach(async (reader) => {
    const [chainId, block, finalBlock] = await Promise.all([
      reader.getChainId(),
      reader.getBlockNumber(),
      finalBlockOf(reader),
    ])
    return { chainId, block, finalBlock }
  })
  if (!answers.ok) return answers
  const stray = answers.value.findIndex(({ chainId }) => chainId !== sources.chainId)
  if (stray >= 0) {
    const detail = `source ${stray + 1} of this verifier is of another chain than ${sources.chainId}`
    return { ok: false, code: 'SOURCE_UNREACHABLE', detail }
  }
  const finals = answers.value.flatMap(({ finalBlock }) => finalBlock ?? [])
  const isFinalKnown = finals.length === answers.value.length
  const head = {
    block: lowest(answers.value.map(({ block }) => block)),
    finalBlock: isFinalKnown ? lowest(finals) : undefined,
  }
  return { ok: true, value: head }
}

/** The time of the newest block, in seconds since 1970; of the earliest where sources differ. Undefined when one is silent. */
export async function readChainSeconds(sources: Sources): Promise<number | undefined> {
  const answers = await sources.askEach(async (reader) => (await reader.getBlock()).timestamp)
  return answers.ok ? Number(lowest(answers.value)) : undefined
}

/** The hash of the block that a source holds at a height; undefined when it holds none. */
export async function hashAt(reader: Reader, blockNumber: bigint): Promise<Hex | undefined> {
  try {
    return lowerCase((await reader.getBlock({ blockNumber })).hash)
  } catch (error) {
    if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined
    throw error
  }
}

/** Nodes of chains without finality refuse the question, each in words of its own; silence is something else. */
async function finalBlockOf(reader: Reader): Promise<bigint | undefined> {
  try {
    return (await reader.getBlock({ blockTag: 'finalized' })).number
  } catch (error) {
    if (isUnreachable(error)) throw error
    return undefined
  }
}

/** Math.min takes no bigints. */
function lowest(blocks: readonly bigint[]): bigint {
  const [low = 0n] = [...blocks].sort((one, other) => Number(one - other))
  return low
}
