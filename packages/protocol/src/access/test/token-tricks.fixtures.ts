import { claimsExample, kidExample } from './tokens.fixtures.ts'

/**
 * Tokens that some parser somewhere takes, and ours must not: what is known of attacks on JWT.
 *
 * @see RFC 8725; RFC 7515, section 10
 */
const header = { alg: 'EdDSA', typ: 'at+jwt', kid: kidExample }
const signature = encode(Buffer.alloc(64, 7))
const payload = encode(JSON.stringify(claimsExample))
const goodHeader = encode(JSON.stringify(header))

export const goodToken = `${goodHeader}.${payload}.${signature}`

export const tokenTricks: readonly (readonly [what: string, token: string])[] = [
  ['no algorithm', withHeader({ alg: 'none' })],
  ['no algorithm, in capitals', withHeader({ alg: 'NONE' })],
  ['no algorithm and no signature', `${encode('{"alg":"none"}')}.${payload}.`],
  ['a shared secret', withHeader({ alg: 'HS256' })],
  ['another curve', withHeader({ alg: 'ES256' })],
  ['the newer name of the algorithm', withHeader({ alg: 'Ed25519' })],
  ['the algorithm in other letters', withHeader({ alg: 'eddsa' })],
  ['several algorithms', withHeader({ alg: ['EdDSA', 'none'] })],
  ['the address of a key', withHeader({ ...header, jku: 'https://evil.example/jwks.json' })],
  [
    'a key of its own',
    withHeader({ ...header, jwk: { kty: 'OKP', crv: 'Ed25519', x: kidExample } }),
  ],
  ['the address of a certificate', withHeader({ ...header, x5u: 'https://evil.example/cert' })],
  ['a certificate of its own', withHeader({ ...header, x5c: ['AAAA'] })],
  ['a member that must be understood', withHeader({ ...header, crit: ['exp'], exp: 1 })],
  ['a payload that is not encoded', withHeader({ ...header, b64: false, crit: ['b64'] })],
  ['a compressed payload', withHeader({ ...header, zip: 'DEF' })],
  ['the type of another token', withHeader({ ...header, typ: 'JWT' })],
  ['the type as a media type', withHeader({ ...header, typ: 'application/at+jwt' })],
  ['no type', withHeader({ alg: 'EdDSA', kid: kidExample })],
  ['no key id', withHeader({ alg: 'EdDSA', typ: 'at+jwt' })],
  ['a key id that is a path', withHeader({ ...header, kid: '../../../../dev/null' })],
  ['a key id that is a query', withHeader({ ...header, kid: "' UNION SELECT 'x" })],
  ['a key id with a null in it', withHeader({ ...header, kid: `${'K'.repeat(42)}\0` })],
  ['a key id that is a number', withHeader({ ...header, kid: 7 })],
  ['its members in another order', withHeader({ kid: kidExample, alg: 'EdDSA', typ: 'at+jwt' })],
  ['a header that is a list', withHeaderText('["EdDSA"]')],
  ['a header that is null', withHeaderText('null')],
  [
    'an algorithm that stands twice',
    withHeaderText(`{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"${kidExample}"}`),
  ],
  [
    'an algorithm whose name is escaped',
    withHeaderText(`{"\\u0061lg":"EdDSA","typ":"at+jwt","kid":"${kidExample}"}`),
  ],
  [
    'a prototype of its own',
    withHeaderText(`{"__proto__":{},"alg":"EdDSA","typ":"at+jwt","kid":"${kidExample}"}`),
  ],
  ['a space in its header', withHeaderText(JSON.stringify(header).replace(',', ', '))],
  ['a byte order mark', withHeaderText(`\ufeff${JSON.stringify(header)}`)],
  [
    'a header that is no UTF-8',
    `${encode(Buffer.from([0x7b, 0xff, 0x7d]))}.${payload}.${signature}`,
  ],
  ['a header that is no JSON', withHeaderText('{')],
  ['an account that stands twice', withPayloadText(withTwice('sub', 'eip155:1:0x00'))],
  ['an end that stands twice', withPayloadText(withTwice('exp', 9_999_999_999))],
  ['an end written otherwise', withPayloadText(withRaw('"exp":1700003600', '"exp":1.7000036e9'))],
  ['a negative zero', withPayloadText(withRaw('"epoch":0', '"epoch":-0'))],
  ['a space in its payload', withPayloadText(withRaw('{"iss"', '{ "iss"'))],
  ['a payload that is a text', withPayloadText('"premium"')],
  ['an empty payload', `${goodHeader}..${signature}`],
  ['an end before its beginning', withClaims({ exp: claimsExample.iat - 1 })],
  ['a member that nobody knows', withClaims({ admin: true })],
  ['an audience among several', withClaims({ aud: ['mooring-gateway'] })],
  ['padding', `${goodHeader}.${payload}.${signature}==`],
  ['padding in its payload', `${goodHeader}.${payload}=.${signature}`],
  ['the other alphabet', `${goodHeader}.${payload}.${signature.slice(0, -2)}+/`],
  ['spare bits', withSpareBits()],
  ['a line break at its end', `${goodToken}\n`],
  ['a space before it', ` ${goodToken}`],
  [
    'a line break amid it',
    `${goodHeader}.${payload.slice(0, 8)}\n${payload.slice(8)}.${signature}`,
  ],
  ['two parts', `${goodHeader}.${payload}`],
  ['four parts', `${goodToken}.${signature}`],
  ['five parts, as what is encrypted has', `${goodHeader}..${payload}.${signature}.AA`],
  ['an empty signature', `${goodHeader}.${payload}.`],
  ['a short signature', `${goodHeader}.${payload}.${encode(Buffer.alloc(63))}`],
  ['a long signature', `${goodHeader}.${payload}.${encode(Buffer.alloc(65))}`],
  [
    'JSON in place of the compact form',
    JSON.stringify({ payload, protected: goodHeader, signature }),
  ],
  ['more than any token has', withClaims({ iss: 'i'.repeat(5_000) })],
  ['a million dots', '.'.repeat(1_000_000)],
  ['nothing', ''],
]

function withHeader(members: object): string {
  return withHeaderText(JSON.stringify(members))
}

function withHeaderText(text: string): string {
  return `${encode(text)}.${payload}.${signature}`
}

function withClaims(change: object): string {
  return withPayloadText(JSON.stringify({ ...claimsExample, ...change }))
}

function withPayloadText(text: string): string {
  return `${goodHeader}.${encode(text)}.${signature}`
}

function withTwice(name: string, value: unknown): string {
  return `{${JSON.stringify(name)}:${JSON.stringify(value)},${JSON.stringify(claimsExample).slice(1)}`
}

function withRaw(from: string, to: string): string {
  return JSON.stringify(claimsExample).replace(from, to)
}

/** The last character of 64 bytes holds four bits that no byte has. */
function withSpareBits(): string {
  const last = signature.slice(-1)
  const next = String.fromCharCode(last.charCodeAt(0) + 1)
  return `${goodHeader}.${payload}.${signature.slice(0, -1)}${next}`
}

function encode(value: string | Uint8Array): string {
  return Buffer.from(value).toString('base64url')
}
