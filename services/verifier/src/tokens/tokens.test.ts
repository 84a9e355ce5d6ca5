import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DepositFacts, TokenRequest } from '@mooring/protocol/access/verifier-wire'
import { numberToHex } from 'viem'
import type { Examiner } from '../signing/examiner.ts'
import { openStore, type Store } from '../state/store.ts'
import type { SharedGrant } from './shared-grant.ts'
import { createTokens } from './tokens.ts'

const nowSeconds = 1_700_000_000
const hourlyTokensMax = 5
const fullLifeSeconds = 604_800
let folder: string
let store: Store

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-tokens-'))
  store = openStore(folder)
})
afterEach(async () => {
  store.close()
  await rm(folder, { recursive: true })
})

/** Of a verifier that finds every wish right. */
function openTokens() {
  const facts = { blockNumber: 1, logIndex: 0 } as DepositFacts
  return createTokens({
    domain: { chainId: 31_337, ankrEscrow: `0x${'11'.repeat(20)}` },
    ...store,
    clock: { wallMs: () => nowSeconds * 1_000, nowMs: () => 0, sleep: async () => undefined },
    // As much of it as is asked.
    examiner: { examine: async () => ({ facts }) } as unknown as Examiner,
    terms: { cappedLifeSeconds: 7_200, fullLifeSeconds },
    hourlyTokensMax,
    keyOf: () => undefined,
    hasEnded: () => false,
    issue: () => Promise.reject(new Error('nobody asks for one')),
    share: () => undefined,
  })
}

let made = 0
/** What another verifier tells of a wish whose token, it says, is a bearer that its owner has. */
function told(changes: { issuedAt?: number; expiresAt?: number } = {}): SharedGrant {
  const { issuedAt = nowSeconds, expiresAt = nowSeconds + fullLifeSeconds } = changes
  const bytes32 = `0x${'22'.repeat(32)}` as const
  const request: TokenRequest = {
    ...{ account: `0x${'33'.repeat(20)}`, transactionHash: bytes32, logIndex: 0 },
    ...{ keyCommitment: bytes32, delivery: 'wallet', deliverTo: bytes32, issuedAt },
    nonce: numberToHex(++made, { size: 32 }),
    signature: `0x${'44'.repeat(65)}`,
  }
  return { seq: made, request, stage: 'full', token: null, issuedAt, expiresAt }
}

const kept = () => store.grants.after(0, 1_000)

test('one verifier cannot have any number of wishes of one account watched by the others', async () => {
  const tokens = openTokens()
  const many = Array.from({ length: 10 * hourlyTokensMax }, () => told())
  await Promise.all(many.map((one) => tokens.take(one)))
  // All verifiers together may have given so many.
  expect(kept()).toHaveLength(2 * hourlyTokensMax)
})

test('nor for ever, nor those of another time', async () => {
  const tokens = openTokens()
  await tokens.take(told({ expiresAt: Number.MAX_SAFE_INTEGER }))
  await tokens.take(told({ issuedAt: nowSeconds + 3_600 }))
  await tokens.take(told({ issuedAt: nowSeconds - fullLifeSeconds - 3_600 }))
  await tokens.take(told({ issuedAt: nowSeconds - fullLifeSeconds + 60 }))
  const ends = kept().map(({ expiresAt }) => expiresAt - nowSeconds)
  // Half a minute of leeway on either side, and the five minutes that a wish is good.
  expect(ends).toEqual([fullLifeSeconds + 360, 420])
})
