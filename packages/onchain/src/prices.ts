import type { Hex } from 'viem'
import { readPart, type System } from './contracts.ts'

/** A table of prices as the chain names it. */
export type NamedTable = {
  hash: Hex
  /** Where its file is said to be; whether it is that file the hash decides. */
  uri: string
  firstEpoch: bigint
  /** When its first epoch begins, in seconds since 1970. */
  startsAtSeconds: bigint
}

/** `waiting` takes the place of `inForce` by itself when its first epoch begins, unless it is taken back. */
export type NamedTables = { inForce: NamedTable; waiting: NamedTable | undefined }

/** Which table of prices is in force, and which one waits, as of one block. */
export async function readPriceTables(
  system: System,
  options: { blockNumber?: bigint } = {},
): Promise<NamedTables> {
  // All is read from one block, so that no table is both or neither.
  const at = { blockNumber: options.blockNumber ?? (await system.reader.getBlockNumber()) }
  const [current, waiting] = await Promise.all([
    readPart(system, 'priceBook', 'current', [], at),
    readPart(system, 'priceBook', 'waiting', [], at),
  ])
  const isNone = BigInt(waiting.hash) === 0n
  return {
    inForce: await withStart(system, current, at),
    waiting: isNone ? undefined : await withStart(system, waiting, at),
  }
}

/** The hash of the table of an epoch: what the root of the epoch names as its tariff. */
export async function readPriceTableOf(system: System, epoch: bigint): Promise<NamedTable> {
  const at = { blockNumber: await system.reader.getBlockNumber() }
  return withStart(system, await readPart(system, 'priceBook', 'tableAt', [epoch], at), at)
}

async function withStart(
  system: System,
  { hash, uri, firstEpoch }: Omit<NamedTable, 'startsAtSeconds'>,
  at: { blockNumber: bigint },
): Promise<NamedTable> {
  const startsAtSeconds = await readPart(system, 'params', 'epochStart', [firstEpoch], at)
  return { hash, uri, firstEpoch, startsAtSeconds }
}
