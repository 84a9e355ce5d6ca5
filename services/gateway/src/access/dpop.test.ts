import { describe, expect, test } from 'bun:test'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { textHashOf } from './credentials.ts'
import { ProofCheck } from './dpop.ts'
import { Replays } from './replays.ts'
import { createHandClock } from './test/deployment.fixtures.ts'

const token = 'the.access.token'

async function setUp(alg: 'ES256' | 'EdDSA' = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const jkt = await calculateJwkThumbprint(jwk)
  const clock = createHandClock()
  const check = new ProofCheck(new Replays(clock), () => clock.wallMs())
  const target = { token, jkt, host: 'gateway.example', path: '/eth' }
  const claims = (): JWTPayload => ({
    jti: crypto.randomUUID(),
    htm: 'POST',
    htu: 'https://gateway.example/eth',
    iat: Math.floor(clock.wallMs() / 1_000),
    ath: textHashOf(token),
  })
  const prove = (payload: JWTPayload, header: Record<string, unknown> = {}) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
      .sign(privateKey)
  return { alg, privateKey, jwk, clock, check, target, claims, prove }
}

describe('a proof that a client library makes', () => {
  test.each(['ES256', 'EdDSA'] as const)('with %s is good once', async (alg) => {
    const { check, target, claims, prove } = await setUp(alg)
    const proof = await prove(claims())
    expect(check.problemOf(proof, target)).toBeUndefined()
    expect(check.problemOf(proof, target)).toBe('it was used before')
    expect(check.problemOf(await prove(claims()), target)).toBeUndefined()
  })

  test('is good for the same address in other words', async () => {
    const { check, target, claims, prove } = await setUp()
    for (const htu of [
      'http://gateway.example/eth',
      'https://GATEWAY.example:443/eth?x=1#y',
      'https://gateway.example/eth/',
    ]) {
      expect(check.problemOf(await prove({ ...claims(), htu }), target)).toBeUndefined()
    }
    const atPort = { ...target, host: 'gateway.example:8545' }
    const htu = 'http://gateway.example:8545/eth'
    expect(check.problemOf(await prove({ ...claims(), htu }), atPort)).toBeUndefined()
  })
})

describe('no proof is', () => {
  test.each<[string, JWTPayload, Record<string, unknown>]>([
    ['one for another host', { htu: 'https://other.example/eth' }, {}],
    ['one for another chain', { htu: 'https://gateway.example/bsc' }, {}],
    ['one for another port', { htu: 'https://gateway.example:8545/eth' }, {}],
    ['one for no address', { htu: 'gateway.example/eth' }, {}],
    ['one for another method', { htm: 'GET' }, {}],
    ['one for another token', { ath: textHashOf('another') }, {}],
    ['one without the hash of the token', { ath: undefined }, {}],
    ['one without an id', { jti: '' }, {}],
    ['an old one', { iat: Math.floor(Date.now() / 1_000) - 40 }, {}],
    ['one from the future', { iat: Math.floor(Date.now() / 1_000) + 40 }, {}],
    ['one whose time is no number', { iat: 'now' as unknown as number }, {}],
    ['one of another type', {}, { typ: 'at+jwt' }],
    ['one that names its key by an id', {}, { kid: 'my-key' }],
    ['one that names its key by an address', {}, { jku: 'https://evil.example/keys' }],
  ])('%s', async (_what, claims, header) => {
    const made = await setUp()
    const proof = await made.prove({ ...made.claims(), ...claims }, header)
    expect(made.check.problemOf(proof, made.target)).toBeString()
  })

  test('nothing, or what is no token', async () => {
    const { check, target } = await setUp()
    for (const proof of [undefined, '', 'a.b', '..', 'x'.repeat(9_000), 'e30.e30.e30']) {
      expect(check.problemOf(proof, target)).toBeString()
    }
  })

  test('one that shows the secret key, or is signed by another key than it shows', async () => {
    const made = await setUp()
    const secret = await exportJWK(made.privateKey)
    const withSecret = await made.prove(made.claims(), { jwk: secret })
    expect(made.check.problemOf(withSecret, made.target)).toBeString()
    const other = await setUp()
    const foreign = await other.prove(made.claims(), { jwk: made.jwk })
    expect(made.check.problemOf(foreign, made.target)).toBe('its signature is wrong')
    const own = await other.prove(made.claims())
    expect(made.check.problemOf(own, made.target)).toContain('another key')
  })

  test('one whose algorithm is another than its key has', async () => {
    const { check, target, claims, prove } = await setUp()
    const [, payload = '', signature = ''] = (await prove(claims())).split('.')
    for (const alg of ['none', 'HS256', 'EdDSA', 'RS256']) {
      const header = { alg, typ: 'dpop+jwt', jwk: (await setUp()).jwk }
      const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
      expect(check.problemOf(`${encoded}.${payload}.${signature}`, target)).toBeString()
    }
  })
})

describe('what was used once', () => {
  test('is known for as long as it could be used again', () => {
    const clock = createHandClock()
    const replays = new Replays(clock)
    expect(replays.use('a')).toBe(true)
    clock.advance(60_999)
    expect(replays.use('a')).toBe(false)
    clock.advance(1)
    expect(replays.use('a')).toBe(false)
    clock.advance(122_000)
    expect(replays.use('a')).toBe(true)
  })

  test('is never forgotten to make room: more is refused instead', () => {
    const replays = new Replays(createHandClock(), 2)
    expect([replays.use('a'), replays.use('b')]).toEqual([true, true])
    expect(() => replays.use('c')).toThrow('more proofs')
    expect(replays.use('a')).toBe(false)
  })
})
