/** A second of a chain for people. */
export function momentOf(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1_000)
  // A chain may name a time that no calendar has.
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString()
}
