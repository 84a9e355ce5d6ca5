import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { goodToken, tokenTricks } from './test/token-tricks.fixtures.ts'
import { anyClaims, claimsExample, kidExample } from './test/tokens.fixtures.ts'
import { decodeBytes, encodeBytes, formatToken, parseToken, signingInputOf } from './token.ts'

const anySignature = fc.uint8Array({ minLength: 64, maxLength: 64 })

describe('a token', () => {
  test('is read as what it was made of', () => {
    fc.assert(
      fc.property(anyClaims, anySignature, (claims, signature) => {
        const signingInput = signingInputOf(kidExample, claims)
        const parsed = parseToken(formatToken(signingInput, signature))
        if (!parsed.ok) throw new Error(parsed.problem)
        expect(parsed.token).toEqual({
          kid: kidExample,
          claims,
          signingInput,
          signature: Uint8Array.from(signature),
        })
      }),
    )
  })

  test('has one text for the same claims, in whatever order they come', () => {
    const turned = Object.fromEntries(Object.entries(claimsExample).reverse())
    // The same members.
    const input = signingInputOf(kidExample, turned as typeof claimsExample)
    expect(input).toBe(signingInputOf(kidExample, claimsExample))
  })

  test('is, where any text is one, what would be written for it', () => {
    const at = fc.nat(goodToken.length - 1)
    const other = fc.constantFrom(...'ABab01-_.=+/ ')
    fc.assert(
      fc.property(at, other, (index, character) => {
        const text = goodToken.slice(0, index) + character + goodToken.slice(index + 1)
        const parsed = parseToken(text)
        if (!parsed.ok) return
        const { kid, signingInput, signature } = parsed.token
        expect(formatToken(signingInput, signature)).toBe(text)
        expect(kid).toMatch(/^[A-Za-z0-9_-]{43}$/)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('no token is one with', () => {
  test('any of the tricks, and the one they are made from is', () => {
    expect(parseToken(goodToken)).toMatchObject({ ok: true })
  })

  test.each(tokenTricks)('%s', (_what, text) => {
    const parsed = parseToken(text)
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(parsed.problem).toStartWith('the token is not valid: ')
  })

  test('what nobody thought of, and none makes it throw', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(parseToken(text).ok).toBe(false)))
  })
})

describe('bytes as text', () => {
  test('have one text, and it is read as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBytes(encodeBytes(bytes))).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  test.each(['A', 'AB', 'AAA=', 'AA==', 'A A', 'A+/A', 'AA\n'])('are not %j', (text) => {
    expect(decodeBytes(text)).toBeUndefined()
  })
})
