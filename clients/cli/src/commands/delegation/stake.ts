import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { ankrDecimals, formatAnkr, formatPpm, formatSpan, parseAmount } from '../../economy/amounts.ts'
import type { Fact, Intent } from '../../economy/intent.ts'
import {
  approvalFor,
  assertAffordable,
  parseId,
  readActive,
  readCommission,
  readEpoch,
  readParam,
  readProvider,
  type StakeKind,
  stakeKinds,
} from '../../economy/readings.ts'
import { addSigningOptions, type Signing, type SigningOptions, sign } from '../../economy/signing.ts'
import { poolErrors } from '../../economy/errors.ts'
import { examples } from '../../help.ts'

export function addStakeCommand(program: Command, context: Context): void {
  addSigningOptions(
    program
      .command('stake')
      .summary("stake a provider's own ANKR behind its nodes")
      .description("Put a provider's own ANKR behind its nodes; for its owner. It can be slashed.")
      .argument('<provider>', 'id of the provider')
      .argument('<amount>', 'ANKR, e.g. 100000')
      .addHelpText('before', examples('npx mooring stake 1 200000 --dry-run')),
  ).action((provider: string, amount: string, options: SigningOptions) =>
    sign(context, options, (signing) => intendStake(signing, 'self', provider, amount)),
  )
}

export function addDelegateCommand(program: Command, context: Context): void {
  addSigningOptions(
    program
      .command('delegate')
      .summary('put ANKR behind a provider and share its rewards and slashing')
      .description(
        'Put ANKR behind a provider. It earns a part of what the provider earns, and is slashed with it in some cases.',
      )
      .argument('<provider>', 'id of the provider')
      .argument('<amount>', 'ANKR, at least the minimum')
      .addHelpText('before', examples('npx mooring delegate 1 5000 --dry-run')),
  ).action((provider: string, amount: string, options: SigningOptions) =>
    sign(context, options, (signing) => intendStake(signing, 'delegated', provider, amount)),
  )
}

async function intendStake(
  { system, account }: Signing,
  kind: StakeKind,
  provider: string,
  amountText: string,
): Promise<Intent> {
  const providerId = parseId(provider, 'provider')
  const amount = parseAmount(amountText, ankrDecimals, 'amount of ANKR')
  const { pool, ankr: token } = system.deployment.parts
  await readProvider(system, providerId)
  await assertAffordable(system, { token, owner: account, amount, print: formatAnkr })
  const printed = formatAnkr(amount)
  const approval = await approvalFor(system, { token, owner: account, spender: pool, amount, printed })
  const what =
    kind === 'self'
      ? `Stake ${printed} of its own behind provider ${providerId}`
      : `Delegate ${printed} to provider ${providerId}`
  return {
    what,
    facts: await (kind === 'self' ? selfFacts : delegationFacts)(system, providerId),
    steps: [
      ...approval,
      {
        label: `stake ${printed}`,
        to: pool,
        abi: stakingPoolAbi,
        errors: poolErrors,
        functionName: 'stake',
        args: [providerId, stakeKinds[kind], amount, 0n],
      },
    ],
  }
}

async function selfFacts(system: Signing['system'], providerId: bigint): Promise<Fact[]> {
  const [active, perNode, unbonding] = await Promise.all([
    readActive(system, providerId, 'self'),
    readParam(system, 'SelfStakePerNode'),
    readParam(system, 'UnbondingSelfSeconds'),
  ])
  return [
    ['staked now', formatAnkr(active)],
    ['each node needs', formatAnkr(perNode)],
    ['to take it out', `unstake, then wait ${formatSpan(unbonding)}`],
    ['risk', 'it is slashed first when a node does wrong'],
  ]
}

async function delegationFacts(system: Signing['system'], providerId: bigint): Promise<Fact[]> {
  const [self, delegated, ratio, minimum, unbonding, epoch] = await Promise.all([
    readActive(system, providerId, 'self'),
    readActive(system, providerId, 'delegated'),
    readParam(system, 'DelegationRatioMax'),
    readParam(system, 'DelegationMin'),
    readParam(system, 'UnbondingDelegatorSeconds'),
    readEpoch(system),
  ])
  const commission = await readCommission(system, providerId, epoch)
  const counted = self * ratio
  return [
    ['minimum', formatAnkr(minimum)],
    ['behind it now', `${formatAnkr(delegated)} delegated, ${formatAnkr(self)} its own`],
    ['earns up to', `${formatAnkr(counted)} delegated; what goes beyond shares the same rewards`],
    ['commission', formatPpm(commission)],
    ['to take it out', `undelegate, then wait ${formatSpan(unbonding)}`],
    ['risk', 'it is slashed with the provider for some offences, also while it waits'],
  ]
}
