import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { attestationsText, parseClaims } from './claims.ts'
import { anyClaims, claimsExample } from './test/tokens.fixtures.ts'

test('what verifiers say is read as they said it', () => {
  fc.assert(
    fc.property(anyClaims, (claims) => {
      expect(parseClaims(claims)).toEqual({ ok: true, claims })
    }),
  )
})

describe('no claims are', () => {
  test('what is no object', () => {
    for (const value of [null, [], 7, 'text', undefined]) {
      expect(parseClaims(value).ok).toBe(false)
    }
  })

  test.each(Object.keys(claimsExample).filter((name) => name !== 'cnf'))(
    'those without `%s`',
    (name) => {
      const { [name]: _left, ...rest } = claimsExample as Record<string, unknown>
      expect(parseClaims(rest).ok).toBe(false)
    },
  )

  test.each<[string, Record<string, unknown>]>([
    ['a member that means nothing', { admin: true }],
    ['a time from which they hold', { nbf: 1 }],
    ['a member every object has', { constructor: 1 }],
    ['several audiences', { aud: ['mooring-gateway', 'other'] }],
    ['an end before their beginning', { exp: claimsExample.iat }],
    ['a time that is a text', { exp: '1700003600' }],
    ['a time with a fraction', { exp: 1_700_003_600.5 }],
    ['a time that nobody lives to see', { exp: 1e12 }],
    ['a negative time', { iat: -1 }],
    ['another tier', { tier: 'enterprise' }],
    ['a cap where nothing is capped', { stage: 'full' }],
    ['a cap that is a number', { cap: 100 }],
    ['a cap below zero', { cap: '-1' }],
    ['a cap with a leading zero', { cap: '01' }],
    ['a cap past what a contract holds', { cap: '1'.repeat(79) }],
    ['an account in capitals', { sub: `eip155:1:0x${'AA'.repeat(20)}` }],
    ['an epoch past what a contract holds', { epoch: 2 ** 32 }],
    ['a binding to nothing', { cnf: {} }],
    ['a binding to two things', { cnf: { jkt: 'k'.repeat(43), 'key#S256': 'k'.repeat(43) } }],
    ['a binding nobody knows', { cnf: { kid: 'k'.repeat(43) } }],
    ['a binding to a key itself', { cnf: { jwk: {} } }],
    ['a binding that is null', { cnf: null }],
    ['an id of another length', { jti: 'j'.repeat(42) }],
  ])('those with %s', (_what, change) => {
    expect(parseClaims({ ...claimsExample, ...change }).ok).toBe(false)
  })
})

test('what the signers saw is one text, in whatever order it was gathered', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (signatures) => {
      const before = [...signatures]
      expect(attestationsText([...signatures].reverse())).toBe(attestationsText(signatures))
      expect(signatures).toEqual(before)
    }),
  )
})
