/** Nothing that a terminal or a page takes for more than a letter: controls, turns of direction, breaks of lines. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]+/gu

/** Somebody else's words as they may be shown in a line; empty when nothing of them can be seen. */
export function shownText(text: string, charactersMax: number): string {
  const characters = [...text.replaceAll(unseen, ' ').trim()]
  if (characters.length <= charactersMax) return characters.join('')
  return `${characters.slice(0, charactersMax - 1).join('')}…`
}
