import { CommandError } from './exit-codes.ts'

/**
 * Params of a request as typed in a shell: each word is a JSON value, or itself where it is none. A
 * single JSON array is the whole of the params.
 *
 * @returns The params. Throws for a word that was meant as JSON and is broken, and for a whole number
 *   that would lose digits.
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
  if (/^-?\d+$/.test(word) && JSON.stringify(value) !== word && word !== '-0') {
    throw new CommandError(
      'badInput',
      `The param ${word} would lose digits: write it as '"${word}"'.`,
    )
  }
  return value
}
