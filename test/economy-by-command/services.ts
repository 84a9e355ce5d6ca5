import {
  type ChargeLeaf,
  chargeTree,
  type PayoutLeaf,
  payoutTree,
} from '@mooring/market/settlement/plain-tree'
import { readPart } from '@mooring/onchain/contracts'
import { chargeRootData, epochData, quoteData, signAll } from '@mooring/onchain/signed'
import { membersOf } from '@mooring/testkit/economy/people'
import { keccak256, zeroHash } from 'viem'
import type { World } from './world.ts'

/** What the services of a network publish, signed by two of three; each gives the files that commands bring. */

const verifiers = membersOf('verifier').slice(0, 2)
const rateSigners = membersOf('rateSigner')

const keccak = (bytes: Uint8Array) => keccak256(bytes, 'bytes')

const escrowOf = { ankr: 'ankrEscrow', usd: 'stableEscrow' } as const
type AssetName = keyof typeof escrowOf

/** A root of what accounts have used, and its leaves. */
export async function publishCharges(
  world: World,
  asset: AssetName,
  { leaves, periodEnd }: { leaves: readonly ChargeLeaf[]; periodEnd: bigint },
): Promise<{ root: string; charges: string }> {
  const { deployment } = world
  const tree = chargeTree(leaves, keccak)
  const rootId = (await readPart(world, escrowOf[asset], 'chargeRootCount', [])) + 1n
  const statement = { rootId, root: tree.root, dataHash: zeroHash, periodEnd }
  const data = chargeRootData(deployment, escrowOf[asset], statement)
  const signatures = await signAll(verifiers, data)
  const { root, dataHash } = statement
  return {
    root: await world.file(`root-${asset}-${rootId}.json`, {
      asset,
      root,
      dataHash,
      periodEnd,
      signatures,
    }),
    charges: await world.file(`charges-${asset}-${rootId}.json`, {
      asset,
      rootId,
      leaves: leaves.map((leaf, at) => ({ ...leaf, proof: tree.proofOf(at) })),
    }),
  }
}

/** The roots of an epoch, and the payouts with their proofs. */
export async function publishEpoch(
  world: World,
  epoch: bigint,
  { leaves, withheldTotal }: { leaves: readonly PayoutLeaf[]; withheldTotal: bigint },
): Promise<{ epoch: string; payouts: string }> {
  const tree = payoutTree(leaves, keccak)
  const roots = {
    epoch,
    chargesRoot: zeroHash,
    payoutsRoot: tree.root,
    performanceRoot: zeroHash,
    receiptsRoot: zeroHash,
    tariffHash: zeroHash,
    dataHash: zeroHash,
    payoutsTotal: leaves.reduce((sum, { cumulative }) => sum + cumulative, 0n),
    withheldTotal,
  }
  const attempt = await readPart(world, 'epochs', 'attempt', [])
  const signatures = await signAll(verifiers, epochData(world.deployment, { ...roots, attempt }))
  return {
    epoch: await world.file(`epoch-${epoch}.json`, { ...roots, signatures }),
    payouts: await world.file(`payouts-${epoch}.json`, {
      payouts: leaves.map((leaf, at) => ({ ...leaf, epoch, proof: tree.proofOf(at) })),
    }),
  }
}

/** What the rate signers say USD per ANKR was, times 1e18. */
export async function publishRate(
  world: World,
  { usdPerAnkr, observedAt }: { usdPerAnkr: bigint; observedAt: bigint },
): Promise<string> {
  const quotes = rateSigners.map(() => usdPerAnkr)
  const data = quoteData(world.deployment, { usdPerAnkr, observedAt })
  const signatures = await signAll(rateSigners, data)
  return world.file(`rate-${observedAt}.json`, { observedAt, quotes, signatures })
}
