import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import type { Command } from 'commander'
import { zeroAddress } from 'viem'
import type { Context } from '../../context.ts'
import { ankrDecimals, formatAnkr, formatDate, parseAmount } from '../../economy/amounts.ts'
import { poolErrors } from '../../economy/errors.ts'
import type { Intent } from '../../economy/intent.ts'
import {
  parseId,
  readBucket,
  readParam,
  readProvider,
  type StakeKind,
  stakeKinds,
} from '../../economy/readings.ts'
import { addSigningOptions, type Signing, type SigningOptions, sign } from '../../economy/signing.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'

type UnstakeOptions = SigningOptions & { all?: true }

export function addUnstakeCommand(program: Command, context: Context): void {
  addCommand(program, context, {
    name: 'unstake',
    kind: 'self',
    summary: "begin to take a provider's own stake out",
    description:
      "Begin to take a provider's own stake out; for its owner. Nodes it no longer covers are drained at once.",
  })
}

export function addUndelegateCommand(program: Command, context: Context): void {
  addCommand(program, context, {
    name: 'undelegate',
    kind: 'delegated',
    summary: 'begin to take a delegation out',
    description: 'Begin to take a delegation out. Until its date it earns nothing and can still be slashed.',
  })
}

function addCommand(
  program: Command,
  context: Context,
  options: { name: string; kind: StakeKind; summary: string; description: string },
): void {
  const { name, kind, summary, description } = options
  addSigningOptions(
    program
      .command(name)
      .summary(summary)
      .description(description)
      .argument('<provider>', 'id of the provider')
      .argument('[amount]', 'ANKR; or --all')
      .option('--all', 'everything there is')
      .addHelpText('before', examples(`npx mooring ${name} 1 1000 --dry-run`, `npx mooring ${name} 1 --all`)),
  ).action((provider: string, amount: string | undefined, given: UnstakeOptions) =>
    sign(context, given, (signing) => intend(signing, kind, provider, given.all ? 'all' : amount)),
  )
}

async function intend(
  { system, account, nowSeconds }: Signing,
  kind: StakeKind,
  provider: string,
  amountText: string | undefined,
): Promise<Intent> {
  if (amountText === undefined) {
    throw new CommandError('badInput', 'Say how much, in ANKR, or --all.')
  }
  const providerId = parseId(provider, 'provider')
  await readProvider(system, providerId)
  const holder = kind === 'self' ? zeroAddress : account
  const { reader, deployment } = system
  const contract = { address: deployment.parts.pool, abi: stakingPoolAbi } as const
  const args = [providerId, stakeKinds[kind], holder] as const
  const [shares, staked, bucket, period] = await Promise.all([
    reader.readContract({ ...contract, functionName: 'sharesOf', args }),
    reader.readContract({ ...contract, functionName: 'stakeOf', args }),
    readBucket(system, providerId, kind),
    readParam(system, kind === 'self' ? 'UnbondingSelfSeconds' : 'UnbondingDelegatorSeconds'),
  ])
  const amount = amountText === 'all' ? staked : parseAmount(amountText, ankrDecimals, 'amount of ANKR')
  if (amount > staked || shares === 0n) {
    throw new CommandError('badInput', `There are ${formatAnkr(staked)} to take out, not ${formatAnkr(amount)}.`)
  }
  // Rounded up, so that no less than was asked for begins to leave.
  const wanted = amount === staked ? shares : (amount * bucket.shares + bucket.active - 1n) / bucket.active
  const printed = formatAnkr(amount)
  return {
    what: `Begin to take ${printed} out from behind provider ${providerId}`,
    facts: [
      ['left staked', formatAnkr(staked - amount)],
      ['can be withdrawn', `${formatDate(nowSeconds + period, nowSeconds)}, with \`npx mooring withdraw\``],
      ['until then', 'it earns nothing and can still be slashed; `npx mooring cancel` puts it back to work'],
    ],
    steps: [
      {
        label: `begin to unbond ${printed}`,
        to: deployment.parts.pool,
        abi: stakingPoolAbi,
        errors: poolErrors,
        functionName: 'unstake',
        args: [providerId, stakeKinds[kind], wanted, 0n],
      },
    ],
  }
}
