/**
 * A source text split in two texts of the same length and lines: what is not code, or not comment, is
 * blanked with spaces. Strings keep their quotes in `code` and lose their content, so that a rule about
 * code is never tripped by a text that merely speaks of it.
 */
export type MaskedText = { code: string; comments: string }

type Kind = 'code' | 'comment' | 'text'
type Piece = { kind: Kind; end: number }

/** Splits TypeScript or JavaScript. Unfinished strings and comments reach to the end of the text. */
export function maskText(text: string): MaskedText {
  const code: string[] = []
  const comments: string[] = []
  /** Depth of braces at which each open `${` of a template closes again. */
  const templates: number[] = []
  let depth = 0
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    let piece: Piece
    if (char === '`' || (char === '}' && templates.at(-1) === depth)) {
      if (char === '}') templates.pop()
      piece = { kind: 'text', end: endOfTemplatePart(text, at + 1) }
      if (text.startsWith('${', piece.end - 2)) templates.push(depth)
    } else {
      if (char === '{') depth++
      if (char === '}') depth--
      piece = pieceAt(text, at, code)
    }
    const slice = text.slice(at, piece.end)
    code.push(
      piece.kind === 'code' ? slice : piece.kind === 'text' ? quotesOf(slice) : blank(slice),
    )
    comments.push(piece.kind === 'comment' ? slice : blank(slice))
    at = piece.end
  }
  return { code: code.join(''), comments: comments.join('') }
}

function pieceAt(text: string, at: number, before: readonly string[]): Piece {
  const char = text.charAt(at)
  if (text.startsWith('//', at)) return { kind: 'comment', end: indexOrEnd(text, '\n', at) }
  if (text.startsWith('/*', at)) {
    return { kind: 'comment', end: Math.min(indexOrEnd(text, '*/', at + 2) + 2, text.length) }
  }
  if (char === "'" || char === '"') return { kind: 'text', end: endOfQuoted(text, at) }
  if (char === '/' && opensPattern(before)) return { kind: 'text', end: endOfPattern(text, at) }
  return { kind: 'code', end: at + 1 }
}

/** A slash opens a pattern where a value is due, and divides where a value has just ended. */
function opensPattern(before: readonly string[]): boolean {
  let last = before.length - 1
  while (last >= 0 && before[last]?.trim() === '') last--
  const previous = before[last]
  if (previous === undefined) return true
  if (/^[)\]}'"`]/.test(previous)) return false
  if (!/^\w/.test(previous)) return true
  const word = before.slice(Math.max(0, last - 9), last + 1).join('')
  return /\b(?:return|typeof|case|in|of|await|yield)$/.test(word)
}

function endOfQuoted(text: string, start: number): number {
  const quote = text.charAt(start)
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === quote || char === '\n') return at + 1
  }
  return text.length
}

/** @returns The index after the closing backtick, or after the `${` that interrupts the template. */
function endOfTemplatePart(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === '`') return at + 1
    else if (text.startsWith('${', at)) return at + 2
  }
  return text.length
}

function endOfPattern(text: string, start: number): number {
  let isInClass = false
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === '[') isInClass = true
    else if (char === ']') isInClass = false
    else if (char === '\n' || (char === '/' && !isInClass)) return at + 1
  }
  return text.length
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from)
  return index === -1 ? text.length : index
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}

function quotesOf(text: string): string {
  if (text.length < 2) return text
  return text.charAt(0) + blank(text.slice(1, -1)) + text.slice(-1)
}
