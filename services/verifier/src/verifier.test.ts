import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import {
  accessKeyOf,
  createDeliveryKey,
  openSealed,
  signTokenRequest,
} from '@mooring/onchain/access-tokens'
import { parseToken } from '@mooring/protocol/access/token'
import type { Sealed } from '@mooring/protocol/access/verifier-wire'
import { player } from '@mooring/testkit/economy/people'
import * as jose from 'jose'
import { openTestChain, type TestChain } from './deposits/chain.fixtures.ts'
import { createSeats, post, readKeySet, type Seats, untilReady } from './verifier.fixtures.ts'

setDefaultTimeout(30_000)

let chain: TestChain
let table: Seats

beforeAll(async () => {
  chain = await openTestChain()
  table = await createSeats(chain)
  await Promise.all(table.seats.map((seat) => seat.start()))
  await untilReady(table.seats)
})
afterAll(async () => {
  await table?.[Symbol.asyncDispose]()
  await chain?.[Symbol.asyncDispose]()
})

test('three verifiers make one key, and two of them a token that any library verifies', async () => {
  const t0 = performance.now()
  const sets = await Promise.all(table.seats.map(readKeySet))
  expect(sets[1]?.keys).toEqual(sets[0]?.keys ?? [])
  const { chainId, parts } = chain.system.deployment
  const domain = { chainId, ankrEscrow: parts.ankrEscrow }
  const access = accessKeyOf(crypto.getRandomValues(new Uint8Array(32)))
  const deposit = await chain.deposit(1, { key: access.commitment })
  await chain.anvil.mine(12)
  const delivery = await createDeliveryKey()
  const { transactionHash, logIndex } = deposit
  const request = await signTokenRequest(
    domain,
    player(1),
    {
      ...{ transactionHash, logIndex, keyCommitment: access.commitment },
      ...{ delivery: 'key', deliverTo: delivery.publicKey },
    },
    Date.now(),
  )
  const t1 = performance.now()
  const answer = await post(`${table.seats[0].url}/v1/tokens`, request)
  console.log(t1 - t0, performance.now() - t1, JSON.stringify(answer).slice(0, 300))
  expect(answer.status).toBe(200)
  const token = await openSealed(answer.value.sealed as Sealed, delivery)
  const keys = jose.createLocalJWKSet(sets[0] as unknown as jose.JSONWebKeySet)
  const { payload } = await jose.jwtVerify(token, keys, { typ: 'at+jwt', algorithms: ['EdDSA'] })
  console.log(token.length, payload)
  expect(parseToken(token).ok).toBe(true)
})
