import type { UsageLine } from '@mooring/protocol/metering/wire'
import { z } from 'zod'

/** What was used in one turn of the event loop, as it stands in the log. */
export type Frame = { sequence: number; usage: UsageLine[] }

/**
 * One line of text: CRC-32 of what follows in eight hexadecimal digits, a space, the frame as JSON. A line without an
 * end, or with a wrong sum, was not written as a whole.
 *
 * @param usage - Lines as JSON.
 */
export function encodeFrame(sequence: number, usage: readonly string[]): string {
  return lineOf(`{"sequence":${sequence},"usage":[${usage.join(',')}]}`)
}

export function lineOf(json: string): string {
  return `${sumOf(json)} ${json}\n`
}

/** @returns Undefined where the sum does not fit. @param line - Without its end. */
export function jsonOf(line: string): string | undefined {
  const json = line.slice(9)
  return line[8] === ' ' && line.slice(0, 8) === sumOf(json) ? json : undefined
}

function sumOf(json: string): string {
  return Bun.hash.crc32(json).toString(16).padStart(8, '0')
}

const count = z.int().min(0)
const frame = z.object({
  sequence: z.int().positive(),
  usage: z.array(
    z.object({
      account: z.string().nullable(),
      key: z.string(),
      ownPurse: z.boolean(),
      chain: z.string(),
      method: z.string(),
      status: z.string(),
      hour: count,
      requests: count,
      credits: count,
    }),
  ),
})

/** @returns Undefined where it is no frame. */
export function parseFrame(json: string): Frame | undefined {
  return frame.safeParse(JSON.parse(json)).data
}
