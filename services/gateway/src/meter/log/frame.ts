import { createLines, frameJson } from '@mooring/protocol/metering/frame'

export const { lineOf, jsonOf, jsonsOf } = createLines(Bun.hash.crc32)

/** One line of the log. @param usage - Lines of usage as JSON. */
export function encodeFrame(sequence: number, usage: readonly string[]): string {
  return lineOf(frameJson(sequence, usage))
}
