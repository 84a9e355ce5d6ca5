/**
 * JSON without escapes and without control characters, which is nearly all that nodes send. In it every
 * second quote ends a string, so strings are passed over by a search instead of being read, and whether
 * the whole is JSON is told in a third of the time that parsing takes, without making a single value.
 */
export function isPlain(text: string): boolean {
  return !escapeOrControl.test(text)
}

/** Checked first, so what follows may take every string as it stands. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON forbids in strings is control characters.
const escapeOrControl = /[\0-\x1f\\]/

/** Members of an object, by the places of the names that were asked for, and where the object ends. */
export type PlainMembers = { values: (string | undefined)[]; end: number }

/**
 * Finds members of a JSON object in a plain text.
 *
 * @param start - Where the object begins.
 * @param endOfMember - Passes over a value whose name was asked for; by default none is looked into.
 * @returns The text of each value, of a name that stands twice that of the last one, as JSON.parse takes
 *   it. Undefined when there is no JSON object, or one nested deeper than is told here.
 */
export function plainMembersAt(
  text: string,
  start: number,
  names: readonly string[],
  endOfMember: (text: string, start: number, place: number) => number = endOfPlainValue,
): PlainMembers | undefined {
  const values = new Array<string | undefined>(names.length).fill(undefined)
  if (text.charCodeAt(start) !== openBrace) return undefined
  let at = skipSpace(text, start + 1)
  if (text.charCodeAt(at) === closeBrace) return { values, end: at + 1 }
  for (;;) {
    const from = startOfMember(text, at)
    if (from === -1) return undefined
    const place = placeOfName(text, at, names)
    const end = place === -1 ? endOfPlainValue(text, from) : endOfMember(text, from, place)
    if (end === -1) return undefined
    if (place !== -1) values[place] = text.slice(from, end)
    at = skipSpace(text, end)
    const char = text.charCodeAt(at)
    if (char === closeBrace) return { values, end: at + 1 }
    if (char !== comma) return undefined
    at = skipSpace(text, at + 1)
  }
}

/** As of an object, of an array: its last item, and where it ends. */
export function plainLastItemAt(
  text: string,
  start: number,
): { item: string | undefined; end: number } | undefined {
  if (text.charCodeAt(start) !== openBracket) return undefined
  let at = skipSpace(text, start + 1)
  if (text.charCodeAt(at) === closeBracket) return { item: undefined, end: at + 1 }
  for (;;) {
    const from = at
    const end = endOfPlainValue(text, from)
    if (end === -1) return undefined
    at = skipSpace(text, end)
    const char = text.charCodeAt(at)
    if (char === closeBracket) return { item: text.slice(from, end), end: at + 1 }
    if (char !== comma) return undefined
    at = skipSpace(text, at + 1)
  }
}

function placeOfName(text: string, at: number, names: readonly string[]): number {
  for (let place = 0; place < names.length; place++) {
    // Inside the bounds, as the loop's condition says.
    const name = names[place]!
    if (text.charCodeAt(at + 1 + name.length) === quote && text.startsWith(name, at + 1))
      return place
  }
  return -1
}

/**
 * Spaces are the only space in a plain text. The end is asked for first: to read past it, as of every text
 * that ends in a value, throws the optimised code of its caller away.
 */
export function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) === 32) at++
  return at
}

/** Kinds of the arrays and objects around a place fit the bits of one number, so no stack is needed. */
const depthMax = 30

/**
 * @param start - Where the value begins.
 * @returns The index after it, or -1 when there is no JSON value or it is nested too deeply.
 */
export function endOfPlainValue(text: string, start: number): number {
  let at = start
  let depth = 0
  // The last bit is set while what is around is an object.
  let kinds = 0
  for (;;) {
    const opens = text.charCodeAt(at)
    if (opens === openBrace || opens === openBracket) {
      const isObject = opens === openBrace
      at = skipSpace(text, at + 1)
      if (text.charCodeAt(at) !== (isObject ? closeBrace : closeBracket)) {
        if (++depth > depthMax) return -1
        kinds = (kinds << 1) | (isObject ? 1 : 0)
        if (isObject) at = startOfMember(text, at)
        if (at === -1) return -1
        continue
      }
      at++
    } else at = opens === quote ? endOfString(text, at) : endOfScalar(text, at)
    if (at === -1) return -1
    for (;;) {
      if (depth === 0) return at
      at = skipSpace(text, at)
      const char = text.charCodeAt(at)
      if (char === comma) break
      if (char !== ((kinds & 1) === 1 ? closeBrace : closeBracket)) return -1
      depth--
      kinds >>>= 1
      at++
    }
    at = skipSpace(text, at + 1)
    if ((kinds & 1) === 1) at = startOfMember(text, at)
    if (at === -1) return -1
  }
}

const quote = 34
const plus = 43
const comma = 44
const minus = 45
const dot = 46
const zero = 48
const nine = 57
const colon = 58
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** @returns Where the value of the member begins whose name begins here, or -1. */
function startOfMember(text: string, at: number): number {
  if (text.charCodeAt(at) !== quote) return -1
  const end = endOfString(text, at)
  if (end === -1) return -1
  const behind = skipSpace(text, end)
  return text.charCodeAt(behind) === colon ? skipSpace(text, behind + 1) : -1
}

/** @returns The index after the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  const end = text.indexOf('"', start + 1)
  return end === -1 ? -1 : end + 1
}

function endOfScalar(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case 110:
      return text.startsWith('null', start) ? start + 4 : -1
    case 116:
      return text.startsWith('true', start) ? start + 4 : -1
    case 102:
      return text.startsWith('false', start) ? start + 5 : -1
    default:
      return endOfNumber(text, start)
  }
}

function endOfNumber(text: string, start: number): number {
  const first = text.charCodeAt(start) === minus ? start + 1 : start
  // A zero in front stands alone.
  let at = text.charCodeAt(first) === zero ? first + 1 : endOfDigits(text, first)
  if (at !== -1 && text.charCodeAt(at) === dot) at = endOfDigits(text, at + 1)
  if (at === -1 || (text.charCodeAt(at) | 32) !== 101) return at
  const sign = text.charCodeAt(at + 1)
  return endOfDigits(text, sign === plus || sign === minus ? at + 2 : at + 1)
}

/** @returns The index after at least one digit, or -1. */
function endOfDigits(text: string, start: number): number {
  let at = start
  for (;;) {
    const char = text.charCodeAt(at)
    // Past the end it is not a number, which is not at least zero.
    if (!(char >= zero && char <= nine)) return at === start ? -1 : at
    at++
  }
}
