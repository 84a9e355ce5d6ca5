/**
 * Slices the value of a member out of the text of a JSON object.
 *
 * @param text - Valid JSON whose outermost value is an object.
 * @returns The value's text without surrounding space; of a name that stands twice the last one, as
 *   JSON.parse takes it. Undefined when there is no such member.
 */
export function sliceMember(text: string, name: string): string | undefined {
  let found: string | undefined
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (at < text.length && text.charCodeAt(at) === quote) {
    const keyEnd = endOfString(text, at)
    const key = text.slice(at, keyEnd)
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    if (isNamed(key, name)) found = text.slice(start, end)
    at = skipSpace(text, end)
    if (text.charCodeAt(at) !== comma) break
    at = skipSpace(text, at + 1)
  }
  return found
}

/**
 * Slices the items out of the text of a JSON array.
 *
 * @param text - Valid JSON.
 * @returns Each item's text without surrounding space; undefined when the text is no array.
 */
export function sliceItems(text: string): string[] | undefined {
  let at = skipSpace(text, 0)
  if (text.charCodeAt(at) !== openBracket) return undefined
  const items: string[] = []
  at = skipSpace(text, at + 1)
  while (at < text.length && text.charCodeAt(at) !== closeBracket) {
    const end = endOfValue(text, at)
    items.push(text.slice(at, end))
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === comma) at = skipSpace(text, at + 1)
  }
  return items
}

const quote = 34
const comma = 44
const backslash = 92
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** A name may be written with escapes: `"\u0072esult"` is `"result"` too. */
function isNamed(key: string, name: string): boolean {
  return key.includes('\\') ? JSON.parse(key) === name : key === `"${name}"`
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 32) at++
  return at
}

/** @returns The index after the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const end = text.indexOf('"', at)
    if (end === -1) return text.length
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end + 1
    at = end + 1
  }
}

/** @returns The index after the value that starts at `start`. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return endOfString(text, start)
  if (first !== openBrace && first !== openBracket) return endOfScalar(text, start)
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === quote) at = endOfString(text, at) - 1
    else if (char === openBrace || char === openBracket) depth++
    else if ((char === closeBrace || char === closeBracket) && --depth === 0) return at + 1
  }
  return text.length
}

function endOfScalar(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const char = text.charCodeAt(at)
    if (char <= 32 || char === comma || char === closeBrace || char === closeBracket) break
    at++
  }
  return at
}

/**
 * Whether arrays and objects are nested deeper than a limit, told without parsing: a parser may fail on
 * what this finds. Brackets inside strings do not count.
 */
export function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === quote) at = endOfString(text, at) - 1
    else if (char === openBracket || char === openBrace) {
      if (++depth > depthMax) return true
    } else if (char === closeBracket || char === closeBrace) depth--
  }
  return false
}
