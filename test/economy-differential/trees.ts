import type { ChargeLeaf } from '@mooring/market/economy/payments/escrow'
import type { PayoutLeaf } from '@mooring/market/economy/rewards/epochs'
import { encodeAbiParameters, type Hex, parseAbiParameters } from 'viem'
import { addressWith } from './cast.ts'
import { createTree, leafOf, type MerkleTree } from './merkle.ts'

const chargeParameters = parseAbiParameters('address account, uint32 life, uint128 total')
const payoutParameters = parseAbiParameters('uint64 providerId, uint256 cumulative')

export function chargeTree(leaves: readonly ChargeLeaf[]): MerkleTree {
  return createTree(leaves.map(chargeHash))
}

export function payoutTree(leaves: readonly PayoutLeaf[]): MerkleTree {
  return createTree(leaves.map(payoutHash))
}

/** The proof of a leaf; of one that is in no root, that of the first, which proves nothing. */
export function chargeProof(leaves: readonly ChargeLeaf[], leaf: ChargeLeaf): readonly Hex[] {
  return proofIn(chargeTree(leaves), leaves.map(chargeHash).indexOf(chargeHash(leaf)))
}

export function payoutProof(leaves: readonly PayoutLeaf[], leaf: PayoutLeaf): readonly Hex[] {
  if (leaves.length === 0) return []
  return proofIn(payoutTree(leaves), leaves.map(payoutHash).indexOf(payoutHash(leaf)))
}

function chargeHash({ account, life, total }: ChargeLeaf): Hex {
  return leafOf(encodeAbiParameters(chargeParameters, [addressWith(account), Number(life), total]))
}

function payoutHash({ providerId, cumulative }: PayoutLeaf): Hex {
  return leafOf(encodeAbiParameters(payoutParameters, [providerId, cumulative]))
}

function proofIn({ proofs }: MerkleTree, place: number): readonly Hex[] {
  return proofs[Math.max(place, 0)] ?? []
}
