/** One RLP item: its payload lies in `[start, end)`. */
export type RlpItem = { isList: boolean; start: number; end: number }

/**
 * Reads the header of the RLP item at an offset.
 *
 * @returns Undefined when the bytes end before the item does, or its length is written past 4 bytes.
 * @see Ethereum Yellow Paper, appendix B
 */
export function rlpItemAt(bytes: Uint8Array, offset: number): RlpItem | undefined {
  const first = bytes[offset]
  if (first === undefined) return undefined
  if (first < shortText) return { isList: false, start: offset, end: offset + 1 }
  const isList = first >= shortList
  const size = first - (isList ? shortList : shortText)
  if (size <= shortSizeMax) return within(bytes, { isList, start: offset + 1, sizeBytes: size })
  const sizeWidth = size - shortSizeMax
  if (sizeWidth > sizeWidthMax) return undefined
  const start = offset + 1 + sizeWidth
  if (start > bytes.length) return undefined
  const sizeBytes = bytes.subarray(offset + 1, start).reduce((sum, byte) => sum * 256 + byte, 0)
  return within(bytes, { isList, start, sizeBytes })
}

const shortText = 0x80
const shortList = 0xc0
const shortSizeMax = 55
const sizeWidthMax = 4

function within(
  bytes: Uint8Array,
  { isList, start, sizeBytes }: { isList: boolean; start: number; sizeBytes: number },
): RlpItem | undefined {
  const end = start + sizeBytes
  return end > bytes.length ? undefined : { isList, start, end }
}
