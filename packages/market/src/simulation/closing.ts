import type { TokenAmount } from '@mooring/protocol/units'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Hex, toHex } from '../settlement/bytes.ts'
import type { PreviousEpoch } from '../settlement/epoch-data.ts'
import { inconsistencies } from '../settlement/inconsistencies.ts'
import { accumulatorOf, type SignedReceipt } from '../settlement/receipts.ts'
import { type EpochInputs, type Settlement, settleEpoch } from '../settlement/settle-epoch.ts'
import type { Scenario } from './scenario.ts'
import type { Used } from './using.ts'
import { type ChainUse, numbered } from './working.ts'

export type Closing = {
  scenario: Scenario
  number: bigint
  previous: PreviousEpoch | null
  fundedTotal: TokenAmount
  used: readonly Used[]
  chains: readonly ChainUse[]
}

/** Closes an epoch by the rules that verifiers compute it by. */
export function close(closing: Closing): { settlement: Settlement; posted: PreviousEpoch } {
  const inputs = inputsOf(closing)
  const [problem] = inconsistencies(inputs, keccak_256)
  if (problem !== undefined) throw new Error(`an epoch cannot be: ${JSON.stringify(problem)}`)
  const settlement = settleEpoch(inputs, keccak_256)
  const { payoutsRoot, payoutsTotal, withheldTotal } = settlement.roots
  const payouts = settlement.payouts.map(({ providerId, cumulative }) => ({
    ...{ providerId, cumulative },
  }))
  const posted = { number: closing.number, payoutsRoot, payoutsTotal, withheldTotal, payouts }
  return { settlement, posted }
}

function inputsOf({ scenario, number, previous, fundedTotal, used, chains }: Closing): EpochInputs {
  const work = chains
    .flatMap((chain) => chain.work)
    .filter(({ asked, credits, receipted }) => asked + credits + receipted > 0n)
    .sort((one, other) => Number(one.nodeId - other.nodeId) || (one.chain < other.chain ? -1 : 1))
  const seconds = scenario.values.EpochSeconds
  return {
    version: 1,
    deployment: {
      chainId: 1,
      ...{ registry: bytes(20, 1), epochs: bytes(20, 2), distributor: bytes(20, 3) },
      ...{ ankrEscrow: bytes(20, 4), stableEscrow: bytes(20, 5) },
    },
    epoch: { number, from: number * seconds, to: (number + 1n) * seconds },
    state: { block: number + 1n, hash: bytes(32, 6), fundedTotal },
    previous,
    quality: scenario.quality,
    tariffs: [{ fromEpoch: number, hash: tariff }],
    served: chains.map(({ chain, charged, relayed }) => ({ chain, charged, relayed })),
    charges: used.map(({ credits, tokens }, at) => ({
      ...{ account: bytes(20, 100 + at), asset: 'ankr', credits, tokens },
    })),
    // Nobody uses what it has no credits for.
    uncollected: 0n,
    gateways: [gateway],
    nodes: numbered(scenario).map(({ nodeId, providerId }) => ({
      ...{ nodeId, providerId, keys: [bytes(20, Number(nodeId) + 10_000)] },
    })),
    performance: work.map(({ receipted: _receipted, ...row }) => row),
    receipts: work.map(({ nodeId, chain, receipted }, at) =>
      receiptOf({ nodeId, chain, at, epoch: number }, receipted),
    ),
  }
}

const tariff = bytes(32, 7)
const gateway = bytes(20, 8)

function receiptOf(
  { at, ...facts }: { nodeId: bigint; chain: string; epoch: bigint; at: number },
  credits: bigint,
): SignedReceipt {
  const windowRoot = bytes(32, 1_000 + at)
  return {
    ...facts,
    ...{ session: bytes(32, 5_000 + at), gateway, number: 1n, relays: 1n, relaysSum: 1n },
    ...{ credits, creditsSum: credits, windowRoot, tariff },
    accumulator: accumulatorOf(undefined, windowRoot),
    // Whoever settles data has checked its signatures before.
    ...{ gatewaySignature: bytes(65, 0), nodeSignature: bytes(65, 0) },
  }
}

function bytes(length: number, number: number): Hex {
  const tail = number.toString(16).padStart(8, '0')
  return toHex(new Uint8Array(length)).slice(0, -8).concat(tail) as Hex
}
