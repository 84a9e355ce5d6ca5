import { describe, expect, test } from 'bun:test'
import { generateKeyPairSync, sign } from 'node:crypto'
import { groupKeyData } from '@mooring/onchain/access-statements'
import { parseToken, signingInputOf } from '@mooring/protocol/access/token'
import type { GroupJwk } from '@mooring/protocol/access/verifier-wire'
import * as jose from 'jose'
import { privateKeyToAccount } from 'viem/accounts'
import { deadUrl, serveJson } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { signatureProblem } from './key-set.ts'

const domain = { chainId: 31_337, ankrEscrow: `0x${'e5'.repeat(20)}` } as const
const members = ['1', '2', '3'].map((digit) => privateKeyToAccount(`0x${digit.repeat(64)}`))
const stranger = privateKeyToAccount(`0x${'4'.repeat(64)}`)
const trust = {
  domain,
  quorum: { members: members.map(({ address }) => address), threshold: 2 },
}
const context = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
} as unknown as Context

const { privateKey } = generateKeyPairSync('ed25519')
const x = String(privateKey.export({ format: 'jwk' }).x)
const kid = await jose.calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })

function tokenSignedBy(key: typeof privateKey) {
  const input = signingInputOf(kid, {
    ...{ iss: 'i', aud: 'a', sub: `eip155:1:0x${'aa'.repeat(20)}`, jti: 'A'.repeat(43) },
    ...{ iat: 1, exp: 2, tier: 'premium', stage: 'full', epoch: 0, att: 'A'.repeat(43) },
    dep: `eip155:1/0x${'de'.repeat(32)}/0`,
  })
  const parsed = parseToken(`${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.token
}
const token = tokenSignedBy(privateKey)

async function jwkSignedBy(
  signers: readonly (typeof stranger)[],
  changes: Partial<GroupJwk> = {},
): Promise<GroupJwk> {
  const key = {
    ...{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x },
    ...{ 'mooring:from': 0, 'mooring:until': null },
    ...changes,
  } as Omit<GroupJwk, 'mooring:signatures'>
  const signatures = signers.map(async (signer) => ({
    verifier: signer.address,
    signature: await signer.signTypedData(groupKeyData(domain, key)),
  }))
  return { ...key, 'mooring:signatures': await Promise.all(signatures) }
}

async function problemFrom(
  sets: readonly (readonly unknown[])[],
  shown = token,
  ended: readonly unknown[] = [],
) {
  await using stack = new AsyncDisposableStack()
  const servers = sets.map((keys) => {
    return stack.use(serveJson({ '/.well-known/jwks.json': { keys, 'mooring:ended': ended } }))
  })
  const verifiers = [...servers.map(({ url }) => url), await deadUrl()]
  return await signatureProblem(context, { token: shown, verifiers }, trust)
}

test('a token is good when two members have signed its key, whoever shows it', async () => {
  const key = await jwkSignedBy(members.slice(0, 2))
  expect(await problemFrom([[key]])).toBeUndefined()
  expect(await problemFrom([[], [await jwkSignedBy([])], [key]])).toBeUndefined()
})

describe('a token is not good', () => {
  test('whose signature is of another key', async () => {
    const other = tokenSignedBy(generateKeyPairSync('ed25519').privateKey)
    expect(await problemFrom([[await jwkSignedBy(members)]], other)).toContain('wrong')
  })

  test('whose key two members have ended at once, whoever still lists it, and not when one has', async () => {
    const key = await jwkSignedBy(members)
    const endedBy = (count: number) =>
      jwkSignedBy(members.slice(0, count), { 'mooring:from': 7, 'mooring:until': 7 })
    expect(await problemFrom([[key], []], token, [await endedBy(2)])).toContain('has ended')
    expect(await problemFrom([[key], []], token, [await endedBy(1)])).toBeUndefined()
  })

  test('whose key one member alone has signed, however often, or a stranger', async () => {
    const [one = stranger] = members
    for (const signers of [[one], [one, one], [one, stranger]]) {
      expect(await problemFrom([[await jwkSignedBy(signers)]])).toContain('enough verifiers')
    }
  })

  test('whose key was put under the name of one that members have signed', async () => {
    const signed = await jwkSignedBy(members)
    const other = generateKeyPairSync('ed25519').privateKey
    const forged = { ...signed, x: String(other.export({ format: 'jwk' }).x) }
    expect(await problemFrom([[forged]], tokenSignedBy(other))).toContain('enough verifiers')
  })

  test('whose key has ended', async () => {
    const ended = await jwkSignedBy(members, { 'mooring:until': 1_700_000_000 })
    expect(await problemFrom([[ended]])).toContain('has ended')
  })

  test('whose key was moved in time', async () => {
    const signed = await jwkSignedBy(members)
    expect(await problemFrom([[{ ...signed, 'mooring:until': 9e9 }]])).toContain('enough verifiers')
    expect(await problemFrom([[{ ...signed, 'mooring:from': 5 }]])).toContain('enough verifiers')
  })

  test('whose key nobody shows', async () => {
    const odd = [null, 7, {}, { kid }, { kty: 'OKP', crv: 'Ed25519', kid, x: 'short' }]
    expect(await problemFrom([[], odd])).toContain('no verifier publishes')
    expect(await problemFrom([])).toContain('no verifier publishes')
  })
})
