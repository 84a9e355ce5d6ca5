import type { Hex } from '@mooring/market/settlement/bytes'
import { type EpochData, type EpochFile, firstEpochOf } from '@mooring/market/settlement/epoch-data'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import { compareMembers } from '@mooring/market/settlement/verify-epoch'
import { readPart, type System } from './contracts.ts'
import { isUnreachable } from './failures.ts'

/** What the chain says of an epoch file. */
export type EpochOnChain = {
  differences: Difference[]
  /** Since when, or from when on, its payouts can be pushed, in seconds; undefined while it is not posted. */
  activeAt: bigint | undefined
}

/** The node has thrown away what the contracts held in a block. */
export class StateGone extends Error {
  override name = 'StateGone'

  constructor(block: bigint, options: { cause: unknown }) {
    super(
      `the node does not hold the state of block ${block}: ask one that keeps all of it`,
      options,
    )
  }
}

/** Questions that are asked at a time. */
const questionsMax = 32
/** Of the signer sets. */
export const gatewayRole = 2

/**
 * Compares a file with the chain: the contracts it names, all that it says was read in its block, its nodes and gateways,
 * and the roots that were posted. Expected is what the chain says.
 */
export async function compareWithChain(
  system: System,
  { data, roots }: EpochFile,
): Promise<EpochOnChain> {
  const wrongContracts = compareContracts(system, data)
  // Whatever else the chain said would be about other contracts, or another branch.
  if (wrongContracts.length > 0) return { differences: wrongContracts, activeAt: undefined }
  const wrongBlock = await compareBlock(system, data)
  if (wrongBlock.length > 0) return { differences: wrongBlock, activeAt: undefined }
  const parts = await Promise.all([
    compareState(system, data),
    compareEpochs(system, data),
    compareTariffs(system, data),
    compareNodes(system, data),
    compareGateways(system, data),
  ])
  const [posted, activeAt] = await readPart(system, 'epochs', 'rootsOf', [data.epoch.number])
  const isPosted = activeAt > 0n
  const wrongRoots = isPosted ? compareMembers('roots', lowerCase(posted), roots) : []
  return {
    differences: [...parts.flat(), ...wrongRoots],
    activeAt: isPosted ? activeAt : undefined,
  }
}

function compareContracts({ deployment }: System, data: EpochData): Difference[] {
  const { chainId, ...contracts } = data.deployment
  const names = Object.keys(contracts) as (keyof typeof contracts)[]
  return [
    ...differs('deployment.chainId', deployment.chainId, chainId),
    ...names.flatMap((name) => {
      const expected = deployment.parts[name].toLowerCase()
      return differs(`deployment.${name}`, expected, contracts[name])
    }),
  ]
}

async function compareBlock({ reader }: System, { state }: EpochData): Promise<Difference[]> {
  try {
    const { hash } = await reader.getBlock({ blockNumber: state.block })
    return differs('state.hash', hash, state.hash)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'BlockNotFoundError') throw error
    return [{ path: 'data.state.block', expected: 'a block there is', found: String(state.block) }]
  }
}

/** What was read in the file's block; a node needs the state of that time to tell. */
async function compareState(system: System, data: EpochData): Promise<Difference[]> {
  const { state, previous } = data
  const at = { blockNumber: state.block }
  const [fundedTotal, [latest, any]] = await Promise.all([
    readPart(system, 'distributor', 'fundedTotal', [], at),
    readPart(system, 'epochs', 'latest', [], at),
  ]).catch((cause: unknown) => {
    throw isUnreachable(cause) ? cause : new StateGone(state.block, { cause })
  })
  const expected = any ? latest : 'none'
  const problems = [
    ...differs('state.fundedTotal', fundedTotal, state.fundedTotal),
    ...differs('previous.number', expected, previous === null ? 'none' : previous.number),
  ]
  if (previous === null || !any || latest !== previous.number) return problems
  const [roots] = await readPart(system, 'epochs', 'rootsOf', [latest], at)
  return [
    ...problems,
    ...differs('previous.payoutsRoot', roots.payoutsRoot, previous.payoutsRoot),
    ...differs('previous.payoutsTotal', roots.payoutsTotal, previous.payoutsTotal),
    ...differs('previous.withheldTotal', roots.withheldTotal, previous.withheldTotal),
  ]
}

