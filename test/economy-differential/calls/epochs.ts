import { epochManagerAbi } from '@mooring/abis/epoch-manager'
import { rewardDistributorAbi as abi } from '@mooring/abis/reward-distributor'
import type { PushArgs } from '@mooring/market/economy/verbs/payout'
import { encodeFunctionData, type Hex, zeroHash } from 'viem'
import { signaturesOf } from '../signatures.ts'
import { payoutProof, payoutTree } from '../trees.ts'
import type { Calling, CallTable, ContractCall } from './contract-call.ts'

type EpochVerb = 'postEpoch' | 'disableEpoch' | 'push' | 'pushMany' | 'sweepWithheld'

export const epochCalls: CallTable<EpochVerb> = {
  postEpoch: async ({ roots, signers }, { world, economy }) => {
    const { epoch, leaves, payoutsTotal, withheldTotal } = roots
    const posted = {
      epoch,
      chargesRoot: zeroHash,
      payoutsRoot: payoutTree(leaves).root,
      performanceRoot: zeroHash,
      receiptsRoot: zeroHash,
      tariffHash: zeroHash,
      dataHash: zeroHash,
      payoutsTotal,
      withheldTotal,
    }
    const contract = world.parts.epochs
    const message = { ...posted, attempt: economy.epochs.attempt }
    const by = 'MooringEpochManager'
    const signatures = await signaturesOf(signers, { by, contract, struct: 'EpochRoots', message })
    const args = [posted, signatures] as const
    const data = encodeFunctionData({ abi: epochManagerAbi, functionName: 'post', args })
    return { to: contract, data }
  },
  disableEpoch: ({ epoch }, { world }) => {
    const args = [epoch] as const
    const data = encodeFunctionData({ abi: epochManagerAbi, functionName: 'disable', args })
    return { to: world.parts.epochs, data }
  },
  push: (payout, calling) => {
    const { providerId, epoch, cumulative } = payout
    const args = [providerId, epoch, cumulative, proofOf(calling, payout)] as const
    return toDistributor(calling, encodeFunctionData({ abi, functionName: 'push', args }))
  },
  pushMany: ({ payouts }, calling) => {
    const proven = payouts.map((payout) => ({ ...payout, proof: proofOf(calling, payout) }))
    const args = [proven] as const
    return toDistributor(calling, encodeFunctionData({ abi, functionName: 'pushMany', args }))
  },
  sweepWithheld: (_, calling) =>
    toDistributor(calling, encodeFunctionData({ abi, functionName: 'sweepWithheld' })),
}

function proofOf({ economy }: Calling, payout: PushArgs): readonly Hex[] {
  const roots = economy.epochs.posted.find(({ epoch }) => epoch === payout.epoch)
  return payoutProof(roots?.leaves ?? [], payout)
}

function toDistributor({ world }: Calling, data: Hex): ContractCall {
  return { to: world.parts.distributor, data }
}
