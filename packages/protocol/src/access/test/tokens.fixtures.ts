import fc from 'fast-check'
import type { AccessClaims } from '../claims.ts'

/** Claims as verifiers make them. */
export const claimsExample: AccessClaims = {
  iss: `mooring:eip155:31337:0x${'e5'.repeat(20)}`,
  aud: 'mooring-gateway',
  sub: `eip155:31337:0x${'aa'.repeat(20)}`,
  jti: 'j'.repeat(43),
  iat: 1_700_000_000,
  exp: 1_700_003_600,
  tier: 'premium',
  dep: `eip155:31337/0x${'de'.repeat(32)}/7`,
  stage: 'capped',
  cap: '100000000000000000000',
  epoch: 0,
  att: 'a'.repeat(43),
  cnf: { 'key#S256': 'k'.repeat(43) },
}
export const kidExample = 'K'.repeat(43)

const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const digest = fc
  .array(fc.constantFrom(...characters), { minLength: 43, maxLength: 43 })
  .map((all) => all.join(''))

/** Any claims that are right, kinds of binding and stages included. */
export const anyClaims: fc.Arbitrary<AccessClaims> = fc
  .record({
    iss: fc.string({ minLength: 1, maxLength: 128, unit: 'grapheme-ascii' }),
    jti: digest,
    att: digest,
    iat: fc.integer({ min: 0, max: 4_000_000_000 }),
    lives: fc.integer({ min: 1, max: 10 ** 8 }),
    epoch: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    cap: fc.option(fc.bigInt({ min: 0n, max: 10n ** 77n }), { nil: undefined }),
    cnf: fc.option(
      fc.oneof(
        digest.map((hash) => ({ 'key#S256': hash })),
        digest.map((jkt) => ({ jkt })),
      ),
      { nil: undefined },
    ),
  })
  .map(({ iss, jti, att, iat, lives, epoch, cap, cnf }) => {
    const { cap: _cap, cnf: _cnf, ...rest } = claimsExample
    const stage = cap === undefined ? ({ stage: 'full' } as const) : { stage: 'capped' as const }
    return {
      ...rest,
      ...{ iss, jti, att, iat, exp: iat + lives, epoch, ...stage },
      ...(cap === undefined ? {} : { cap: String(cap) }),
      ...(cnf === undefined ? {} : { cnf }),
    }
  })
