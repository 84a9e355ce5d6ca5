import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { containsPhrase, parsePhrase } from './error-phrase.ts'

const contains = (text: string, source: string) => containsPhrase(text, parsePhrase(source))

test('a plain phrase is found anywhere', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(contains(`${before}header not found${after}`, 'header not found')).toBe(true)
    }),
    { numRuns: 100 },
  )
  expect(contains('header is found', 'header not found')).toBe(false)
})

test.each([
  ['reverted', '^reverted', true],
  ['it reverted', '^reverted', false],
  ['it reverted', 'reverted$', true],
  ['reverted it', 'reverted$', false],
  ['revert', '^revert$', true],
  ['revert revert', '^revert$', false],
  ['block 5 is pruned', 'block * pruned', true],
  ['pruned block ', 'block * pruned', false],
  ['block pruned', 'block * pruned', false],
  ['method x not found', '^method * not found$', true],
  ['method x not found here', '^method * not found$', false],
  ['a method x not found', '^method * not found', false],
  ['aba', '^ab*ba$', false],
  ['abba', '^ab*ba$', true],
] as const)('"%s" and the phrase "%s": %p', (text, source, expected) => {
  expect(contains(text, source)).toBe(expected)
})
