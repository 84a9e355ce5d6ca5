/** Trace ids of one process: 16 random hex digits drawn at start, then a count. Cheap, and unique across processes. */
export function createTraceIds(): () => string {
  const process = crypto.getRandomValues(new Uint8Array(8)).toHex()
  let prefix = ''
  let count = 0
  return () => {
    const low = ++count % lowCount
    // The upper digits change once in a long while, and padding a number costs more than writing it.
    if (low === 0 || prefix === '') prefix = process + upperDigits(count)
    return prefix + (lowCount + low).toString(16).slice(1)
  }
}

const lowDigits = 7
const lowCount = 16 ** lowDigits

function upperDigits(count: number): string {
  return Math.floor(count / lowCount)
    .toString(16)
    .padStart(16 - lowDigits, '0')
}
