import { beforeAll, describe, expect, test } from 'bun:test'
import { accessRequestData, attestationData } from '@mooring/onchain/access-statements'
import { signTokenRequest } from '@mooring/onchain/access-tokens'
import { type AccessClaims, attestationsText } from '@mooring/protocol/access/claims'
import { accountNameOf, depositNameOf, issuerOf } from '@mooring/protocol/access/names'
import { encodeBytes } from '@mooring/protocol/access/token'
import type { DepositFacts, SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import { hashTypedData, hexToBytes, sha256, stringToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type Answered, claimsProblem } from './check-token.ts'
import { digestOf } from './key-material.ts'

const domain = { chainId: 31_337, ankrEscrow: `0x${'e5'.repeat(20)}` } as const
const accountWith = (digit: string) => privateKeyToAccount(`0x${digit.repeat(64)}`)
const [one, other, third, stranger] = ['1', '2', '3', '4'].map(accountWith) as [
  ReturnType<typeof accountWith>,
  ReturnType<typeof accountWith>,
  ReturnType<typeof accountWith>,
  ReturnType<typeof accountWith>,
]
const owner = accountWith('5')
const trust = {
  domain,
  quorum: { members: [one.address, other.address, third.address], threshold: 2 },
}
const transactionHash = `0x${'de'.repeat(32)}` as const
const keyCommitment = sha256('0x01')
const nowMs = 1_800_000_000_000
const nowSeconds = nowMs / 1_000
const amount = 1_000n

let good: Answered

const facts: DepositFacts = {
  ...{ escrow: domain.ankrEscrow, account: owner.address, transactionHash, logIndex: 3 },
  ...{ amount: String(amount), life: 1, blockNumber: 7, blockHash: `0x${'bb'.repeat(32)}` },
  isFinal: true,
}

async function attest(
  signer: typeof one,
  changes: Partial<DepositFacts> = {},
): Promise<SignedAttestation> {
  const said = { ...facts, ...changes }
  const signature = await signer.signTypedData(attestationData(domain, said))
  return { ...said, verifier: signer.address, signature }
}

/** Claims that fit attestations. */
function claimsOver(attestations: readonly SignedAttestation[]): AccessClaims {
  const text = attestationsText(attestations.map(({ signature }) => signature))
  const { request } = good
  return {
    iss: issuerOf(domain.chainId, domain.ankrEscrow),
    aud: 'mooring-gateway',
    sub: accountNameOf(domain.chainId, owner.address),
    jti: encodeBytes(hexToBytes(hashTypedData(accessRequestData(domain, request)))),
    ...{ iat: nowSeconds, exp: nowSeconds + 60, tier: 'premium', stage: 'full', epoch: 1 },
    dep: depositNameOf({ chainId: domain.chainId, transactionHash, logIndex: 3 }),
    att: digestOf(sha256(stringToHex(text))),
    cnf: { 'key#S256': digestOf(keyCommitment) },
  }
}

beforeAll(async () => {
  const wish = { transactionHash, logIndex: 3, keyCommitment, delivery: 'key' as const }
  const request = await signTokenRequest(
    domain,
    owner,
    { ...wish, deliverTo: sha256('0x02') },
    nowMs,
  )
  const attestations = [await attest(one), await attest(other)]
  good = { request, amount, attestations } as unknown as Answered
  good = { ...good, claims: claimsOver(attestations) }
})

const problemWith = (changes: Partial<Answered>) =>
  claimsProblem(trust, { ...good, ...changes }, nowMs)
const overAttestations = (attestations: SignedAttestation[]) =>
  problemWith({ attestations, claims: claimsOver(attestations) })

test('a token that says what was asked for and rests on two attestations is good', async () => {
  expect(await problemWith({})).toBeUndefined()
})

test('two verifiers may see a block become final at different moments', async () => {
  const attestations = [await attest(one), await attest(third, { isFinal: false })]
  expect(await overAttestations(attestations)).toBeUndefined()
})

test('after a fork the deposit may stand elsewhere in its block', async () => {
  const attestations = await Promise.all([one, other].map((by) => attest(by, { logIndex: 9 })))
  const dep = depositNameOf({ chainId: domain.chainId, transactionHash, logIndex: 9 })
  const claims = { ...claimsOver(attestations), dep }
  expect(await problemWith({ attestations, claims })).toBeUndefined()
})

describe('a token is not good', () => {
  const otherHash = `0x${'ff'.repeat(32)}`
  test.each<[string, Partial<AccessClaims>]>([
    ['another issuer', { iss: `mooring:eip155:1:0x${'e5'.repeat(20)}` }],
    ['not for gateways', { aud: 'somebody' }],
    ['another account', { sub: accountNameOf(domain.chainId, stranger.address) }],
    ['another request', { jti: 'A'.repeat(43) }],
    [
      'another deposit',
      { dep: depositNameOf({ chainId: 31_337, transactionHash: otherHash, logIndex: 3 }) },
    ],
    ['another deposit', { dep: depositNameOf({ chainId: 1, transactionHash, logIndex: 3 }) }],
    ['another key', { cnf: { 'key#S256': 'A'.repeat(43) } }],
    ['another key', { cnf: { jkt: digestOf(keyCommitment) } }],
    ['from the future', { iat: nowSeconds + 31 }],
    ['expired', { exp: nowSeconds }],
    ['too few verifiers', { epoch: 2 }],
    ['attestations that came with it', { att: 'A'.repeat(43) }],
  ])('%s', async (says, change) => {
    expect(await problemWith({ claims: { ...good.claims, ...change } })).toContain(says)
  })

  test('that is bound to nothing where a key was named', async () => {
    const { cnf: _, ...claims } = good.claims
    expect(await problemWith({ claims })).toContain('another key')
  })

  test.each<[string, () => Promise<SignedAttestation[]>]>([
    ['one verifier', async () => [await attest(one)]],
    ['one verifier twice', async () => [await attest(one), await attest(one)]],
    ['one verifier and a stranger', async () => [await attest(one), await attest(stranger)]],
    [
      'one verifier under two names',
      async () => [await attest(one), { ...(await attest(one)), verifier: other.address }],
    ],
    [
      'two, of whom one says another amount',
      async () => [await attest(one), await attest(other, { amount: '2000' })],
    ],
    [
      'two that both say another amount than the chain',
      async () => [await attest(one, { amount: '2000' }), await attest(other, { amount: '2000' })],
    ],
    [
      'two who speak of another account',
      async () => Promise.all([one, other].map((by) => attest(by, { account: stranger.address }))),
    ],
    ['nobody', async () => []],
  ])('that rests on %s', async (_what, make) => {
    expect(await overAttestations(await make())).toContain('too few verifiers')
  })
})
