import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import * as jose from 'jose'
import { commitmentOf, createProofMaterial, digestOf } from './key-material.ts'
import { createProof } from './proof.ts'

test('a proof is for one request, one token and the key that the deposit names', async () => {
  const material = await createProofMaterial()
  if (material.delivery !== 'proof') throw new Error('another kind of key')
  const nowMs = Date.now()
  const wanted = { method: 'POST', url: 'https://gw.example.org/eth?x=1#y', token: 'a.b.c', nowMs }
  const proof = await createProof(material.jwk, wanted)
  const { payload, protectedHeader } = await jose.jwtVerify(proof, jose.EmbeddedJWK, {
    ...{ typ: 'dpop+jwt', algorithms: ['ES256'] },
  })
  expect(payload).toEqual({
    ...{ htm: 'POST', htu: 'https://gw.example.org/eth', iat: Math.floor(nowMs / 1_000) },
    ath: createHash('sha256').update('a.b.c').digest('base64url'),
    jti: expect.any(String),
  })
  const { jwk } = protectedHeader
  expect(jwk).not.toHaveProperty('d')
  expect(await jose.calculateJwkThumbprint(jwk ?? {})).toBe(digestOf(commitmentOf(material)))
})

test('no two proofs are the same', async () => {
  const material = await createProofMaterial()
  if (material.delivery !== 'proof') throw new Error('another kind of key')
  const wanted = { method: 'POST', url: 'https://gw/eth', token: 'a.b.c', nowMs: 0 }
  const ids = [1, 2].map(async () => {
    return jose.decodeJwt(await createProof(material.jwk, wanted)).jti
  })
  expect(new Set(await Promise.all(ids)).size).toBe(2)
})
