/** Trace ids of one process: 16 random hex digits drawn at start, then a count. Cheap, and unique across processes. */
export function createTraceIds(): () => string {
  const process = crypto.getRandomValues(new Uint8Array(8)).toHex()
  // Writing a number in hex costs more than all else here, so the lower digits are taken from a list and
  // the upper ones are written once in 4,096 times.
  const lower = Array.from({ length: lowerCount }, (_, at) => hexOf(at, lowerDigits))
  let prefix = ''
  let count = 0
  return () => {
    const low = ++count % lowerCount
    if (low === 0 || prefix === '') {
      prefix = process + hexOf(Math.floor(count / lowerCount), 16 - lowerDigits)
    }
    return prefix + lower[low]
  }
}

const lowerDigits = 3
const lowerCount = 16 ** lowerDigits

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
