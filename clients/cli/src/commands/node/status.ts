import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAnkr } from '../../economy/amounts.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import type { Fact, Intent } from '../../economy/intent.ts'
import { parseId } from '../../economy/parsing.ts'
import { readNode, readParam, stakeKinds } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import { nodeStatusOf } from '../../economy/status.ts'
import type { System } from '../../economy/system.ts'

type Move = {
  name: string
  summary: string
  description: string
  functionName:
    | 'requestAudit'
    | 'admitNode'
    | 'rejectNode'
    | 'activateNode'
    | 'drainNode'
    | 'retireNode'
  what: string
}

/** Every step of a node's life that somebody takes, in its order. */
const moves: readonly Move[] = [
  {
    name: 'audit',
    summary: 'ask for the audit of a node',
    description: 'Ask for the audit of a node that is registered, so that it can be admitted.',
    functionName: 'requestAudit',
    what: 'Ask for the audit of',
  },
  {
    name: 'admit',
    summary: 'admit a node after its audit',
    description: 'Admit a node after its audit; for whoever has the role of admissions.',
    functionName: 'admitNode',
    what: 'Admit',
  },
  {
    name: 'reject',
    summary: 'send a node back from its audit',
    description:
      'Send a node back from its audit to registered; for whoever has the role of admissions.',
    functionName: 'rejectNode',
    what: 'Send back',
  },
  {
    name: 'activate',
    summary: 'let a node serve',
    description: 'Let an admitted or drained node serve, when own stake suffices for one more.',
    functionName: 'activateNode',
    what: 'Activate',
  },
  {
    name: 'drain',
    summary: 'take a node out of service',
    description: 'Take an active node out of service; it can be activated again.',
    functionName: 'drainNode',
    what: 'Drain',
  },
  {
    name: 'retire',
    summary: 'end the life of a node',
    description:
      'End the life of a node that is not active. By anyone once a node short of stake had its time.',
    functionName: 'retireNode',
    what: 'Retire',
  },
]

export function addNodeStatusCommands(parent: Command, context: Context): void {
  for (const move of moves) {
    addSigningCommand(parent, context, {
      ...move,
      arguments: { '<node>': 'number of the node' },
      examples: [`npx mooring node ${move.name} 1 --dry-run`],
      intend: (signing, given) => intendMove(signing, move, given),
    })
  }
}

async function intendMove({ system }: Signing, move: Move, given: Given): Promise<Intent> {
  const nodeId = parseId(argumentAt(given, 0), 'node')
  const { providerId, status } = await readNode(system, nodeId)
  const call = callPart(system, 'registry', move.functionName, [nodeId])
  return {
    what: `${move.what} node ${nodeId} of provider ${providerId}`,
    facts: [
      ['status now', nodeStatusOf(status)],
      ...(move.functionName === 'activateNode' ? await stakeFacts(system, providerId) : []),
    ],
    steps: [{ ...call, label: `${move.name} node ${nodeId}` }],
  }
}

async function stakeFacts(system: System, providerId: bigint): Promise<Fact[]> {
  const [self, perNode, active] = await Promise.all([
    readPart(system, 'pool', 'activeOf', [providerId, stakeKinds.self]),
    readParam(system, 'SelfStakePerNode'),
    readPart(system, 'registry', 'activeNodesOf', [providerId]),
  ])
  const needed = perNode * BigInt(active.length + 1)
  return [
    ['own stake', formatAnkr(self)],
    [
      'needed',
      `${formatAnkr(needed)} for ${active.length + 1} active ${active.length === 0 ? 'node' : 'nodes'}`,
    ],
  ]
}
