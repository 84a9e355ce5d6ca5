import { feeRouterAbi as abi } from '@mooring/abis/fee-router'
import { rateFeedAbi } from '@mooring/abis/rate-feed'
import { rewardDistributorAbi } from '@mooring/abis/reward-distributor'
import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { feeBuckets } from '@mooring/market/economy/payments/fee-split'
import { encodeFunctionData, erc20Abi, type Hex } from 'viem'
import { signatureOf } from '../signatures.ts'
import { approval } from './allowance.ts'
import type { Calling, CallTable, ContractCall } from './contract-call.ts'

type FeeVerb =
  | 'transfer'
  | 'sweepSurplus'
  | 'route'
  | 'releaseBucket'
  | 'setRecipient'
  | 'fund'
  | 'postRate'
  | 'startAuction'
  | 'endAuction'
  | 'buy'

export const feeCalls: CallTable<FeeVerb> = {
  transfer: ({ token, to, amount }, { world }) => {
    const args = [world.addressOf(to), amount] as const
    const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args })
    return { to: world.parts[token], data }
  },
  sweepSurplus: ({ token, from }, { world }) => {
    // The pool and the escrows have this function alike.
    const args = [world.parts[token]] as const
    const data = encodeFunctionData({ abi: stakingPoolAbi, functionName: 'sweepSurplus', args })
    return { to: world.addressOf(from), data }
  },
  route: (_, calling) => toRouter(calling, encodeFunctionData({ abi, functionName: 'route' })),
  releaseBucket: ({ bucket }, calling) => {
    const args = [feeBuckets.indexOf(bucket)] as const
    return toRouter(calling, encodeFunctionData({ abi, functionName: 'release', args }))
  },
  setRecipient: ({ bucket, to }, calling) => {
    const args = [feeBuckets.indexOf(bucket), calling.world.addressOf(to)] as const
    return toRouter(calling, encodeFunctionData({ abi, functionName: 'setRecipient', args }))
  },
  fund: (_, { world }) => {
    const data = encodeFunctionData({ abi: rewardDistributorAbi, functionName: 'fund' })
    return { to: world.parts.distributor, data }
  },
  postRate: async ({ observedAt, quotes, signers }, { world }) => {
    const contract = world.parts.rateFeed
    const signatures = await Promise.all(
      signers.map((signer, place) => {
        const message = { usdPerAnkr: quotes[place] ?? 0n, observedAt }
        return signatureOf(signer, { by: 'MooringRateFeed', contract, struct: 'Quote', message })
      }),
    )
    const args = [observedAt, [...quotes], signatures] as const
    const data = encodeFunctionData({ abi: rateFeedAbi, functionName: 'post', args })
    return { to: contract, data }
  },
  startAuction: (_, calling) =>
    toRouter(calling, encodeFunctionData({ abi, functionName: 'startAuction' })),
  endAuction: (_, calling) =>
    toRouter(calling, encodeFunctionData({ abi, functionName: 'endAuction' })),
  buy: ({ stableMax, ankrMax }, calling) => {
    const args = [stableMax, ankrMax] as const
    const data = encodeFunctionData({ abi, functionName: 'buy', args })
    const spender = calling.world.parts.feeRouter
    const before = approval(calling, { token: 'ankr', spender, amount: ankrMax })
    return { ...toRouter(calling, data), before }
  },
}

function toRouter({ world }: Calling, data: Hex): ContractCall {
  return { to: world.parts.feeRouter, data }
}
