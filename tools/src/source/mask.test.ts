import { expect, test } from 'bun:test'
import { maskText } from './mask.ts'

test('comments leave the code and stand alone', () => {
  const { code, comments } = maskText('a() // why\n/* b() */ c()')
  expect(code).toBe('a()       \n          c()')
  expect(comments).toBe('    // why\n/* b() */    ')
})

test('a string keeps its quotes and loses its content', () => {
  expect(maskText(`f('import(x)', "//", 'it\\'s')`).code).toBe(`f('         ', "  ", '     ')`)
})

test('code inside a template is code, its text is not', () => {
  const { code } = maskText('`see ${Date.now() + `${x}`} // not` + y')
  expect(code).toContain('Date.now()')
  expect(code).not.toContain('see')
  expect(code).not.toContain('// not')
  expect(code).toEndWith('+ y')
})

test('a pattern may hold quotes and slashes, a division is no pattern', () => {
  expect(maskText(`text.replace(/['"\\/[/]]/g, b)`).code).toEndWith('g, b)')
  expect(maskText(`const c = a / b // 'half'`).code.trim()).toBe('const c = a / b')
  expect(maskText(`return /'/.test(x) // y`).code.trim()).toEndWith('.test(x)')
})

test('lengths and lines stay, whatever the text', () => {
  const pieces = ['`', '${', '}', '{', "'", '/', '*', '\\', '\n', 'a', '[', ']']
  for (const text of textsOf(pieces, 4)) {
    const { code, comments } = maskText(text)
    if (shapeOf(code) !== shapeOf(text)) expect(code).toBe(text)
    if (shapeOf(comments) !== shapeOf(text)) expect(comments).toBe(text)
  }
})

/** Every text of exactly `length` pieces. */
function* textsOf(pieces: readonly string[], length: number): Generator<string> {
  if (length === 0) yield ''
  else
    for (const rest of textsOf(pieces, length - 1)) for (const piece of pieces) yield piece + rest
}

function shapeOf(text: string): string {
  return text.replace(/[^\n]/g, '.')
}
