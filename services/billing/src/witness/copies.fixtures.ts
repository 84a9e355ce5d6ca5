import type { CopyHead } from '@mooring/protocol/metering/copies'
import { frameJson } from '@mooring/protocol/metering/frame'
import type { UsageLine } from '@mooring/protocol/metering/wire'
import { type KeptFrame, textOf } from './copy-state.ts'

const run = crypto.randomUUID()

export function headOf(changes: Partial<CopyHead> = {}): CopyHead {
  const { generation = 1, after = 0, booked = 0 } = changes
  return { run: changes.run ?? run, generation, after, booked }
}

export const ownerOfFrames = `eip155:1:0x${'aa'.repeat(20)}`

/** @param word - Makes it another frame. */
export function frameOf(sequence: number, word = ''): KeptFrame {
  const line: UsageLine = {
    ...{ account: ownerOfFrames, key: word, ownPurse: false, chain: 'eth' },
    ...{ method: 'eth_call', status: 'ok', hour: 480_000, requests: 1, credits: 400 },
  }
  return { sequence, json: frameJson(sequence, [JSON.stringify(line)]) }
}

export function textOfFrames(head: CopyHead, sequences: readonly number[]): string {
  return textOf(
    head,
    sequences.map((sequence) => frameOf(sequence)),
  )
}
