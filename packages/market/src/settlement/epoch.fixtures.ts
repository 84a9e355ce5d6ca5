import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Hex, toHex } from './bytes.ts'
import { defaultQualityRule } from './quality.ts'
import { accumulatorOf, type SignedReceipt } from './receipts.ts'
import type { EpochInputs } from './settle-epoch.ts'

/** An epoch small enough to be read, with a bit of everything. */

export const keccak = keccak_256

/** `0x` and so many bytes that end in a number. */
export function bytesOf(length: number, number: number): Hex {
  return toHex(new Uint8Array(length)).slice(0, -8).concat(hex8(number)) as Hex
}

export const addressOf = (number: number) => bytesOf(20, number)
export const hashOf = (number: number) => bytesOf(32, number)

const tariff = hashOf(0x7a)
const token = 10n ** 18n
const [gateway, otherGateway] = [addressOf(0xa1), addressOf(0xa2)] as const

type ReceiptFacts = Pick<SignedReceipt, 'nodeId' | 'chain' | 'gateway'> & { at: number }

/** The only receipt of its series; its signatures are those of nobody. */
export function receiptOf(facts: ReceiptFacts, credits: bigint): SignedReceipt {
  const { at, ...rest } = facts
  const windowRoot = hashOf(0x1000 + at)
  return {
    ...rest,
    ...{ session: hashOf(0x500 + at), epoch: 12n, number: 1n, relays: 80n, relaysSum: 80n },
    ...{ credits, creditsSum: credits, windowRoot, tariff },
    accumulator: accumulatorOf(undefined, windowRoot),
    gatewaySignature: bytesOf(65, 0x1b),
    nodeSignature: bytesOf(65, 0x1c),
  }
}

/**
 * Two providers: one has two nodes and serves two chains, the other one node and one chain. `eth` was charged 3,000
 * credits, a part of them out of the cache; `bsc` 1,000. A hundred of these nobody could pay. A thousand tokens are to be
 * divided.
 */
export const smallInputs: EpochInputs = {
  version: 1,
  deployment: {
    chainId: 31_337,
    ...{ registry: addressOf(1), epochs: addressOf(2), distributor: addressOf(3) },
    ...{ ankrEscrow: addressOf(4), stableEscrow: addressOf(5) },
  },
  epoch: { number: 12n, from: 1_700_000_000n, to: 1_701_209_600n },
  state: { block: 4_000n, hash: hashOf(0xb10c), fundedTotal: 3_000n * token },
  previous: {
    ...{ number: 10n, payoutsTotal: 1_900n * token, withheldTotal: 100n * token },
    payoutsRoot: '0xec68a570722c62f8b7239aa7dcf5ca5fa527ec992451330098909256c3255f77',
    payouts: [
      { providerId: 1n, cumulative: 1_500n * token },
      { providerId: 3n, cumulative: 400n * token },
    ],
  },
  quality: { ...defaultQualityRule },
  tariffs: [{ fromEpoch: 11n, hash: tariff }],
  served: [
    { chain: 'bsc', charged: 1_000n, relayed: 1_000n },
    { chain: 'eth', charged: 3_000n, relayed: 2_400n },
  ],
  charges: [
    {
      ...{ account: addressOf(0xc1), asset: 'ankr' },
      ...{ credits: 2_400n, tokens: 11n * token },
    },
    {
      ...{ account: addressOf(0xc2), asset: 'ankr' },
      ...{ credits: 1_000n, tokens: 5n * token },
    },
    {
      ...{ account: addressOf(0xc2), asset: 'usd' },
      ...{ credits: 500n, tokens: 50n },
    },
  ],
  uncollected: 100n,
  gateways: [gateway, otherGateway],
  nodes: [
    { nodeId: 1n, providerId: 1n, keys: [addressOf(0xd1), addressOf(0xd9)] },
    { nodeId: 2n, providerId: 1n, keys: [addressOf(0xd2)] },
    { nodeId: 5n, providerId: 2n, keys: [addressOf(0xd5)] },
  ],
  performance: [
    {
      ...{ nodeId: 1n, chain: 'bsc', credits: 1_000n },
      ...{ asked: 1_000n, answered: 990n, failed: 10n, late: 0n },
    },
    {
      ...{ nodeId: 1n, chain: 'eth', credits: 900n },
      ...{ asked: 900n, answered: 900n, failed: 0n, late: 0n },
    },
    {
      ...{ nodeId: 2n, chain: 'eth', credits: 300n },
      ...{ asked: 320n, answered: 300n, failed: 0n, late: 4n },
    },
    {
      ...{ nodeId: 5n, chain: 'eth', credits: 1_000n },
      ...{ asked: 50n, answered: 40n, failed: 10n, late: 0n },
    },
  ],
  receipts: [
    receiptOf({ at: 1, nodeId: 1n, chain: 'bsc', gateway }, 1_000n),
    // The books have less than the node has receipts of.
    receiptOf({ at: 2, nodeId: 1n, chain: 'eth', gateway }, 950n),
    receiptOf({ at: 3, nodeId: 2n, chain: 'eth', gateway: otherGateway }, 300n),
    // And here more.
    receiptOf({ at: 4, nodeId: 5n, chain: 'eth', gateway }, 700n),
  ],
}

function hex8(number: number): string {
  return number.toString(16).padStart(8, '0')
}
