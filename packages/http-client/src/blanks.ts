const tab = 9
const space = 32

/**
 * The text between two places without the spaces and tabs around it. `trim` takes off more, among it the
 * no-break space, and what another reader does not take for a blank must not be one here.
 *
 * @see RFC 9110, section 5.6.3
 */
export function withoutBlanks(text: string, start = 0, end = text.length): string {
  let first = start
  let last = end
  while (first < last && isBlank(text.charCodeAt(first))) first++
  while (last > first && isBlank(text.charCodeAt(last - 1))) last--
  return text.slice(first, last)
}

function isBlank(code: number): boolean {
  return code === space || code === tab
}
