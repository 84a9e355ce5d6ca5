import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import { zeroAddress } from 'viem'
import type { Context } from '../../context.ts'
import {
  ankrAsset,
  formatAnkr,
  formatDate,
  formatSpan,
  lesserOf,
  parseAmount,
} from '../../economy/amounts.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import type { Fact, Intent } from '../../economy/intent.ts'
import { parseId } from '../../economy/parsing.ts'
import { readParam, readProvider, type StakeKind, stakeKinds } from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'

const parameters = {
  arguments: { '<provider>': 'number of the provider', '[amount]': 'ANKR; or --all' },
  options: { '--all': 'everything there is' },
}

export function addUnstakeCommands(program: Command, context: Context): void {
  addSigningCommand(program, context, {
    ...parameters,
    name: 'unstake',
    summary: "begin to take a provider's own stake out",
    description:
      "Begin to take a provider's own stake out; for its owner. Nodes it no longer covers are drained at once.",
    examples: ['npx mooring unstake 1 100000 --dry-run', 'npx mooring unstake 1 --all'],
    intend: (signing, given) => intendUnstake(signing, 'self', given),
  })
  addSigningCommand(program, context, {
    ...parameters,
    name: 'undelegate',
    summary: 'begin to take a delegation out',
    description:
      'Begin to take a delegation out. Until its date it earns nothing and can still be slashed.',
    examples: ['npx mooring undelegate 1 1000 --dry-run', 'npx mooring undelegate 1 --all'],
    intend: (signing, given) => intendUnstake(signing, 'delegated', given),
  })
}

async function intendUnstake(
  { system, account, nowSeconds }: Signing,
  kind: StakeKind,
  given: Given,
): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const wantsAll = given.options.all === true
  const amountText = given.args[1]
  if ((amountText === undefined) !== wantsAll) {
    throw new CommandError('badInput', 'Say either how much, in ANKR, or --all.')
  }
  await readProvider(system, providerId)
  // Self-stake belongs to the provider, whoever owns it.
  const holder = kind === 'self' ? zeroAddress : account
  const position = [providerId, stakeKinds[kind], holder] as const
  const [shares, staked, bucket, period] = await Promise.all([
    readPart(system, 'pool', 'sharesOf', position),
    readPart(system, 'pool', 'stakeOf', position),
    readPart(system, 'pool', 'bucketOf', [providerId, stakeKinds[kind]]),
    readParam(system, kind === 'self' ? 'UnbondingSelfSeconds' : 'UnbondingDelegatorSeconds'),
  ])
  if (staked === 0n) {
    const whose =
      kind === 'self'
        ? `Provider ${providerId} has no stake of its own`
        : `${account} has no delegation`
    throw new CommandError(
      'badInput',
      `${whose}${kind === 'self' ? '' : ` behind provider ${providerId}`}.`,
    )
  }
  const amount = amountText === undefined ? staked : parseAmount(amountText, ankrAsset)
  if (amount === 0n || amount > staked) {
    throw new CommandError(
      'badInput',
      `There are ${formatAnkr(staked)} to take out, and ${formatAnkr(amount)} were asked for.`,
    )
  }
  // Rounded up, so that no less than was asked for begins to leave.
  const wanted =
    amount === staked ? shares : (amount * bucket.shares + bucket.active - 1n) / bucket.active
  const printed = formatAnkr(amount)
  const call = callPart(system, 'pool', 'unstake', [providerId, stakeKinds[kind], wanted, amount])
  return {
    what: `Begin to take ${printed} out from behind provider ${providerId}`,
    facts: [
      ['left staked', formatAnkr(staked - amount)],
      ...(kind === 'self' ? await nodeFacts(system, providerId, staked - amount) : []),
      [
        'can be taken',
        `${formatDate(nowSeconds + period, nowSeconds)}, by \`npx mooring withdraw\``,
      ],
      ['until then', 'it earns nothing and can be slashed; `npx mooring cancel` puts it back'],
    ],
    steps: [{ ...call, label: `begin to unbond ${printed}` }],
  }
}

/** Nodes that what is left no longer covers. */
async function nodeFacts(system: System, providerId: bigint, left: bigint): Promise<Fact[]> {
  const [active, perNode, topUp] = await Promise.all([
    readPart(system, 'registry', 'activeNodesOf', [providerId]),
    readParam(system, 'SelfStakePerNode'),
    readParam(system, 'TopUpSeconds'),
  ])
  const drained = active.length - Number(lesserOf(BigInt(active.length), left / perNode))
  if (drained === 0) return []
  return [
    [
      'nodes',
      `${drained} of ${active.length} active are drained at once; after ${formatSpan(topUp)} without the stake anyone may retire them`,
    ],
  ]
}
