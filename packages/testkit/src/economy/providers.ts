import { createWallet } from '@mooring/onchain/clients'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { endpointUrlOf, urlHashOf } from '@mooring/onchain/endpoints'
import { formatNodeMetadata, toDataUri } from '@mooring/onchain/node-metadata'
import { type Call, createSender } from '@mooring/onchain/send'
import { endpointData, nodeKeyData } from '@mooring/onchain/signed'
import { type LocalAccount, stringToHex } from 'viem'
import { officer, type Person } from './people.ts'
import type { LocalEconomy } from './start.ts'

/** The least stake of an active node, by default. */
export const stakePerNode = 100_000n * 10n ** 18n
const selfStake = 1
const fullNode = 2

/** Has somebody's calls carried out, one after the other. Throws when a contract refuses. */
export async function carryOut(
  { reader, rpc, deployment }: LocalEconomy,
  person: Person,
  ...calls: Call[]
): Promise<void> {
  const wallet = createWallet({ url: rpc, chainId: deployment.chainId }, person)
  const sender = createSender({ reader, wallet })
  for (const call of calls) await sender.send(call)
}

/** A provider that has staked enough for so many nodes. @returns Its number. */
export async function openProvider(
  economy: LocalEconomy,
  owner: Person,
  {
    nodes,
    metadataUri = '',
    commissionPpm = 0n,
  }: { nodes: number; metadataUri?: string; commissionPpm?: bigint },
): Promise<bigint> {
  const stake = stakePerNode * BigInt(nodes)
  const register = [owner.address, commissionPpm, metadataUri] as const
  await carryOut(economy, owner, callPart(economy, 'registry', 'registerProvider', register))
  const providerId = await readCount(economy, 'providerCount')
  await carryOut(
    economy,
    owner,
    callPart(economy, 'ankr', 'approve', [economy.deployment.parts.pool, stake]),
    callPart(economy, 'pool', 'stake', [providerId, selfStake, stake, 0n]),
  )
  return providerId
}

export type NodePlan = {
  providerId: bigint
  owner: Person
  key: LocalAccount
  url: string
  /** Names. */
  chains: readonly string[]
  /** In the place of one that holds the endpoint as the node's key has signed it. */
  metadataUri?: string | undefined
  /** In the place of the hash of `url`. */
  hashedUrl?: string | undefined
  /** Whether its agent stands before it. */
  agent?: boolean | undefined
  /** Whether it serves requests that nobody pays for. */
  community?: boolean | undefined
}

/** A node that was admitted, and is not active. @returns Its number. */
export async function openNode(economy: LocalEconomy, plan: NodePlan): Promise<bigint> {
  const { providerId, owner, key } = plan
  const { deployment } = economy
  const nodeId = (await readCount(economy, 'nodeCount')) + 1n
  const statement = { providerId, signingKey: key.address }
  const proof = await key.signTypedData(nodeKeyData(deployment, statement))
  const register = [providerId, await profileOf(economy, nodeId, plan), key.address, proof] as const
  await carryOut(
    economy,
    owner,
    callPart(economy, 'registry', 'registerNode', register),
    callPart(economy, 'registry', 'requestAudit', [nodeId]),
  )
  const admit = callPart(economy, 'registry', 'admitNode', [nodeId])
  await carryOut(economy, officer('admissions'), admit)
  return nodeId
}

/** What is written down of a node on chain. */
export async function profileOf(
  economy: LocalEconomy,
  nodeId: bigint,
  plan: Omit<NodePlan, 'providerId' | 'owner'>,
) {
  const url = endpointUrlOf(plan.url) ?? plan.url
  return {
    nodeType: fullNode,
    urlHash: urlHashOf(plan.hashedUrl ?? url),
    region: stringToHex('local', { size: 32 }),
    chains: plan.chains.map((name) => stringToHex(name, { size: 32 })),
    metadataUri: plan.metadataUri ?? toDataUri(await documentOf(economy, nodeId, plan)),
  }
}

/** What a node's operator publishes: where it is, signed by the node's key. */
export async function documentOf(
  { deployment }: LocalEconomy,
  nodeId: bigint,
  plan: Pick<NodePlan, 'key' | 'url' | 'agent' | 'community'>,
): Promise<string> {
  const { key, agent = false, community = false } = plan
  const said = { nodeId, url: endpointUrlOf(plan.url) ?? plan.url, agent, community }
  const signature = await key.signTypedData(endpointData(deployment, said))
  return formatNodeMetadata({ mooring: 1, endpoints: [{ ...said, signature }] })
}

async function readCount(
  { reader, deployment }: LocalEconomy,
  name: 'providerCount' | 'nodeCount',
): Promise<bigint> {
  return readPart({ reader, deployment }, 'registry', name, [])
}
