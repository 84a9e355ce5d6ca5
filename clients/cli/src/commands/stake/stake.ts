import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import {
  ankrAsset,
  formatAnkr,
  formatPpm,
  formatSpan,
  leastShares,
  parseAmount,
} from '../../economy/amounts.ts'
import { argumentAt, type Given } from '../../economy/given.ts'
import type { Fact, Intent } from '../../economy/intent.ts'
import { parseId } from '../../economy/parsing.ts'
import {
  approvalFor,
  readEpoch,
  readParam,
  readProvider,
  type StakeKind,
  stakeKinds,
} from '../../economy/readings.ts'
import type { Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'

export function addStakeCommands(program: Command, context: Context): void {
  addSigningCommand(program, context, {
    name: 'stake',
    summary: "stake a provider's own ANKR behind its nodes",
    description: "Put a provider's own ANKR behind its nodes; for its owner. It can be slashed.",
    arguments: { '<provider>': 'number of the provider', '<amount>': 'ANKR, e.g. 200000' },
    examples: ['npx mooring stake 1 200000 --dry-run'],
    intend: (signing, given) => intendStake(signing, 'self', given),
  })
  addSigningCommand(program, context, {
    name: 'delegate',
    summary: 'put ANKR behind a provider and share its rewards and slashing',
    description:
      'Put ANKR behind a provider. It earns a part of what the provider earns, and is slashed with it in some cases.',
    arguments: { '<provider>': 'number of the provider', '<amount>': 'ANKR' },
    examples: ['npx mooring delegate 1 5000 --dry-run'],
    intend: (signing, given) => intendStake(signing, 'delegated', given),
  })
}

async function intendStake(
  { system, account }: Signing,
  kind: StakeKind,
  given: Given,
): Promise<Intent> {
  const providerId = parseId(argumentAt(given, 0), 'provider')
  const amount = parseAmount(argumentAt(given, 1), ankrAsset)
  if (amount === 0n) throw new CommandError('badInput', 'Nothing is no stake: say more than 0.')
  await readProvider(system, providerId)
  const payment = { asset: ankrAsset, owner: account, spender: 'pool', amount } as const
  const approval = await approvalFor(system, payment)
  const printed = formatAnkr(amount)
  const sharesMin = await sharesFor(system, providerId, kind, amount)
  const args = [providerId, stakeKinds[kind], amount, sharesMin] as const
  const stake = callPart(system, 'pool', 'stake', args)
  return kind === 'self'
    ? {
        what: `Stake ${printed} of the provider's own behind provider ${providerId}`,
        facts: await selfFacts(system, providerId),
        steps: [...approval, { ...stake, label: `stake ${printed}` }],
      }
    : {
        what: `Delegate ${printed} to provider ${providerId}`,
        facts: await delegationFacts(system, providerId),
        steps: [...approval, { ...stake, label: `delegate ${printed}` }],
      }
}

/**
 * The least shares to be content with: a millionth fewer than now. Slashing makes shares cheaper; the dust of those
 * who leave after one makes them dearer by next to nothing, and must not stop anybody.
 */
async function sharesFor(
  system: System,
  providerId: bigint,
  kind: StakeKind,
  amount: bigint,
): Promise<bigint> {
  const bucket = await readPart(system, 'pool', 'bucketOf', [providerId, stakeKinds[kind]])
  return leastShares(bucket.active === 0n ? amount : (amount * bucket.shares) / bucket.active)
}

async function selfFacts(system: System, providerId: bigint): Promise<Fact[]> {
  const [active, perNode, unbonding] = await Promise.all([
    readPart(system, 'pool', 'activeOf', [providerId, stakeKinds.self]),
    readParam(system, 'SelfStakePerNode'),
    readParam(system, 'UnbondingSelfSeconds'),
  ])
  return [
    ['staked now', formatAnkr(active)],
    ['each node needs', formatAnkr(perNode)],
    ['to take it out', `\`npx mooring unstake\`, then wait ${formatSpan(unbonding)}`],
    ['risk', 'it is slashed first when a node does wrong'],
  ]
}

async function delegationFacts(system: System, providerId: bigint): Promise<Fact[]> {
  const [self, delegated, ratio, minimum, unbonding, epoch] = await Promise.all([
    readPart(system, 'pool', 'activeOf', [providerId, stakeKinds.self]),
    readPart(system, 'pool', 'activeOf', [providerId, stakeKinds.delegated]),
    readParam(system, 'DelegationRatioMax'),
    readParam(system, 'DelegationMin'),
    readParam(system, 'UnbondingDelegatorSeconds'),
    readEpoch(system),
  ])
  const commission = await readPart(system, 'registry', 'commissionAt', [providerId, epoch])
  return [
    ['minimum', formatAnkr(minimum)],
    ['behind it now', `${formatAnkr(delegated)} delegated, ${formatAnkr(self)} its own`],
    ['counted up to', `${formatAnkr(self * ratio)} delegated; what goes beyond shares the rewards`],
    ['commission', formatPpm(commission)],
    ['to take it out', `\`npx mooring undelegate\`, then wait ${formatSpan(unbonding)}`],
    ['risk', 'it is slashed with the provider for some offences, also while it waits'],
  ]
}
