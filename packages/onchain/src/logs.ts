import type { Address, Log } from 'viem'
import type { Reader } from './clients.ts'
import { isUnreachable } from './failures.ts'

/** How many blocks one question for logs spans. */
export type LogRange = { blocks: number; readonly blocksMax: number }

const blocksMaxDefault = 2_000

export function createLogRange(blocksMax: number = blocksMaxDefault): LogRange {
  return { blocks: blocksMax, blocksMax }
}

/**
 * Logs of some addresses from a block on, as far as one question goes: nodes allow for different ranges and word their
 * refusals in many ways, so the range is halved until one is answered, and grows again.
 *
 * @returns The logs, and the last block they are of.
 */
export async function readLogs(
  reader: Reader,
  { address, from, to }: { address: Address[]; from: bigint; to: bigint },
  range: LogRange,
): Promise<{ logs: Log[]; to: bigint }> {
  for (;;) {
    const end = from + BigInt(range.blocks) - 1n
    const toBlock = end < to ? end : to
    try {
      const logs: Log[] = await reader.getLogs({ address, fromBlock: from, toBlock })
      range.blocks = Math.min(range.blocksMax, range.blocks * 2)
      return { logs, to: toBlock }
    } catch (error) {
      if (range.blocks === 1 || isUnreachable(error)) throw error
      range.blocks = Math.max(1, Math.floor(range.blocks / 2))
    }
  }
}

/** All logs of some addresses between two blocks. */
export async function readAllLogs(
  reader: Reader,
  wanted: { address: Address[]; from: bigint; to: bigint },
): Promise<Log[]> {
  const range = createLogRange()
  const all: Log[] = []
  for (let from = wanted.from; from <= wanted.to; ) {
    const { logs, to } = await readLogs(reader, { ...wanted, from }, range)
    all.push(...logs)
    from = to + 1n
  }
  return all
}
