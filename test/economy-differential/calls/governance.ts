import { paramStoreAbi } from '@mooring/abis/param-store'
import { paramNumbers } from '@mooring/abis/params'
import { signerSetsAbi as abi } from '@mooring/abis/signer-sets'
import { encodeFunctionData, type Hex } from 'viem'
import { addressWith } from '../cast.ts'
import { approval } from './allowance.ts'
import { type Calling, type CallTable, type ContractCall, roleNumbers } from './contract-call.ts'

type GovernanceVerb =
  | 'announceParams'
  | 'cancelParams'
  | 'depositBond'
  | 'requestBondExit'
  | 'withdrawBond'
  | 'slashBond'
  | 'announceSet'
  | 'cancelSet'
  | 'installSet'

export const governanceCalls: CallTable<GovernanceVerb> = {
  announceParams: ({ changes, effectiveEpoch }, { world }) => {
    const numbered = changes.map(({ param, value }) => ({ param: paramNumbers[param], value }))
    const args = [numbered, effectiveEpoch] as const
    const data = encodeFunctionData({ abi: paramStoreAbi, functionName: 'announce', args })
    return { to: world.parts.params, data }
  },
  cancelParams: (_, { world }) => {
    const data = encodeFunctionData({ abi: paramStoreAbi, functionName: 'cancel' })
    return { to: world.parts.params, data }
  },
  depositBond: ({ signer, amount }, calling) => {
    const args = [addressWith(signer), amount] as const
    const data = encodeFunctionData({ abi, functionName: 'depositBond', args })
    const spending = { token: 'ankr', spender: calling.world.parts.signerSets, amount } as const
    return { ...toSets(calling, data), before: approval(calling, spending) }
  },
  requestBondExit: (_, calling) =>
    toSets(calling, encodeFunctionData({ abi, functionName: 'requestBondExit' })),
  withdrawBond: ({ to }, calling) => {
    const args = [calling.world.addressOf(to)] as const
    return toSets(calling, encodeFunctionData({ abi, functionName: 'withdrawBond', args }))
  },
  slashBond: ({ signer, amount }, calling) => {
    const args = [addressWith(signer), amount] as const
    return toSets(calling, encodeFunctionData({ abi, functionName: 'slashBond', args }))
  },
  announceSet: ({ role, members, threshold }, calling) => {
    const args = [roleNumbers[role], members.map(addressWith), Number(threshold)] as const
    return toSets(calling, encodeFunctionData({ abi, functionName: 'announceSet', args }))
  },
  cancelSet: ({ role }, calling) => {
    const args = [roleNumbers[role]] as const
    return toSets(calling, encodeFunctionData({ abi, functionName: 'cancelSet', args }))
  },
  installSet: ({ role }, calling) => {
    const args = [roleNumbers[role]] as const
    return toSets(calling, encodeFunctionData({ abi, functionName: 'installSet', args }))
  },
}

function toSets({ world }: Calling, data: Hex): ContractCall {
  return { to: world.parts.signerSets, data }
}
