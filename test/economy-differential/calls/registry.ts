import { providerRegistryAbi as abi } from '@mooring/abis/provider-registry'
import { encodeFunctionData, type Hex, keccak256, stringToHex, toHex, zeroHash } from 'viem'
import { addressWith } from '../cast.ts'
import { signatureOf } from '../signatures.ts'
import type { Calling, CallTable, ContractCall } from './contract-call.ts'

type RegistryVerb =
  | 'registerProvider'
  | 'offerOwnership'
  | 'acceptOwnership'
  | 'setRewardsTo'
  | 'setOperator'
  | 'announceCommission'
  | 'jail'
  | 'registerNode'
  | 'rotateNodeKey'
  | NodeVerb
  | 'checkSelfStake'
type NodeVerb =
  | 'requestAudit'
  | 'admitNode'
  | 'rejectNode'
  | 'activateNode'
  | 'drainNode'
  | 'retireNode'

/** What a node says of itself is no part of the model. */
const profile = {
  nodeType: 1,
  urlHash: keccak256(toHex('https://node.example')),
  region: zeroHash,
  chains: [stringToHex('eth', { size: 32 })],
  metadataUri: '',
} as const

const nodeCall =
  (functionName: NodeVerb) =>
  ({ nodeId }: { nodeId: bigint }, calling: Calling): ContractCall =>
    toRegistry(calling, encodeFunctionData({ abi, functionName, args: [nodeId] }))

export const registryCalls: CallTable<RegistryVerb> = {
  registerProvider: ({ rewardsTo, commissionPpm }, calling) => {
    const args = [calling.world.addressOf(rewardsTo), commissionPpm, ''] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'registerProvider', args }))
  },
  offerOwnership: ({ providerId, to }, calling) => {
    const args = [providerId, calling.world.addressOf(to)] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'offerOwnership', args }))
  },
  acceptOwnership: ({ providerId }, calling) => {
    const args = [providerId] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'acceptOwnership', args }))
  },
  setRewardsTo: ({ providerId, rewardsTo }, calling) => {
    const args = [providerId, calling.world.addressOf(rewardsTo)] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'setRewardsTo', args }))
  },
  setOperator: ({ providerId, operator, allowed }, calling) => {
    const args = [providerId, calling.world.addressOf(operator), allowed] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'setOperator', args }))
  },
  announceCommission: ({ providerId, commissionPpm }, calling) => {
    const args = [providerId, commissionPpm] as const
    return toRegistry(
      calling,
      encodeFunctionData({ abi, functionName: 'announceCommission', args }),
    )
  },
  jail: ({ providerId, until }, calling) => {
    const args = [providerId, until] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'jail', args }))
  },
  registerNode: async ({ providerId, signingKey }, calling) => {
    const proof = await keyProof(calling, providerId, signingKey)
    const args = [providerId, profile, addressWith(signingKey), proof] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'registerNode', args }))
  },
  rotateNodeKey: async ({ nodeId, signingKey }, calling) => {
    const providerId = calling.economy.registry.nodes.get(nodeId)?.providerId ?? 0n
    const proof = await keyProof(calling, providerId, signingKey)
    const args = [nodeId, addressWith(signingKey), proof] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'rotateNodeKey', args }))
  },
  requestAudit: nodeCall('requestAudit'),
  admitNode: nodeCall('admitNode'),
  rejectNode: nodeCall('rejectNode'),
  activateNode: nodeCall('activateNode'),
  drainNode: nodeCall('drainNode'),
  retireNode: nodeCall('retireNode'),
  checkSelfStake: ({ providerId }, calling) => {
    const args = [providerId] as const
    return toRegistry(calling, encodeFunctionData({ abi, functionName: 'checkSelfStake', args }))
  },
}

/** The node's key says whom it works for. */
function keyProof({ world }: Calling, providerId: bigint, signingKey: string): Promise<Hex> {
  return signatureOf(signingKey, {
    by: 'MooringProviderRegistry',
    contract: world.parts.registry,
    struct: 'NodeKey',
    message: { providerId, signingKey },
  })
}

function toRegistry({ world }: Calling, data: Hex): ContractCall {
  return { to: world.parts.registry, data }
}
