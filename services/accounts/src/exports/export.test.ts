import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { csvField, exportText, streamOf } from './export.ts'

describe('a field of CSV', () => {
  test.each([
    ['web', 'web'],
    ['a, b', '"a, b"'],
    ['say "hi"', '"say ""hi"""'],
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    [' =1', "' =1"],
    ['＝1', "'＝1"],
    ['a;=1', `"a;'=1"`],
    ['a-b', 'a-b'],
    ['', ''],
  ])('%p is written %p', (text, written) => {
    expect(csvField(text)).toBe(written)
  })

  test('is read back whole, but for what keeps it from being a formula', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const written = csvField(text)
        const read = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written
        expect(read.replaceAll("'", '')).toBe(text.replaceAll("'", ''))
        for (const cell of read.split(/[,;|\t\r\n]/)) expect(cell).not.toMatch(/^\s*[=+\-@]/)
      }),
    )
  })
})

describe('a stream', () => {
  test('reads no more pages than somebody takes, and stops when nobody does', async () => {
    let read = 0
    let isEnded = false
    async function* pages() {
      try {
        for (;;) {
          read++
          yield [String(read)]
        }
      } finally {
        isEnded = true
      }
    }
    const columns = [{ name: 'n', textOf: (row: string) => row }]
    const stream = streamOf(exportText(pages(), columns, 'csv'), () => {})
    const reader = stream.getReader()
    const words: string[] = []
    for (let at = 0; at < 3; at++) {
      words.push(new TextDecoder().decode((await reader.read()).value))
    }
    expect(words).toEqual(['n\r\n', '1\r\n', '2\r\n'])
    expect(read).toBe(2)
    await reader.cancel()
    expect(isEnded).toBeTrue()
  })

  test('that cannot go on breaks, so that a part is not taken for all', async () => {
    const told: unknown[] = []
    async function* text() {
      yield 'a'
      throw new Error('gone')
    }
    const reading = new Response(streamOf(text(), (error) => told.push(error))).text()
    await expect(reading).rejects.toThrow('gone')
    expect(told).toHaveLength(1)
  })
})
