import { readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import { hexToString } from 'viem'
import type { Context } from '../../context.ts'
import { formatDate } from '../../economy/amounts.ts'
import { argumentAt } from '../../economy/given.ts'
import { parseId } from '../../economy/parsing.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { readNode, readNow } from '../../economy/readings.ts'
import { factLines } from '../../economy/signing.ts'
import { nodeStatusOf, nodeTypeOf } from '../../economy/status.ts'
import type { System } from '../../economy/system.ts'

export function addNodeShowCommand(parent: Command, context: Context): void {
  addReadingCommand<NodeView>(parent, context, {
    name: 'show',
    summary: 'show a node',
    description: 'Show a node: its status, its key and what its provider says of it.',
    arguments: { '<node>': 'number of the node' },
    examples: ['npx mooring node show 1'],
    read: (system, given) => readView(system, parseId(argumentAt(given, 0), 'node')),
    print: printView,
    json: (view) => view,
  })
}

type NodeView = {
  id: bigint
  providerId: bigint
  status: string
  statusSince: bigint
  retireAt: bigint
  isServing: boolean
  signingKey: string
  type: string
  region: string
  chains: string[]
  urlHash: string
  metadataUri: string
}

async function readView(system: System, id: bigint): Promise<NodeView> {
  const node = await readNode(system, id)
  const [profile, isServing] = await Promise.all([
    readPart(system, 'registry', 'profileOf', [id]),
    readPart(system, 'registry', 'isServing', [id]),
  ])
  return {
    id,
    providerId: node.providerId,
    status: nodeStatusOf(node.status),
    statusSince: node.statusSince,
    retireAt: node.retireAt,
    isServing,
    signingKey: node.signingKey,
    type: nodeTypeOf(profile.nodeType),
    region: hexToString(profile.region, { size: 32 }),
    chains: profile.chains.map((chain) => hexToString(chain, { size: 32 })),
    urlHash: profile.urlHash,
    metadataUri: profile.metadataUri,
  }
}

async function printView(view: NodeView, system: System): Promise<string> {
  const nowSeconds = await readNow(system)
  const since = new Date(Number(view.statusSince) * 1_000).toISOString().slice(0, 16)
  return `Node ${view.id} of provider ${view.providerId}\n${factLines([
    ['status', `${view.status} since ${since.replace('T', ' ')} UTC`],
    ['serves', view.isServing ? 'yes' : 'no'],
    ...(view.retireAt === 0n
      ? []
      : [
          [
            'short of stake',
            `anyone may retire it ${formatDate(view.retireAt, nowSeconds)}`,
          ] as const,
        ]),
    ['signing key', view.signingKey],
    ['type', view.type],
    ['region', view.region],
    ['chains', view.chains.join(', ')],
    ['URL hash', view.urlHash],
    ['metadata', view.metadataUri || 'none'],
  ])}`
}
