import { createLines } from '@mooring/protocol/metering/frame'

export const { lineOf, jsonsOf } = createLines(Bun.hash.crc32)
