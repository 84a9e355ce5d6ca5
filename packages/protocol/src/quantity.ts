/**
 * Reads a hex quantity such as `"0x1b4"`.
 *
 * @returns The number, or undefined when the value is not a quantity. Leading zeros are accepted, as
 *   some nodes send them.
 * @see EIP-1474, section "Quantity"
 */
export function parseQuantity(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) return undefined
  return BigInt(value)
}

/**
 * A block number from a hex quantity.
 *
 * @returns The number in blocks, or undefined when it is not a quantity or past 2^53 (no chain's block).
 */
export function parseBlockNumber(value: unknown): number | undefined {
  // Up to twelve digits a plain number holds it exactly, which every block number of today is.
  if (typeof value === 'string' && shortQuantity.test(value)) return Number(value)
  const quantity = parseQuantity(value)
  if (quantity === undefined || quantity > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  return Number(quantity)
}

const shortQuantity = /^0x[0-9a-fA-F]{1,12}$/

export function encodeQuantity(value: number | bigint): `0x${string}` {
  return `0x${value.toString(16)}`
}
