import { stakingPoolAbi as abi } from '@mooring/abis/staking-pool'
import { encodeFunctionData, zeroAddress } from 'viem'
import { addressWith } from '../cast.ts'
import { indemnifierAbi } from '../indemnifier.ts'
import { approval, permit } from './allowance.ts'
import { type Calling, type CallTable, type ContractCall, kindNumbers } from './contract-call.ts'

type StakingVerb =
  | 'stake'
  | 'unstake'
  | 'cancelUnbonding'
  | 'withdraw'
  | 'claim'
  | 'claimAndRestake'
  | 'payIdleReward'
  | 'slash'
  | 'lock'
  | 'release'
  | 'setIndemnifier'

export const stakingCalls: CallTable<StakingVerb> = {
  stake: async ({ providerId, kind, amount, sharesMin, way }, calling) => {
    const terms = [providerId, kindNumbers[kind], amount, sharesMin] as const
    const spending = { token: 'ankr', spender: calling.world.parts.pool, amount } as const
    if (way === 'approval') {
      const data = encodeFunctionData({ abi, functionName: 'stake', args: terms })
      return { ...toPool(calling, data), before: approval(calling, spending) }
    }
    const args = [...terms, ...(await permit(calling, calling.caller, spending))] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'stakeWithPermit', args }))
  },
  unstake: ({ providerId, kind, shares, amountMin }, calling) => {
    const args = [providerId, kindNumbers[kind], shares, amountMin] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'unstake', args }))
  },
  cancelUnbonding: ({ requestId, sharesMin }, calling) => {
    const args = [requestId, sharesMin] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'cancelUnbonding', args }))
  },
  withdraw: ({ requestId, to }, calling) => {
    const args = [requestId, calling.world.addressOf(to)] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'withdraw', args }))
  },
  claim: ({ providerId, to }, calling) => {
    const args = [providerId, calling.world.addressOf(to)] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'claim', args }))
  },
  claimAndRestake: ({ providerId, sharesMin }, calling) => {
    const args = [providerId, sharesMin] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'claimAndRestake', args }))
  },
  payIdleReward: ({ providerId }, calling) => {
    const args = [providerId] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'payIdleReward', args }))
  },
  slash: ({ providerId, selfAmount, delegatedAmount }, calling) => {
    const args = [providerId, selfAmount, delegatedAmount] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'slash', args }))
  },
  lock: ({ lockId, providerId, kind, amount, until }, calling) => {
    const args = [addressWith(lockId), providerId, kindNumbers[kind], amount, until] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'lock', args }))
  },
  release: ({ lockId }, calling) => {
    const args = [addressWith(lockId)] as const
    return toPool(calling, encodeFunctionData({ abi, functionName: 'release', args }))
  },
  setIndemnifier: ({ indemnifier }, calling) => {
    if (indemnifier === undefined) {
      const args = [zeroAddress] as const
      return toPool(calling, encodeFunctionData({ abi, functionName: 'setIndemnifier', args }))
    }
    const to = addressWith(indemnifier.account)
    const data = encodeFunctionData({ abi, functionName: 'setIndemnifier', args: [to] })
    // What it covers is its own, so a caller without the role must not change it.
    if (calling.caller !== calling.economy.roles.governor) return toPool(calling, data)
    const args = [indemnifier.coverPpm] as const
    const cover = encodeFunctionData({ abi: indemnifierAbi, functionName: 'setCoverPpm', args })
    return { ...toPool(calling, data), before: [{ to, data: cover }] }
  },
}

function toPool({ world }: Calling, data: ContractCall['data']): ContractCall {
  return { to: world.parts.pool, data }
}
