import { abiWords, type Hex, type Keccak, shortText, zeroHash } from './bytes.ts'
import {
  type AccountCharge,
  assetNames,
  type EpochData,
  type NodePerformance,
} from './epoch-data.ts'
import type { Earned } from './payouts.ts'
import { type PlainTree, payoutTree } from './plain-tree.ts'
import { receiptDigests } from './receipts.ts'
import { type SumLeaf, type SumTree, type SumTreeKind, sumTree } from './sum-tree.ts'

/** The trees of an epoch. What a leaf's body is encoded from stands above each. */

export const epochTrees = {
  charges: { name: 'MooringCharges', sums: ['credits', 'ankr', 'usd'] },
  performance: {
    name: 'MooringPerformance',
    sums: ['asked', 'answered', 'failed', 'late', 'credits'],
  },
  receipts: { name: 'MooringReceipts', sums: ['relays', 'credits'] },
} as const satisfies Record<string, SumTreeKind>
export type EpochTreeName = keyof typeof epochTrees

export function chargesTree({ charges }: Pick<EpochData, 'charges'>, keccak: Keccak): SumTree {
  return sumTree(epochTrees.charges, charges.map(chargeLeaf), keccak)
}

/** `(address account, uint8 asset)`; asset 0 is ANKR, 1 the stablecoin. */
export function chargeLeaf({ account, asset, credits, tokens }: AccountCharge): SumLeaf {
  return {
    body: abiWords([account, BigInt(assetNames.indexOf(asset))]),
    sums: [credits, asset === 'ankr' ? tokens : 0n, asset === 'usd' ? tokens : 0n],
  }
}

export function performanceTree(
  { nodes, performance }: Pick<EpochData, 'nodes' | 'performance'>,
  keccak: Keccak,
): SumTree {
  const providers = new Map(nodes.map(({ nodeId, providerId }) => [nodeId, providerId]))
  const leaves = performance.map((row) => performanceLeaf(row, providers.get(row.nodeId) ?? 0n))
  return sumTree(epochTrees.performance, leaves, keccak)
}

/** `(uint64 nodeId, uint64 providerId, bytes32 chain)`. */
export function performanceLeaf(row: NodePerformance, providerId: bigint): SumLeaf {
  const { nodeId, chain, asked, answered, failed, late, credits } = row
  return {
    body: abiWords([nodeId, providerId, shortText(chain)]),
    sums: [asked, answered, failed, late, credits],
  }
}

/** The body is the digest that both have signed. */
export function receiptsTree(
  { deployment, receipts }: Pick<EpochData, 'deployment' | 'receipts'>,
  keccak: Keccak,
): SumTree {
  const digestOf = receiptDigests(deployment, keccak)
  const leaves = receipts.map((receipt) => ({
    body: digestOf(receipt),
    sums: [receipt.relaysSum, receipt.creditsSum],
  }))
  return sumTree(epochTrees.receipts, leaves, keccak)
}

/** The root of the contract's own tree; zero when nobody has ever earned anything, which proves nothing. */
export function payoutsRootOf(earned: readonly Earned[], keccak: Keccak): Hex {
  return earnedTree(earned, keccak)?.root ?? zeroHash
}

/** Undefined without leaves. */
export function earnedTree(earned: readonly Earned[], keccak: Keccak): PlainTree | undefined {
  return earned.length === 0 ? undefined : payoutTree(earned, keccak)
}
