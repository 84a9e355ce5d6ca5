/** Trace ids of one process: 16 random hex digits drawn at start, then a count. Cheap, and unique across processes. */
export function createTraceIds(): () => string {
  const process = crypto.getRandomValues(new Uint8Array(8)).toHex()
  let count = 0
  return () => process + (++count).toString(16).padStart(16, '0')
}
