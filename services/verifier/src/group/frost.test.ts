import { expect, test } from 'bun:test'
import { createPublicKey, verify } from 'node:crypto'
import { frost } from './frost.ts'

/**
 * RFC 9591, appendix E.1: FROST(Ed25519, SHA-512) with signers 1 and 3 of three. Scalars are little-endian.
 */
const vector = {
  groupSecret: '7b1c33d3f5291d85de664833beb1ad469f7fb6025a0ec78b3a790c6e13a98304',
  groupPublic: '15d21ccd7ee42959562fc8aa63224c8851fb3ec85a3faf66040d380fb9738673',
  message: '74657374',
  coefficient: '178199860edd8c62f5212ee91eff1295d0d670ab4ed4506866bae57e7030b204',
  signature:
    '36282629c383bb820a88b71cae937d41f2f2adfcc3d02e55507e2fb9e2dd3cbebd9d2b0844e49ae0f3fa935161e1419aab7b47d21a37ebeae1f17d4987b3160b',
  signers: [
    {
      number: 1,
      share: '929dcc590407aae7d388761cddb0c0db6f5627aea8e217f4a033f2ec83d93509',
      hidingRandomness: '0fd2e39e111cdc266f6c0f4d0fd45c947761f1f5d3cb583dfcb9bbaf8d4c9fec',
      bindingRandomness: '69cd85f631d5f7f2721ed5e40519b1366f340a87c2f6856363dbdcda348a7501',
      hiding: 'b5aa8ab305882a6fc69cbee9327e5a45e54c08af61ae77cb8207be3d2ce13de3',
      binding: '67e98ab55aa310c3120418e5050c9cf76cf387cb20ac9e4b6fdb6f82a469f932',
      signatureShare: '001719ab5a53ee1a12095cd088fd149702c0720ce5fd2f29dbecf24b7281b603',
    },
    {
      number: 3,
      share: 'd3cb090a075eb154e82fdb4b3cb507f110040905468bb9c46da8bdea643a9a02',
      hidingRandomness: '86d64a260059e495d0fb4fcc17ea3da7452391baa494d4b00321098ed2a0062f',
      bindingRandomness: '13e6b25afb2eba51716a9a7d44130c0dbae0004a9ef8d7b5550c8a0e07c61775',
      hiding: 'cfbdb165bd8aad6eb79deb8d287bcc0ab6658ae57fdcc98ed12c0669e90aec91',
      binding: '7487bc41a6e712eea2f2af24681b58b1cf1da278ea11fe4e8b78398965f13552',
      signatureShare: 'bd86125de990acc5e1f13781d8e32c03a9bbd4c53539bbc106058bfd14326007',
    },
  ],
} as const

const hex = (text: string) => Uint8Array.fromHex(text)

test('shares, nonces and signature are those of RFC 9591', () => {
  const group = dealt()
  expect(group.public.commitments[0]?.toHex()).toBe(vector.groupPublic)
  const message = hex(vector.message)
  const signers = vector.signers.map((signer) => {
    const identifier = frost.Identifier.fromNumber(signer.number)
    const secret = group.secretShares[identifier]
    if (secret === undefined) throw new Error('it has no share')
    expect(secret.signingShare.toHex()).toBe(signer.share)
    const { nonces, commitments } = frost.commit(
      secret,
      giving(signer.hidingRandomness, signer.bindingRandomness),
    )
    expect(commitments.hiding.toHex()).toBe(signer.hiding)
    expect(commitments.binding.toHex()).toBe(signer.binding)
    return { signer, secret, nonces, commitments }
  })
  const list = signers.map(({ commitments }) => commitments)
  const shares = signers.map(({ signer, secret, nonces }) => {
    const share = frost.signShare(secret, group.public, nonces, list, message)
    expect(share.toHex()).toBe(signer.signatureShare)
    // Whoever would sign again with the same nonces finds none.
    expect(() => frost.signShare(secret, group.public, nonces, list, message)).toThrow()
    return [secret.identifier, share] as const
  })
  const signature = frost.aggregate(group.public, list, message, Object.fromEntries(shares))
  expect(signature.toHex()).toBe(vector.signature)
  const key = createPublicKey({
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: hex(vector.groupPublic).toBase64({ alphabet: 'base64url' }),
    },
    format: 'jwk',
  })
  expect(verify(null, message, key, signature)).toBe(true)
})

function dealt() {
  const identifiers = [1, 2, 3].map((number) => frost.Identifier.fromNumber(number))
  // The library takes its one coefficient from 1 to the order, so it adds one to what it is given.
  const chance = hex(vector.coefficient)
  chance[0] = (chance[0] ?? 0) - 1
  return frost.trustedDealer(
    { min: 2, max: 3 },
    identifiers,
    hex(vector.groupSecret),
    (length = 32) => {
      const bytes = new Uint8Array(length)
      bytes.set(chance)
      return bytes
    },
  )
}

/** Chance that is known, in the order in which it is asked for. */
function giving(...texts: readonly string[]) {
  const left = [...texts]
  return () => hex(left.shift() ?? '')
}
