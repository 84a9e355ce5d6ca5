import type { Address, Hex, Log } from 'viem'
import type { System } from '../contracts.ts'
import { partNames } from '../deploy/plan.ts'
import { isUnreachable } from '../failures.ts'
import { createLogRange, type LogRange, readLogs } from '../logs.ts'
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
    while ((await system.reader.getBlockNumber()) < options.from.number) {
      if (signal?.aborted) return
      await sleep(pollMs, signal)
    }
    const begun = await resume(system, options.from, trail)
    if (begun.number !== options.from.number) yield { kind: 'rollback', cursor: begun }
  }
  while (!signal?.aborted) {
    const head = await system.reader.getBlockNumber()
    // A node that is behind the stream, or on a branch that is shorter yet, cannot say what became of its blocks.
    const isBehind = head < (trail.blocks.at(-1)?.number ?? 0n)
    const shared = isBehind ? undefined : await sharedBlock(system, trail)
    if (shared !== undefined) yield { kind: 'rollback', cursor: shared }
    const item = isBehind ? undefined : await advance(system, trail, head)
    if (item === undefined) await sleep(pollMs, signal)
    else yield item
  }
}

/** The blocks that a fork could still undo, oldest first; the last is where the stream stands. */
type Trail = {
  blocks: Cursor[]
  range: LogRange
  reorgBlocksMax: number
}

function createTrail({ rangeBlocksMax, reorgBlocksMax }: FollowOptions): Trail {
  return {
    blocks: [],
    range: createLogRange(rangeBlocksMax),
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
  head: bigint,
): Promise<StreamItem | undefined> {
  const last = trail.blocks.at(-1)
  const next = last === undefined ? BigInt(system.deployment.firstBlock) : last.number + 1n
  if (next > head) return undefined
  // Blocks so old that no fork reaches them are read many at a time.
  const settled = head - BigInt(trail.reorgBlocksMax)
  return next <= settled
    ? readRange(system, trail, { from: next, settled })
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
  const logs = await logsOfBlock(system, block)
  if (logs === undefined) return undefined
  const cursor = { number, hash: block.hash }
  trail.blocks.push(cursor)
  // One more than a fork may undo: the block that both branches share.
  if (trail.blocks.length > trail.reorgBlocksMax + 1) trail.blocks.shift()
  return { kind: 'forward', cursor, events: decodeEvents(system.deployment, logs) }
}

/** Undefined when the block is gone by now: a node knows no logs of a block it does not hold. */
async function logsOfBlock(system: System, { number, hash }: Cursor): Promise<Log[] | undefined> {
  try {
    return await system.reader.getLogs({ address: addressesOf(system), blockHash: hash })
  } catch (error) {
    if (isUnreachable(error) || (await holds(system, { number, hash }))) throw error
    return undefined
  }
}

async function readRange(
  system: System,
  trail: Trail,
  { from, settled }: { from: bigint; settled: bigint },
): Promise<StreamItem> {
  const address = addressesOf(system)
  const { logs, to } = await readLogs(system.reader, { address, from, to: settled }, trail.range)
  const block = await blockAt(system, to)
  if (block === undefined) throw new Error(`the node has no block ${to}`)
  const cursor = { number: to, hash: block.hash }
  trail.blocks = [cursor]
  return { kind: 'forward', cursor, events: decodeEvents(system.deployment, logs) }
}

/** Tokens are left out: others use them too, and what ours move they tell of themselves. */
function addressesOf({ deployment }: System): Address[] {
  return partNames
    .filter((part) => part !== 'ankr' && part !== 'stable')
    .map((part) => deployment.parts[part])
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
