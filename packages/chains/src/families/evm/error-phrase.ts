/** Text to look for, taken apart once so that a look-up only compares. */
export type Phrase = {
  parts: readonly string[]
  atStart: boolean
  atEnd: boolean
}

/**
 * Reads a phrase of the signal table.
 *
 * @param source - Lower-case text found anywhere, unless it begins with `^` (where the text begins) or
 *   ends with `$` (where it ends). `*` stands for any text between two parts.
 */
export function parsePhrase(source: string): Phrase {
  const atStart = source.startsWith('^')
  const atEnd = source.endsWith('$')
  const body = source.slice(atStart ? 1 : 0, atEnd ? -1 : undefined)
  return { parts: body.split('*'), atStart, atEnd }
}

/** Whether a text, already in lower case, contains the phrase. */
export function containsPhrase(text: string, phrase: Phrase): boolean {
  const { parts, atStart, atEnd } = phrase
  const last = parts.length - 1
  let position = 0
  for (let index = 0; index <= last; index++) {
    const part = parts[index] ?? ''
    if (index === last && atEnd) {
      const start = text.length - part.length
      return start >= position && (!atStart || last > 0 || start === 0) && text.endsWith(part)
    }
    const found =
      index === 0 && atStart ? (text.startsWith(part) ? 0 : -1) : text.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return true
}
