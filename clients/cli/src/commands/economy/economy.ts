import { type ParamName, paramNumbers } from '@mooring/abis/params'
import { readPart } from '@mooring/onchain/contracts'
import { assertHandedOver, DeploymentProblem } from '@mooring/onchain/deploy/check'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAnkr, formatDate, formatPpm, formatSpan } from '../../economy/amounts.ts'
import type { Given } from '../../economy/given.ts'
import { paramNames } from '../../economy/param-names.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { readNow } from '../../economy/readings.ts'
import { factLines } from '../../economy/signing.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

const paramColumns: readonly Column[] = [
  { title: 'PARAMETER', align: 'left' },
  { title: 'NOW', align: 'right' },
  { title: 'NEXT', align: 'right' },
  { title: 'LEAST', align: 'right' },
  { title: 'MOST', align: 'right' },
]

export function addEconomyCommand(program: Command, context: Context): void {
  const economy = program
    .command('economy')
    .summary('look at the economy: its epoch, its contracts, its parameters')
    .description('Look at the economy on chain: its epoch, its contracts, its parameters.')
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring economy show', 'npx mooring economy params'))
  addReadingCommand<EconomyView>(economy, context, {
    name: 'show',
    summary: 'show the epoch and the contracts',
    description: 'Show the epoch, when it ends, and the addresses of the contracts.',
    examples: ['npx mooring economy show'],
    read: readEconomy,
    print: printEconomy,
    json: (view) => view,
  })
  addReadingCommand<{ deployer: string }>(economy, context, {
    name: 'check',
    summary: 'check that the contracts are wired and owned as they were handed over',
    description:
      'Check that every contract knows those it should, that every restricted function has its role, and that nobody holds a role besides those it was given to.',
    examples: ['npx mooring economy check'],
    read: readCheck,
    print: ({ deployer }) =>
      `Every contract and every role is as it was handed over; ${deployer}, which deployed them, can do nothing.\n`,
    json: (answer) => answer,
  })
  addReadingCommand<ParamView[]>(economy, context, {
    name: 'params',
    summary: 'list the parameters with their bounds',
    description:
      'List the parameters with their bounds, and the value that follows where one was announced.',
    arguments: { '[name]': 'only this one' },
    examples: ['npx mooring economy params', 'npx mooring economy params DelegationMin'],
    read: readParams,
    print: (params) => formatTable(paramColumns, params.map(rowOf)),
    json: (params) => ({ params }),
  })
}

async function readCheck({ reader, deployment }: System): Promise<{ deployer: string }> {
  try {
    await assertHandedOver(reader, deployment)
  } catch (cause) {
    if (!(cause instanceof DeploymentProblem)) throw cause
    const message = `The deployment is not as it was handed over: ${cause.message}.`
    throw new CommandError('refused', message, { cause })
  }
  return { deployer: deployment.deployer }
}

type EconomyView = {
  chainId: number
  epoch: bigint
  startedAt: bigint
  endsAt: bigint
  contracts: Readonly<Record<string, string>>
}

async function readEconomy(system: System): Promise<EconomyView> {
  const epoch = await readPart(system, 'params', 'currentEpoch', [])
  const [startedAt, endsAt] = await Promise.all([
    readPart(system, 'params', 'epochStart', [epoch]),
    readPart(system, 'params', 'epochStart', [epoch + 1n]),
  ])
  const { chainId, parts } = system.deployment
  return { chainId, epoch, startedAt, endsAt, contracts: parts }
}

async function printEconomy(view: EconomyView, system: System): Promise<string> {
  const nowSeconds = await readNow(system)
  return factLines([
    ['chain', String(view.chainId)],
    ['epoch', `${view.epoch}, ends ${formatDate(view.endsAt, nowSeconds)}`],
    ...Object.entries(view.contracts).map(([name, address]) => [name, address] as const),
  ])
}

type ParamView = {
  name: ParamName
  value: bigint
  next: bigint
  nextEpoch: bigint
  min: bigint
  max: bigint
}

async function readParams(system: System, given: Given): Promise<ParamView[]> {
  const wanted = given.args[0]
  const names = paramNames.filter((name) => wanted === undefined || name === wanted)
  if (names.length === 0) {
    throw new CommandError(
      'badInput',
      `There is no parameter ${JSON.stringify(wanted)}: \`npx mooring economy params\` lists them.`,
    )
  }
  return Promise.all(
    names.map(async (name) => {
      const args = [paramNumbers[name]] as const
      const [value, next, nextEpoch, min, max] = await readPart(system, 'params', 'describe', args)
      return { name, value, next, nextEpoch, min, max }
    }),
  )
}

function rowOf({ name, value, next, nextEpoch, min, max }: ParamView): string[] {
  const print = (amount: bigint) => printParam(name, amount)
  const following = next === value ? '' : `${print(next)} from epoch ${nextEpoch}`
  return [name, print(value), following, print(min), print(max)]
}

/** What an amount without a limit is set to. */
const noLimit = 2n ** 112n - 1n

/** A parameter's unit stands in its name, but for amounts. */
function printParam(name: ParamName, value: bigint): string {
  if (value === noLimit) return 'no limit'
  if (name.endsWith('Ppm')) return formatPpm(value)
  if (name.endsWith('Seconds') || name === 'JailSecondsMax') return formatSpan(value)
  return isCount(name) ? String(value) : formatAnkr(value)
}

function isCount(name: ParamName): boolean {
  return /Epoch|Nodes(?!.*Stake)|Ratio|Requests/.test(name)
}