async function compareEpochs(system: System, data: EpochData): Promise<Difference[]> {
  const { epoch, state } = data
  const [from, to] = await Promise.all([
    readPart(system, 'params', 'epochStart', [firstEpochOf(data)]),
    readPart(system, 'params', 'epochStart', [epoch.number + 1n]),
  ])
  const { timestamp } = await system.reader.getBlock({ blockNumber: state.block })
  return [
    ...differs('epoch.from', from, epoch.from),
    ...differs('epoch.to', to, epoch.to),
    ...(timestamp >= to
      ? []
      : differs('state.block', `a block of second ${to} or later`, `one of ${timestamp}`)),
  ]
}

/** A table holds until the next one, so the ends of each row's time are enough to ask for. */
async function compareTariffs(system: System, data: EpochData): Promise<Difference[]> {
  const { tariffs, epoch } = data
  const questions = tariffs.map(({ fromEpoch, hash }, at) => {
    const next = tariffs[at + 1]?.fromEpoch ?? epoch.number + 1n
    return { at, hash, ends: [fromEpoch, next - 1n] }
  })
  const found = await inTurns(questions, async ({ at, hash, ends }) => {
    const tables = await Promise.all(
      ends.map((end) => readPart(system, 'priceBook', 'tableAt', [end])),
    )
    const other = tables.find((table) => table.hash !== hash)
    return other === undefined ? [] : differs(`tariffs[${at}].hash`, other.hash, hash)
  })
  return found.flat()
}

/** A key stays its node's for ever, so those of now are enough to ask for. */
async function compareNodes(system: System, { nodes }: EpochData): Promise<Difference[]> {
  const count = await readPart(system, 'registry', 'nodeCount', [])
  const questions = nodes.map((node, at) => ({ ...node, at }))
  const found = await inTurns(questions, async ({ nodeId, providerId, keys, at }) => {
    const path = `nodes[${at}]`
    if (nodeId < 1n || nodeId > count) {
      return differs(`${path}.nodeId`, 'a node of the registry', nodeId)
    }
    const node = await readPart(system, 'registry', 'nodeOf', [nodeId])
    const owners = await Promise.all(
      keys.map((key) => readPart(system, 'registry', 'nodeOfKey', [key])),
    )
    return [
      ...differs(`${path}.providerId`, node.providerId, providerId),
      ...owners.flatMap((owner, place) =>
        owner === nodeId
          ? []
          : differs(`${path}.keys[${place}]`, `a key of node ${nodeId}`, keys[place]),
      ),
    ]
  })
  return found.flat()
}

/** Gateways that have left since were members in the file's block. */
async function compareGateways(
  system: System,
  { gateways, state }: EpochData,
): Promise<Difference[]> {
  const at = { blockNumber: state.block }
  const questions = gateways.map((gateway, place) => ({ gateway, place }))
  const found = await inTurns(questions, async ({ gateway, place }) => {
    const isMember = await readPart(system, 'signerSets', 'isMember', [gatewayRole, gateway], at)
    return isMember ? [] : differs(`gateways[${place}]`, 'a member of the gateways', gateway)
  })
  return found.flat()
}

/** A few at a time, so that no node is asked hundreds of things at once. */
async function inTurns<T, Answer>(
  questions: readonly T[],
  ask: (question: T) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let at = 0; at < questions.length; at += questionsMax) {
    answers.push(...(await Promise.all(questions.slice(at, at + questionsMax).map(ask))))
  }
  return answers
}

function differs(path: string, expected: unknown, found: unknown): Difference[] {
  const [one, other] = [String(expected), String(found)]
  return one === other ? [] : [{ path: `data.${path}`, expected: one, found: other }]
}

/** As files have it; viem gives hashes as the node wrote them. */
function lowerCase<T extends Readonly<Record<string, unknown>>>(members: T): T {
  const entries = Object.entries(members).map(([name, value]) => [
    name,
    typeof value === 'string' ? (value.toLowerCase() as Hex) : value,
  ])
  return Object.fromEntries(entries) as T
}
