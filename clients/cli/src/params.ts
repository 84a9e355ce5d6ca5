import { CommandError } from './exit-codes.ts'

/**
 * Params of a request as typed in a shell: each word is a JSON value, or itself where it is none. A
 * single JSON array is the whole of the params.
 *
 * @returns The params. Throws for a word that was meant as JSON and is broken, and for a number that
 *   would arrive as another one.
 */
export function parseParams(words: readonly string[]): unknown[] {
  const values = words.map(parseWord)
  const [first] = values
  return values.length === 1 && Array.isArray(first) ? first : values
}

function parseWord(word: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(word)
  } catch {
    if (!/^\s*[[{"]/.test(word)) return word
    throw new CommandError('badInput', `The param ${word} looks like JSON but is not valid JSON.`)
  }
  const changed = numbersIn(word).find((number) => !arrives(number))
  if (changed === undefined) return value
  throw new CommandError(
    'badInput',
    `The number ${changed} in the params would arrive as ${JSON.stringify(Number(changed))}: write it ` +
      `as a string, '"${changed}"'.`,
  )
}

/** The numbers of a valid JSON text as they are written there. */
function numbersIn(json: string): string[] {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g) ?? []
  return tokens.filter((token) => !token.startsWith('"'))
}

/** Whether a number is still the same one after it was read and sent on. */
function arrives(number: string): boolean {
  return decimalOf(number) === decimalOf(JSON.stringify(Number(number)))
}

/** One text for each number, however it is written: `1.50e3` and `1500` are both `15e2`. */
function decimalOf(number: string): string | undefined {
  const [, sign = '', whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  if (whole === undefined) return undefined
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  const shift = Number(exponent) - fraction.length + digits.length - significant.length
  return `${sign}${significant}e${shift}`
}
