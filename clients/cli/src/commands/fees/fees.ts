import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import {
  ankrAsset,
  formatAnkr,
  formatAsset,
  formatDate,
  parseAmount,
} from '../../economy/amounts.ts'
import { argumentAt, type Given, optionOf } from '../../economy/given.ts'
import type { Intent } from '../../economy/intent.ts'
import { addReadingCommand } from '../../economy/reading-command.ts'
import { approvalFor, readNow } from '../../economy/readings.ts'
import { factLines, type Signing } from '../../economy/signing.ts'
import { addSigningCommand } from '../../economy/signing-command.ts'
import type { System } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'

/** In the order of their numbers on chain. */
const buckets = ['treasury', 'grants', 'auditors', 'protection'] as const
type Bucket = (typeof buckets)[number]

export function addFeesCommand(program: Command, context: Context): void {
  const fees = program
    .command('fees')
    .summary('look at the fees, release their shares, buy what came in the stablecoin')
    .description(
      'Look at the fees that came in, release the shares of treasury, grants, auditors and protection, and buy the stablecoin among them for ANKR.',
    )
    .helpCommand(false)
    .addHelpText('before', examples('npx mooring fees show', 'npx mooring fees release treasury'))
  addReadingCommand<FeesView>(fees, context, {
    name: 'show',
    summary: 'show what waits in the fee router',
    description: 'Show what waits in the fee router, and the auction that runs.',
    examples: ['npx mooring fees show'],
    read: readFees,
    print: printFees,
    json: (view) => view,
  })
  addSigningCommand(fees, context, {
    name: 'release',
    summary: 'send a share to its recipient',
    description: 'Send what a share has accrued to its recipient. Anyone may.',
    arguments: { '<share>': buckets.join(', ') },
    examples: ['npx mooring fees release treasury'],
    intend: intendRelease,
  })
  addSigningCommand(fees, context, {
    name: 'sweep-withheld',
    summary: 'send what quality withheld from providers to the treasury',
    description:
      'Send what quality withheld from providers, by the newest epoch in force, to the treasury. Anyone may.',
    examples: ['npx mooring fees sweep-withheld --dry-run'],
    intend: intendSweep,
  })
  addAuctionCommands(fees, context)
}

function addAuctionCommands(fees: Command, context: Context): void {
  addSigningCommand(fees, context, {
    name: 'auction',
    summary: 'put the stablecoin up for sale',
    description:
      'Put the stablecoin that came in up for sale: its price in ANKR falls until somebody buys. Anyone may.',
    examples: ['npx mooring fees auction --dry-run'],
    intend: async ({ system }) => ({
      what: 'Start an auction',
      facts: [['for sale', formatAsset((await readFees(system)).pending, system.assets.usd)]],
      steps: [{ ...callPart(system, 'feeRouter', 'startAuction', []), label: 'start the auction' }],
    }),
  })
  addSigningCommand(fees, context, {
    name: 'end-auction',
    summary: 'put back what an auction has not sold',
    description: 'Put back what an auction that is over has not sold. Anyone may.',
    examples: ['npx mooring fees end-auction'],
    intend: async ({ system }) => ({
      what: 'End the auction',
      facts: [['unsold', formatAsset((await readFees(system)).lot, system.assets.usd)]],
      steps: [{ ...callPart(system, 'feeRouter', 'endAuction', []), label: 'end the auction' }],
    }),
  })
  addSigningCommand(fees, context, {
    name: 'buy',
    summary: 'buy stablecoin for ANKR',
    description: "Buy stablecoin for ANKR at the running auction's price of the moment.",
    arguments: { '<dollars>': 'how much to buy, at most what is for sale' },
    required: { '--at-most <ankr>': 'ANKR that you would pay at most' },
    examples: ['npx mooring fees buy 100 --at-most 3400 --dry-run'],
    intend: intendBuy,
  })
}

type FeesView = {
  accrued: Record<Bucket, bigint>
  providersTotal: bigint
  pending: bigint
  lot: bigint
  endsAt: bigint
}

async function readFees(system: System): Promise<FeesView> {
  const accrued = await Promise.all(
    buckets.map((_, at) => readPart(system, 'feeRouter', 'accrued', [at])),
  )
  const [treasury = 0n, grants = 0n, auditors = 0n, protection = 0n] = accrued
  const [providersTotal, pending, { lot, endsAt }] = await Promise.all([
    readPart(system, 'feeRouter', 'providersTotal', []),
    readPart(system, 'feeRouter', 'stablePending', []),
    readPart(system, 'feeRouter', 'auction', []),
  ])
  const shares = { treasury, grants, auditors, protection }
  return { accrued: shares, providersTotal, pending, lot, endsAt }
}

