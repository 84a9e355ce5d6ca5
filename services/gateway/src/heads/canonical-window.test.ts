import { describe, expect, test } from 'bun:test'
import type { BlockHeader } from '@mooring/chains/family'
import fc from 'fast-check'
import { CanonicalWindow } from './canonical-window.ts'

/** A chain by forks: each block is named by its number and the fork that made it. */
const header = (number: number, fork: string, parentFork = fork): BlockHeader => ({
  number,
  hash: `${number}${fork}`,
  parentHash: `${number - 1}${parentFork}`,
})

function windowOf(...headers: BlockHeader[]): CanonicalWindow {
  const window = new CanonicalWindow(100)
  for (const each of headers) window.join([each])
  return window
}

describe('the canonical window', () => {
  test('grows by blocks whose parent is its head', () => {
    const window = windowOf(header(5, 'a'), header(6, 'a'), header(7, 'a'))
    expect([5, 6, 7].map((number) => window.hashOf(number))).toEqual(['5a', '6a', '7a'])
    expect(window.headBlock).toBe(7)
    expect(window.numberOf('6a')).toBe(6)
  })

  test('tells what a fork replaces, and keeps what is below it', () => {
    const window = windowOf(header(5, 'a'), header(6, 'a'), header(7, 'a'))
    const replaced = window.join([header(6, 'b', 'a'), header(7, 'b')])
    expect(replaced).toEqual([
      { number: 6, hash: '6a' },
      { number: 7, hash: '7a' },
    ])
    expect([5, 6, 7].map((number) => window.hashOf(number))).toEqual(['5a', '6b', '7b'])
    expect(window.numberOf('7a')).toBeUndefined()
  })

  test('starts anew with what does not join on', () => {
    const window = windowOf(header(5, 'a'), header(6, 'a'))
    expect(window.join([header(90, 'b')]).length).toBe(2)
    expect(window.size).toBe(1)
    expect(window.first?.number).toBe(90)
  })

  test('is filled downwards by the parent of its first block alone', () => {
    const window = windowOf(header(5, 'a'))
    window.prepend(header(4, 'b'))
    expect(window.size).toBe(1)
    window.prepend(header(4, 'a'))
    expect(window.hashOf(4)).toBe('4a')
    expect(window.first?.number).toBe(4)
  })

  test('holds no more than it may, the lowest go first', () => {
    const window = new CanonicalWindow(3)
    for (let number = 0; number < 10; number++) window.join([header(number, 'a')])
    expect(window.size).toBe(3)
    expect(window.first).toEqual(header(7, 'a'))
    expect(window.hashOf(6)).toBeUndefined()
    window.prepend(header(6, 'a'))
    expect(window.size).toBe(3)
  })

  test('is one line of parents without a gap, whatever comes', () => {
    const step = fc.record({ back: fc.nat(8), count: fc.integer({ min: 1, max: 8 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const window = new CanonicalWindow(12)
        let line = [header(100, 'f0', 'none')]
        window.join(line)
        for (const [at, { back, count }] of steps.entries()) {
          const base = line.slice(0, Math.max(1, line.length - back))
          const news: BlockHeader[] = []
          for (let n = 0; n < count; n++) {
            const parent = news.at(-1) ?? base.at(-1)
            if (parent === undefined) throw new Error('no parent')
            const number = parent.number + 1
            news.push({ number, hash: `${number}s${at}`, parentHash: parent.hash })
          }
          const before = new Map(line.map(({ number, hash }) => [number, hash]))
          const held = [...before].filter(([number, hash]) => window.hashOf(number) === hash)
          const replaced = window.join(news)
          line = [...base, ...news]
          const top = line.at(-1)?.number ?? 0
          const expected = line.filter(
            ({ number }) => number > top - 12 && number >= (window.first?.number ?? 0),
          )
          expect(window.headBlock).toBe(top)
          expect(expected.every(({ number, hash }) => window.hashOf(number) === hash)).toBe(true)
          expect(window.size).toBe(expected.length)
          for (const { number, hash } of replaced) {
            expect(held).toContainEqual([number, hash])
            expect(window.hashOf(number)).not.toBe(hash)
          }
        }
      }),
    )
  })
})
