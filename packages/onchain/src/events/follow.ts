import type { Hex, Log } from 'viem'
import type { System } from '../contracts.ts'
import { partNames } from '../deploy/plan.ts'
import { type ChainEvent, decodeEvents } from './decode.ts'

/** A block that was seen, by which a stream is taken up again. */
export type Cursor = { number: bigint; hash: Hex }

export type StreamItem =
  /** The chain grew: all events up to and with this block that were not told yet, in order. */
  | { kind: 'forward'; cursor: Cursor; events: readonly ChainEvent[] }
  /** The chain forked: whatever was told of blocks after this one is void. */
  | { kind: 'rollback'; cursor: Cursor }

export type FollowOptions = {
  /** Where the last stream ended, or undefined to begin with the deployment. */
  from?: Cursor | undefined
  /** Between looks at the head while there is nothing new. */
  pollMs?: number | undefined
  /** Of one question for logs; halved when a node finds it too many. */
  rangeBlocksMax?: number | undefined
  /** So far a fork may reach back; a deeper one ends the stream. */
  reorgBlocksMax?: number | undefined
  /** Ends the stream. */
  signal?: AbortSignal | undefined
}

/** The chain forked deeper than was allowed for, or below what it called final: nothing can be trusted. */
export class ReorgTooDeep extends Error {
  override name = 'ReorgTooDeep'
}

const pollMsDefault = 1_000
const rangeBlocksMaxDefault = 2_000
const reorgBlocksMaxDefault = 256

/**
 * Every event of a deployment, once and in order, across forks.
 *
 * Old blocks are read in ranges; the newest one by one, by their hash, so that logs always belong to the block they are
 * told with. After a fork a `rollback` names the newest block that both branches share, and `forward` goes on from
 * there.
 */
export async function* followEvents(
  system: System,
  options: FollowOptions = {},
): AsyncGenerator<StreamItem, void, undefined> {
  const { signal, pollMs = pollMsDefault } = options
  const trail = createTrail(options)
  if (options.from !== undefined) {
    const begun = await resume(system, options.from, trail)
    if (begun.number !== options.from.number) yield { kind: 'rollback', cursor: begun }
  }
  while (!signal?.aborted) {
    const shared = await sharedBlock(system, trail)
    if (shared !== undefined) yield { kind: 'rollback', cursor: shared }
    const item = await advance(system, trail, options)
    if (item === undefined) await sleep(pollMs, signal)
    else yield item
  }
}

/** The blocks that a fork could still undo, oldest first; the last is where the stream stands. */
type Trail = {
  blocks: Cursor[]
  /** Blocks of one question; grows again after it was halved. */
  rangeBlocks: number
  reorgBlocksMax: number
}

function createTrail({ rangeBlocksMax, reorgBlocksMax }: FollowOptions): Trail {
  return {
    blocks: [],
    rangeBlocks: rangeBlocksMax ?? rangeBlocksMaxDefault,
    reorgBlocksMax: reorgBlocksMax ?? reorgBlocksMaxDefault,
  }
}

/** Begins where a stream ended, or, when that block is gone, at a block that no fork of allowed depth could undo. */
async function resume(system: System, from: Cursor, trail: Trail): Promise<Cursor> {
  const found = await blockAt(system, from.number)
  if (found?.hash === from.hash) {
    trail.blocks = [from]
    return from
  }
  const safe = from.number - BigInt(trail.reorgBlocksMax)
  const first = BigInt(system.deployment.firstBlock) - 1n
  const begin = await blockAt(system, safe > first ? safe : first)
  if (begin === undefined) throw new ReorgTooDeep(`the chain has no block ${safe} any more`)
  trail.blocks = [begin]
  return begin
}

/** Undefined while the chain still holds the newest block told; else the newest told one that it holds. */
async function sharedBlock(system: System, trail: Trail): Promise<Cursor | undefined> {
  const { blocks } = trail
  const last = blocks.at(-1)
  if (last === undefined || (await holds(system, last))) return undefined
  while (blocks.length > 0) {
    blocks.pop()
    const before = blocks.at(-1)
    if (before !== undefined && (await holds(system, before))) return before
  }
  throw new ReorgTooDeep(
    `block ${last.number} (${last.hash}) is gone, and so are all ${trail.reorgBlocksMax} before it`,
  )
}

async function holds(system: System, { number, hash }: Cursor): Promise<boolean> {
  return (await blockAt(system, number))?.hash === hash
}

/** One step towards the head; undefined when there is nothing new. */
async function advance(
  system: System,
  trail: Trail,
  options: FollowOptions,
): Promise<StreamItem | undefined> {
  const head = await system.reader.getBlockNumber()
  const last = trail.blocks.at(-1)
  const next = last === undefined ? BigInt(system.deployment.firstBlock) : last.number + 1n
  if (next > head) return undefined
  // Blocks so old that no fork reaches them are read many at a time.
  const settled = head - BigInt(trail.reorgBlocksMax)
  return next <= settled
    ? readRange(system, trail, { from: next, settled, options })
    : readTip(system, trail, next)
}

async function readTip(
  system: System,
  trail: Trail,
  number: bigint,
): Promise<StreamItem | undefined> {
  const block = await blockAt(system, number)
  const last = trail.blocks.at(-1)
  // It may have been another branch's head; the next round finds out.
  if (block === undefined || (last !== undefined && block.parentHash !== last.hash))
    return undefined
  const logs = await system.reader.getLogs({
    address: partNames.map((part) => system.deployment.parts[part]),
    blockHash: block.hash,
  })
  const cursor = { number, hash: block.hash }
  trail.blocks.push(cursor)
  if (trail.blocks.length > trail.reorgBlocksMax) trail.blocks.shift()
  return { kind: 'forward', cursor, events: decodeEvents(system.deployment, logs) }
}

async function readRange(
  system: System,
  trail: Trail,
  { from, settled, options }: { from: bigint; settled: bigint; options: FollowOptions },
): Promise<StreamItem> {
  for (;;) {
    const end = from + BigInt(trail.rangeBlocks) - 1n
    const to = end < settled ? end : settled
    try {
      const logs: Log[] = await system.reader.getLogs({
        address: partNames.map((part) => system.deployment.parts[part]),
        fromBlock: from,
        toBlock: to,
      })
      const block = await blockAt(system, to)
      if (block === undefined) throw new Error(`the node has no block ${to}`)
      trail.blocks = [{ number: to, hash: block.hash }]
      const most = options.rangeBlocksMax ?? rangeBlocksMaxDefault
      trail.rangeBlocks = Math.min(most, trail.rangeBlocks * 2)
      const events = decodeEvents(system.deployment, logs)
      return { kind: 'forward', cursor: { number: to, hash: block.hash }, events }
    } catch (error) {
      // Nodes word their limits in many ways; one block is the least that can be asked for.
      if (trail.rangeBlocks === 1) throw error
      trail.rangeBlocks = Math.max(1, Math.floor(trail.rangeBlocks / 2))
    }
  }
}

async function blockAt(
  { reader }: System,
  blockNumber: bigint,
): Promise<(Cursor & { parentHash: Hex }) | undefined> {
  try {
    const { hash, parentHash } = await reader.getBlock({ blockNumber })
    return { number: blockNumber, hash, parentHash }
  } catch (error) {
    if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined
    throw error
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
