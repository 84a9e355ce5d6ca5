/**
 * Last words a numeric setting's name may end in: each says what is counted, so that a reader of the
 * configuration never has to guess.
 */
const units = [
  'Ms',
  'Seconds',
  'Minutes',
  'Hours',
  'Days',
  'Bytes',
  'Blocks',
  'Percent',
  'Ppm',
  'Ratio',
  'Max',
  'Min',
  'Count',
  'Requests',
  'PerSecond',
  'Hops',
  'Port',
  'Depth',
  'Credits',
  'Token',
  'Id',
]

const named = new RegExp(`(?:${units.join('|')})$`)

export function endsInUnit(name: string): boolean {
  return named.test(name.charAt(0).toUpperCase() + name.slice(1))
}

/**
 * Names of the numeric settings in a text that describes settings with zod: members typed `number`, made
 * by a numeric constructor, or by a constant that was.
 */
export function numericSettingsOf(code: string): { name: string; index: number }[] {
  const number = String.raw`z\s*\.\s*(?:coerce\s*\.\s*)?(?:int|int32|uint32|number|bigint)\s*\(`
  const constants = [...code.matchAll(new RegExp(String.raw`const (\w+)\s*=\s*${number}`, 'g'))]
  const known = constants.map((match) => match[1]).join('|')
  const value = [number, String.raw`number\b`, ...(known ? [String.raw`(?:${known})\b`] : [])]
  const member = new RegExp(String.raw`(?<![\w.])(\w+)\??:\s*(?:${value.join('|')})`, 'g')
  return [...code.matchAll(member)].map((match) => ({ name: match[1] ?? '', index: match.index }))
}
