import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { shownText } from './shown-text.ts'

test('ordinary words stay as they are, in any script', () => {
  expect(shownText('Ångström – 節点', 64)).toBe('Ångström – 節点')
})

test('what moves a cursor, colours or turns the direction is gone', () => {
  expect(shownText('a\u001b[2Jb\u202ec\u2028d\u0000', 64)).toBe('a [2Jb c d')
})

test('no more is shown than asked for, and nothing unseen, whatever comes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 70 }), (text, most) => {
      const shown = shownText(text, most)
      expect([...shown].length).toBeLessThanOrEqual(most)
      expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }),
  )
})
