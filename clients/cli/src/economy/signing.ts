import { createWallet } from '@mooring/onchain/clients'
import { createSender, type Price, type Sender } from '@mooring/onchain/send'
import { type Command, InvalidArgumentError } from 'commander'
import type { Address, PrivateKeyAccount } from 'viem'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { type AccountOptions, addAccountOptions, loadAccount } from '../wallet/account.ts'
import { formatNative } from './amounts.ts'
import { carryOut } from './carry-out.ts'
import { askFirst } from './consenting.ts'
import type { Fact, Intent } from './intent.ts'
import { contractTitle } from './part-names.ts'
import { refusalText, stableOf } from './refusals.ts'
import { type Report, reporting } from './report.ts'
import { addSystemOptions, connect, hostOf, type System, type SystemOptions } from './system.ts'

export type SigningOptions = SystemOptions &
  AccountOptions & { dryRun?: true; yes?: true; json?: true; confirmations: number }

/** What a signing command knows when it decides what to do. */
export type Signing = { system: System; account: Address; nowSeconds: bigint }

const confirmationsDefault = 1
const confirmationsMax = 1_000
const labelWidthColumns = 16

/** Options of every command that signs. */
export function addSigningOptions(command: Command): Command {
  return addAccountOptions(addSystemOptions(command))
    .option('--confirmations <n>', 'blocks to wait for', parseConfirmations, confirmationsDefault)
    .option('--dry-run', 'say what would happen and sign nothing')
    .option('-y, --yes', 'do not ask before signing')
    .option('--json', 'print one JSON object, also of a failure')
}

/**
 * Runs a command that signs: says what will happen, where and what it costs, asks, signs, waits, and says what
 * happened.
 */
export async function sign(
  context: Context,
  options: SigningOptions,
  intend: (signing: Signing) => Promise<Intent>,
): Promise<void> {
  const load = () => loadAccount(context, options)
  await reporting(context, options, (report) =>
    signReporting(context, options, { intend, report, load }),
  )
}

/** The same as a part of something longer. */
export async function signReporting(
  context: Context,
  options: SigningOptions,
  work: {
    intend: (signing: Signing) => Promise<Intent>
    report: Report
    /** The account that signs. */
    load: () => Promise<PrivateKeyAccount>
  },
): Promise<void> {
  const { intend, report, load } = work
  const system = await connect(context, options)
  const account = await load()
  const { timestamp: nowSeconds } = await system.reader.getBlock()
  const intent = await intend({ system, account: account.address, nowSeconds })
  const wallet = createWallet({ url: system.rpcUrl, chainId: system.deployment.chainId }, account)
  const { reader } = system
  const { confirmations } = options
  const onSigned = (hash: string) => context.stderr.write(`  sending ${hash}\n`)
  const sender = createSender({ reader, wallet, confirmations, onSigned })
  const prices = await pricesOf(system, sender, intent)
  const facts = [...intent.facts, ...commonFacts(system, account.address, intent, prices)]
  report.what = intent.what
  report.facts = Object.fromEntries(facts)
  if ('prices' in prices) report.costWeiMax = String(sumOf(prices.prices))
  context.stderr.write(`${intent.what}\n${factLines(facts)}`)
  if ('refusal' in prices) throw new CommandError('refused', `This would fail: ${prices.refusal}.`)
  if (intent.steps.length === 0) {
    context.stderr.write('There is nothing to do.\n')
    return
  }
  if (options.dryRun) {
    context.stderr.write('Dry run: nothing was signed.\n')
    return
  }
  await askFirst(context, options, 'Sign and send this?')
  const plan = { system, sender, intent, prices: prices.prices, report }
  const given = await carryOut(context, plan)
  const told = given.map(({ thing, number }) => ` It is ${thing} ${number}.`).join('')
  if (!options.json) context.stdout.write(`Done: ${intent.what}.${told}\n`)
}

type Prices = { prices: readonly Price[] } | { refusal: string }

/** What the steps cost, or why one of them would fail. */
async function pricesOf(system: System, sender: Sender, { steps }: Intent): Promise<Prices> {
  const rehearsed = await sender.rehearse(steps)
  const failed = rehearsed.findIndex(({ ok }) => !ok)
  const [step, found] = [steps[failed], rehearsed[failed]]
  if (step !== undefined && found !== undefined && !found.ok) {
    const why = refusalText(found.failure, stableOf(system, step.to))
    return { refusal: `${step.label}: ${why}` }
  }
  return { prices: rehearsed.filter((step) => step.ok) }
}

/** What every preview tells: where, by whom, with which contracts, at what cost. */
function commonFacts(
  { deployment, deploymentFile, rpcUrl }: System,
  account: Address,
  { steps }: Intent,
  prices: Prices,
): Fact[] {
  const where: Fact[] = [
    ['chain', `${deployment.chainId}, by ${hostOf(rpcUrl)}`],
    ['contracts', deploymentFile],
    ['signed by', account],
    ...steps.map(
      ({ label, to }, at): Fact => [
        steps.length === 1 ? 'transaction' : `transaction ${at + 1}`,
        `${label}, to ${contractTitle(deployment, to)}`,
      ],
    ),
  ]
  if ('refusal' in prices || steps.length === 0) return where
  const gas = prices.prices.reduce((sum, price) => sum + price.gas, 0n)
  const costWeiMax = sumOf(prices.prices)
  const cost = `at most ${formatNative(costWeiMax)} (${gas} gas)`
  const isWhole = prices.prices.length === steps.length
  const rest = ' for the first; this node cannot rehearse the others, which may still be refused'
  return [...where, ['cost', isWhole ? cost : `${cost}${rest}`]]
}

function sumOf(prices: readonly Price[]): bigint {
  return prices.reduce((sum, price) => sum + price.costWeiMax, 0n)
}

export function factLines(facts: readonly Fact[]): string {
  return facts.map(([label, value]) => `  ${label.padEnd(labelWidthColumns)}${value}\n`).join('')
}

function parseConfirmations(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= confirmationsMax) return count
  throw new InvalidArgumentError(`Confirmations are a number from 1 to ${confirmationsMax}.`)
}
