import { readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAnkr, formatDate, formatPpm } from '../../economy/amounts.ts'
import { argumentAt } from '../../economy/given.ts'
import type { Fact } from '../../economy/intent.ts'
import { parseId } from '../../economy/parsing.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { readEpoch, readNow, readProvider, stakeKinds } from '../../economy/readings.ts'
import { factLines } from '../../economy/signing.ts'
import { nodeStatusOf } from '../../economy/status.ts'
import type { System } from '../../economy/system.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

const listColumns: readonly Column[] = [
  { title: 'PROVIDER', align: 'right' },
  { title: 'ACTIVE NODES', align: 'right' },
  { title: 'OWN STAKE', align: 'right' },
  { title: 'DELEGATED', align: 'right' },
  { title: 'COMMISSION', align: 'right' },
  { title: 'OWNER', align: 'left' },
]
const nodeColumns: readonly Column[] = [
  { title: 'NODE', align: 'right' },
  { title: 'STATUS', align: 'left' },
  { title: 'SIGNING KEY', align: 'left' },
]

export function addProviderViewCommands(parent: Command, context: Context): void {
  addReadingCommand<ProviderView[]>(parent, context, {
    name: 'list',
    summary: 'list all providers',
    description: 'List all providers with their stake and commission.',
    examples: ['npx mooring provider list'],
    read: readAll,
    print: (providers) =>
      providers.length === 0
        ? 'There are no providers yet: `npx mooring provider register --help`.\n'
        : formatTable(listColumns, providers.map(rowOf)),
    json: (providers) => ({ providers }),
  })
  addReadingCommand<ProviderView>(parent, context, {
    name: 'show',
    summary: 'show a provider and its nodes',
    description: 'Show a provider and its nodes.',
    arguments: { '<provider>': 'number of the provider' },
    examples: ['npx mooring provider show 1'],
    read: (system, given) => readView(system, parseId(argumentAt(given, 0), 'provider')),
    print: printOne,
    json: (provider) => provider,
  })
}

type NodeView = { id: bigint; status: string; signingKey: string }
type ProviderView = {
  id: bigint
  owner: string
  rewardsTo: string
  commissionPpm: bigint
  selfStake: bigint
  delegated: bigint
  jailedUntil: bigint
  metadataUri: string
  nodes: NodeView[]
}

async function readAll(system: System): Promise<ProviderView[]> {
  const count = await readPart(system, 'registry', 'providerCount', [])
  const views: ProviderView[] = []
  for (let id = 1n; id <= count; id++) views.push(await readView(system, id))
  return views
}

async function readView(system: System, id: bigint): Promise<ProviderView> {
  const provider = await readProvider(system, id)
  const epoch = await readEpoch(system)
  const [commissionPpm, selfStake, delegated, nodeIds] = await Promise.all([
    readPart(system, 'registry', 'commissionAt', [id, epoch]),
    readPart(system, 'pool', 'activeOf', [id, stakeKinds.self]),
    readPart(system, 'pool', 'activeOf', [id, stakeKinds.delegated]),
    readPart(system, 'registry', 'nodesOf', [id]),
  ])
  const nodes = await Promise.all(
    nodeIds.map(async (nodeId) => {
      const { status, signingKey } = await readPart(system, 'registry', 'nodeOf', [nodeId])
      return { id: nodeId, status: nodeStatusOf(status), signingKey }
    }),
  )
  const { owner, rewardsTo, jailedUntil, metadataUri } = provider
  return {
    id,
    owner,
    rewardsTo,
    commissionPpm,
    selfStake,
    delegated,
    jailedUntil,
    metadataUri,
    nodes,
  }
}

function rowOf(view: ProviderView): string[] {
  const active = view.nodes.filter(({ status }) => status === 'active').length
  return [
    String(view.id),
    `${active} of ${view.nodes.length}`,
    formatAnkr(view.selfStake),
    formatAnkr(view.delegated),
    formatPpm(view.commissionPpm),
    view.owner,
  ]
}

async function printOne(view: ProviderView, system: System): Promise<string> {
  const nowSeconds = await readNow(system)
  const jail =
    view.jailedUntil > nowSeconds ? formatDate(view.jailedUntil, nowSeconds) : 'not jailed'
  const facts: Fact[] = [
    ['owner', view.owner],
    ['rewards go to', view.rewardsTo],
    ['commission', formatPpm(view.commissionPpm)],
    ['own stake', formatAnkr(view.selfStake)],
    ['delegated', formatAnkr(view.delegated)],
    ['jailed until', jail],
    ['metadata', view.metadataUri || 'none'],
  ]
  const rows = view.nodes.map(({ id, status, signingKey }) => [String(id), status, signingKey])
  const nodes = rows.length === 0 ? 'No nodes yet.\n' : formatTable(nodeColumns, rows)
  return `Provider ${view.id}\n${factLines(facts)}\n${nodes}`
}
