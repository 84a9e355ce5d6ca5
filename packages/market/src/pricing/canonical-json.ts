/**
 * The one text of a JSON value: no spaces, members by their names' UTF-16 code units, as RFC 8785 writes it for values
 * whose numbers are whole and safe.
 *
 * @throws RangeError for a number that is not, and for what JSON has no form for.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') return wholeNumber(value)
  if (typeof value === 'string') return text(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object') throw new RangeError(`JSON has no form for a ${typeof value}`)
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${text(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number below 2^53`)
  // Also for -0, which RFC 8785 writes as 0.
  return String(value)
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new RangeError('a text with half of a surrogate pair')
  return JSON.stringify(value)
}