async function printFees(view: FeesView, system: System): Promise<string> {
  const nowSeconds = await readNow(system)
  const auction =
    view.lot === 0n
      ? 'none'
      : `${formatAsset(view.lot, system.assets.usd)}, ends ${formatDate(view.endsAt, nowSeconds)}`
  return factLines([
    ...buckets.map((name) => [name, formatAnkr(view.accrued[name])] as const),
    ['to providers', `${formatAnkr(view.providersTotal)} so far`],
    ['to be sold', formatAsset(view.pending, system.assets.usd)],
    ['auction', auction],
  ])
}

async function intendRelease({ system }: Signing, given: Given): Promise<Intent> {
  const name = argumentAt(given, 0)
  const number = numberOfBucket(name)
  if (number === undefined) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(name)} is no share: it is one of ${buckets.join(', ')}.`,
    )
  }
  const [amount, to] = await Promise.all([
    readPart(system, 'feeRouter', 'accrued', [number]),
    readPart(system, 'feeRouter', 'recipientOf', [number]),
  ])
  const call = callPart(system, 'feeRouter', 'release', [number])
  return {
    what: `Release ${formatAnkr(amount)} to ${name}`,
    facts: [['recipient', to]],
    steps: amount === 0n ? [] : [{ ...call, label: `release ${name}` }],
  }
}

async function intendSweep({ system }: Signing): Promise<Intent> {
  const [epoch] = await readPart(system, 'epochs', 'latestActive', [])
  const [[, , withheld], swept, to] = await Promise.all([
    readPart(system, 'epochs', 'payoutsOf', [epoch]),
    readPart(system, 'distributor', 'withheldSwept', []),
    readPart(system, 'feeRouter', 'recipientOf', [0]),
  ])
  const call = callPart(system, 'distributor', 'sweepWithheld', [])
  return {
    what: 'Send what quality withheld to the treasury',
    facts: [
      ['withheld', `${formatAnkr(withheld)} in all, ${formatAnkr(swept)} sent before`],
      ['recipient', to],
    ],
    steps: [{ ...call, label: 'sweep what was withheld' }],
  }
}

async function intendBuy({ system, account }: Signing, given: Given): Promise<Intent> {
  const dollars = parseAmount(argumentAt(given, 0), system.assets.usd)
  const most = parseAmount(optionOf(given, 'atMost') ?? '', ankrAsset)
  const { lot, endsAt } = await readPart(system, 'feeRouter', 'auction', [])
  const { usd } = system.assets
  const nowSeconds = await readNow(system)
  if (lot === 0n || endsAt <= nowSeconds) {
    throw new CommandError('badInput', 'No auction runs: `npx mooring fees auction` starts one.')
  }
  if (dollars === 0n || dollars > lot) {
    throw new CommandError(
      'badInput',
      `There are ${formatAsset(lot, usd)} for sale, and ${formatAsset(dollars, usd)} were asked for.`,
    )
  }
  const price = await readPart(system, 'feeRouter', 'priceOf', [dollars])
  if (price > most) {
    throw new CommandError(
      'badInput',
      `The price is ${formatAnkr(price)} now, more than ${formatAnkr(most)}: it falls until ${formatDate(endsAt, nowSeconds)}.`,
    )
  }
  const payment = { asset: ankrAsset, owner: account, spender: 'feeRouter', amount: price } as const
  const approval = await approvalFor(system, payment)
  const call = callPart(system, 'feeRouter', 'buy', [dollars, most])
  return {
    what: `Buy ${formatAsset(dollars, usd)}`,
    facts: [
      ['price now', `${formatAnkr(price)}, and it falls`],
      ['at most', formatAnkr(most)],
      ['for sale', `${formatAsset(lot, usd)} until ${formatDate(endsAt, nowSeconds)}`],
    ],
    steps: [...approval, { ...call, label: `buy ${formatAsset(dollars, usd)}` }],
  }
}

function numberOfBucket(name: string): number | undefined {
  const known: readonly string[] = buckets
  const number = known.indexOf(name)
  return number < 0 ? undefined : number
}
