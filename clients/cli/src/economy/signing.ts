import { createWallet } from '@mooring/onchain/clients'
import { ChainRefusal, type Confirmed, createSender, type Sender } from '@mooring/onchain/send'
import { type Command, InvalidArgumentError } from 'commander'
import { type Address, formatEther, type Hex } from 'viem'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { writeJson } from '../terminal/json.ts'
import { type AccountOptions, addAccountOptions, loadAccount } from '../wallet/account.ts'
import type { Fact, Intent, Step } from './intent.ts'
import { addSystemOptions, connect, type System, type SystemOptions } from './system.ts'

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
    .option('--json', 'print one JSON object')
}

/**
 * Runs a command that signs: says what will happen and what it costs, asks where somebody could answer, signs, waits,
 * and says what happened.
 */
export async function sign(
  context: Context,
  options: SigningOptions,
  intend: (signing: Signing) => Promise<Intent>,
): Promise<void> {
  const system = await connect(context, options)
  const account = await loadAccount(context, options)
  const { timestamp: nowSeconds } = await system.reader.getBlock()
  const intent = await intend({ system, account: account.address, nowSeconds })
  const sender = createSender({
    reader: system.reader,
    wallet: createWallet({ url: system.rpcUrl, chainId: system.deployment.chainId }, account),
    confirmations: options.confirmations,
    onSent: (hash) => context.stderr.write(`  sent ${hash}\n`),
  })
  if (intent.steps.length === 0) {
    context.stderr.write(`${intent.what}: there is nothing to do.\n${factLines(intent.facts)}`)
    if (options.json) writeJson(context, { what: intent.what, transactions: [] })
    return
  }
  const costs = await costsOf(sender, intent)
  const facts: Fact[] = [...intent.facts, ['signed by', account.address], ...costs.facts]
  context.stderr.write(`${intent.what}\n${factLines(facts)}`)
  if (costs.refusal !== undefined)
    throw new CommandError('refused', `This would fail: ${costs.refusal}.`)
  const plan = { what: intent.what, facts: Object.fromEntries(facts) }
  if (options.dryRun) {
    context.stderr.write('Dry run: nothing was signed.\n')
    if (options.json) writeJson(context, { ...plan, transactions: [] })
    return
  }
  await askFirst(context, options)
  const done: (Confirmed & { label: string })[] = []
  for (const step of intent.steps)
    done.push(
      await carryOut(
        context,
        sender,
        step,
        done.map(({ label }) => label),
      ),
    )
  if (options.json) writeJson(context, { ...plan, transactions: done.map(transactionJson) })
  else context.stdout.write(`Done: ${intent.what} (block ${done.at(-1)?.receipt.blockNumber}).\n`)
}

/** What the steps cost together, or why one of them would fail. */
async function costsOf(
  sender: Sender,
  { steps }: Intent,
): Promise<{ facts: Fact[]; refusal?: string }> {
  const rehearsed = await sender.rehearse(steps)
  const failed = rehearsed.findIndex(({ ok }) => !ok)
  const found = rehearsed[failed]
  if (found !== undefined && !found.ok) {
    return { facts: [], refusal: `${steps[failed]?.label}: ${found.failure.sentence}` }
  }
  const priced = rehearsed.filter((step) => step.ok)
  const gas = priced.reduce((sum, step) => sum + step.gas, 0n)
  const costWeiMax = priced.reduce((sum, step) => sum + step.costWeiMax, 0n)
  const cost = `at most ${formatEther(costWeiMax)} of the native token (${gas} gas)`
  const isWhole = priced.length === steps.length
  return {
    facts: [
      ['transactions', steps.map(({ label }) => label).join(', then ')],
      ['cost', isWhole ? cost : `${cost} for the first; the others when their turn comes`],
    ],
  }
}

async function askFirst(context: Context, options: SigningOptions): Promise<void> {
  if (options.yes || context.prompter === undefined) return
  const agreed = await context.prompter.confirm('Sign and send this?', { initial: false })
  if (!agreed) throw new CommandError('unexpected', 'Stopped. Nothing was signed.')
}

async function carryOut(
  context: Context,
  sender: Sender,
  step: Step,
  before: readonly string[],
): Promise<Confirmed & { label: string }> {
  context.stderr.write(`${step.label} …\n`)
  try {
    const confirmed = await sender.send(step)
    context.stderr.write(
      `  in block ${confirmed.receipt.blockNumber}, fee ${formatEther(confirmed.feeWei)}\n`,
    )
    return { label: step.label, ...confirmed }
  } catch (error) {
    if (!(error instanceof ChainRefusal)) throw error
    const earlier = before.length === 0 ? '' : ` What came before it stands: ${before.join(', ')}.`
    throw new CommandError('refused', `${step.label} failed: ${error.message}.${earlier}`, {
      cause: error,
    })
  }
}

export function factLines(facts: readonly Fact[]): string {
  return facts.map(([label, value]) => `  ${label.padEnd(labelWidthColumns)}${value}\n`).join('')
}

function transactionJson({ label, hash, receipt, feeWei }: Confirmed & { label: string }): {
  label: string
  hash: Hex
  block: string
  gasUsed: string
  feeWei: string
} {
  return {
    label,
    hash,
    block: receipt.blockNumber.toString(),
    gasUsed: receipt.gasUsed.toString(),
    feeWei: feeWei.toString(),
  }
}

function parseConfirmations(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= confirmationsMax) return count
  throw new InvalidArgumentError(`Confirmations are a number from 1 to ${confirmationsMax}.`)
}
