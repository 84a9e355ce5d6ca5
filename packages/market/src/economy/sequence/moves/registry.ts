import { epochNow } from '../../economy.ts'
import { type Account, nobody } from '../../ledger.ts'
import { commissionAt, type NodeStatus } from '../../registry/provider-registry.ts'
import { callerOr, type Move, ownerOf, type Scene, someProvider } from '../scene.ts'

const providersMax = 4
const nodesMax = 12

export const registerProvider: Move = (scene) => {
  const { dice, cast, economy, values } = scene
  if (economy.registry.providers.size >= providersMax) return undefined
  const caller = dice.oneOf(cast.owners) ?? cast.outsider
  const tooHigh = values.CommissionMaxPpm + 1n
  const commissionPpm = dice.percent(10) ? tooHigh : dice.between(0n, values.CommissionMaxPpm)
  const rewardsTo = dice.percent(5) ? nobody : (dice.oneOf(cast.owners) ?? caller)
  return { name: 'registerProvider', caller, args: { rewardsTo, commissionPpm } }
}

export const offerOwnership: Move = (scene) => {
  const { dice, cast } = scene
  const providerId = someProvider(scene)
  const to = dice.percent(20) ? nobody : (dice.oneOf(cast.owners) ?? nobody)
  const caller = callerOr(scene, ownerOf(scene, providerId))
  return { name: 'offerOwnership', caller, args: { providerId, to } }
}

export const acceptOwnership: Move = (scene) => {
  const { dice, economy, cast } = scene
  const offered = [...economy.registry.providers].filter(
    ([, { pendingOwner }]) => pendingOwner !== undefined,
  )
  const found = dice.oneOf(offered)
  if (found === undefined) return undefined
  const [providerId, { pendingOwner }] = found
  const caller = callerOr(scene, pendingOwner ?? cast.outsider)
  return { name: 'acceptOwnership', caller, args: { providerId } }
}

export const setRewardsTo: Move = (scene) => {
  const { dice, cast } = scene
  const providerId = someProvider(scene)
  const rewardsTo = dice.percent(10) ? nobody : (dice.oneOf(cast.owners) ?? nobody)
  const caller = callerOr(scene, ownerOf(scene, providerId))
  return { name: 'setRewardsTo', caller, args: { providerId, rewardsTo } }
}

export const setOperator: Move = (scene) => {
  const { dice, cast } = scene
  const providerId = someProvider(scene)
  const operator = dice.oneOf(cast.owners) ?? cast.outsider
  const args = { providerId, operator, allowed: dice.percent(70) }
  return { name: 'setOperator', caller: callerOr(scene, ownerOf(scene, providerId)), args }
}

export const announceCommission: Move = (scene) => {
  const { dice, economy, values } = scene
  const providerId = someProvider(scene)
  const provider = economy.registry.providers.get(providerId)
  const current = provider === undefined ? 0n : commissionAt(provider, epochNow(economy))
  const highest = current + values.CommissionRiseMaxPpm + (dice.percent(10) ? 1n : 0n)
  const args = { providerId, commissionPpm: dice.between(0n, highest) }
  return { name: 'announceCommission', caller: callerOr(scene, ownerOf(scene, providerId)), args }
}

export const registerNode: Move = (scene) => {
  const { dice, cast, economy } = scene
  if (economy.registry.nodes.size >= nodesMax) return undefined
  const providerId = someProvider(scene)
  const signingKey = dice.percent(95) ? freeKey(scene) : dice.oneOf(cast.nodeKeys)
  if (signingKey === undefined) return undefined
  const caller = callerOr(scene, ownerOf(scene, providerId))
  return { name: 'registerNode', caller, args: { providerId, signingKey } }
}

export const rotateNodeKey: Move = (scene) => {
  const { dice, cast } = scene
  const nodeId = someNode(scene, ['Registered', 'Admitted', 'Active', 'Retired'])
  const signingKey = dice.percent(80) ? freeKey(scene) : dice.oneOf(cast.nodeKeys)
  if (nodeId === undefined || signingKey === undefined) return undefined
  return { name: 'rotateNodeKey', caller: operatorOf(scene, nodeId), args: { nodeId, signingKey } }
}

export const requestAudit: Move = (scene) => nodeMove(scene, 'requestAudit', ['Registered'])

export const activateNode: Move = (scene) =>
  nodeMove(scene, 'activateNode', ['Admitted', 'Draining'])

export const drainNode: Move = (scene) => nodeMove(scene, 'drainNode', ['Active'])

export const retireNode: Move = (scene) => {
  const action = nodeMove(scene, 'retireNode', ['Draining', 'Registered'])
  if (action === undefined || scene.dice.percent(60)) return action
  return { ...action, caller: scene.cast.outsider }
}

export const admitNode: Move = (scene) => {
  const nodeId = someNode(scene, ['Candidate'])
  if (nodeId === undefined) return undefined
  const name = scene.dice.percent(85) ? 'admitNode' : 'rejectNode'
  return { name, caller: callerOr(scene, scene.economy.roles.admissions), args: { nodeId } }
}

/** Anyone may look after a node whose time to top up is over, and mostly nobody must before. */
export const retireOverdue: Move = ({ dice, economy, cast, now }) => {
  const drained = [...economy.registry.nodes].filter(([, node]) => {
    return (
      node.status === 'Draining' && node.retireAt > 0n && (node.retireAt <= now || dice.percent(20))
    )
  })
  const nodeId = dice.oneOf(drained)?.[0]
  if (nodeId === undefined) return undefined
  return { name: 'retireNode', caller: cast.outsider, args: { nodeId } }
}

export const checkSelfStake: Move = (scene) => ({
  name: 'checkSelfStake',
  caller: scene.cast.outsider,
  args: { providerId: someProvider(scene) },
})

type NodeMove = 'requestAudit' | 'activateNode' | 'drainNode' | 'retireNode'

function nodeMove(scene: Scene, name: NodeMove, statuses: readonly NodeStatus[]) {
  const nodeId = someNode(scene, statuses)
  if (nodeId === undefined) return undefined
  return { name, caller: operatorOf(scene, nodeId), args: { nodeId } }
}

/** Mostly a node in one of these states, so that most moves lead somewhere. */
function someNode({ dice, economy }: Scene, statuses: readonly NodeStatus[]): bigint | undefined {
  if (dice.percent(2)) return BigInt(economy.registry.nodes.size) + 1n
  const all = [...economy.registry.nodes]
  const fitting = all.filter(([, { status }]) => statuses.includes(status))
  return dice.oneOf(dice.percent(92) ? fitting : all)?.[0]
}

function freeKey({ dice, cast, economy }: Scene): Account | undefined {
  return dice.oneOf(cast.nodeKeys.filter((key) => !economy.registry.keys.has(key)))
}

/** The owner, or one of those the owner allows. */
function operatorOf(scene: Scene, nodeId: bigint): Account {
  const { dice, economy } = scene
  const providerId = economy.registry.nodes.get(nodeId)?.providerId ?? 0n
  const operators = [...(economy.registry.providers.get(providerId)?.operators ?? [])]
  const operator = dice.percent(30) ? dice.oneOf(operators) : undefined
  return operator ?? callerOr(scene, ownerOf(scene, providerId))
}
