import { type ChainEvent, decodeEvents } from '@mooring/onchain/events/decode'
import { MaybeSent } from '@mooring/onchain/inclusion'
import { ChainRefusal, type Confirmed, type Price, type Sender } from '@mooring/onchain/send'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { formatNative } from './amounts.ts'
import type { Intent, Step } from './intent.ts'
import { refusalText, stableOf } from './refusals.ts'
import type { Report } from './report.ts'
import type { System } from './system.ts'

export type Work = {
  system: System
  sender: Sender
  intent: Intent
  /** Of the first steps, as far as they could be rehearsed. */
  prices: readonly Price[]
  /** Takes down each transaction as it is confirmed, for `--json`. */
  report: Report
}

/** Sends the steps one after the other and says what became of each. */
export async function carryOut(context: Context, work: Work): Promise<readonly Numbered[]> {
  const { steps } = work.intent
  const done: object[] = []
  work.report.transactions = done
  const skipped: string[] = []
  const given: Numbered[] = []
  const interrupted = whenInterrupted(context)
  for (const [at, step] of steps.entries()) {
    context.stderr.write(`${step.label} …\n`)
    const before = steps.slice(0, at).map(({ label }) => label)
    const sending = work.sender.send(step, { costWeiMax: work.prices[at]?.costWeiMax })
    // Its failure is told below; when somebody stops waiting, nobody hears of it.
    sending.catch(() => undefined)
    const confirmed = await Promise.race([sending, interrupted]).catch((error: unknown) => {
      throw failureOf(work.system, error, { step, before })
    })
    if (confirmed === 'interrupted') throw stopped(steps.length - at - 1)
    done.push(jsonOf(step, confirmed))
    const { receipt, feeWei } = confirmed
    context.stderr.write(`  in block ${receipt.blockNumber}, fee ${formatNative(feeWei)}\n`)
    const events = decodeEvents(work.system.deployment, receipt.logs)
    skipped.push(...skippedIn(step, events))
    given.push(...numbersIn(events))
  }
  for (const reason of skipped) context.stderr.write(`  skipped: ${reason}\n`)
  const items = steps.reduce((sum, { skips }) => sum + (skips?.items ?? 0), 0)
  if (items > 0) work.report.skipped = skipped
  if (items > 0 && skipped.length === items) {
    throw new CommandError('refused', 'Everything was skipped, so nothing changed.')
  }
  for (const { thing, number } of given) work.report[thing] = number
  return given
}

/** What was made and is called by its number from now on. */
export type Numbered = { thing: string; number: string }

const numbers: Readonly<Record<string, readonly [thing: string, argument: string]>> = {
  ProviderRegistered: ['provider', 'providerId'],
  NodeRegistered: ['node', 'nodeId'],
  UnbondingStarted: ['request', 'requestId'],
  ChargeRootPosted: ['chargeRoot', 'rootId'],
}

function numbersIn(events: readonly ChainEvent[]): Numbered[] {
  return events.flatMap(({ name, args }) => {
    const row = numbers[name]
    return row === undefined ? [] : [{ thing: row[0], number: String(args[row[1]]) }]
  })
}

function skippedIn({ skips }: Step, events: readonly ChainEvent[]): string[] {
  if (skips === undefined) return []
  return events.filter(({ name }) => name === skips.event).map(({ args }) => skips.reasonOf(args))
}

/** Ctrl-C, from now on. */
export function whenInterrupted(context: Context): Promise<'interrupted'> {
  const signal = context.interruption()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })
}

function stopped(left: number): CommandError {
  const rest = left === 0 ? '' : ` ${left} more ${left === 1 ? 'was' : 'were'} not sent.`
  return new CommandError(
    'unexpected',
    `Stopped waiting. The last transaction that was named may be sent and may still happen.${rest}`,
  )
}

function failureOf(
  system: System,
  error: unknown,
  { step: { label, to }, before }: { step: Step; before: readonly string[] },
): unknown {
  const earlier = before.length === 0 ? '' : ` What came before it stands: ${before.join(', ')}.`
  if (error instanceof MaybeSent) {
    return new CommandError('unreachable', `${label}: ${error.message}.${earlier}`, {
      cause: error,
    })
  }
  if (!(error instanceof ChainRefusal)) return error
  const why = refusalText(error.failure, stableOf(system, to))
  return new CommandError('refused', `${label} failed: ${why}.${earlier}`, { cause: error })
}

function jsonOf({ label, to }: Step, { hash, receipt, feeWei }: Confirmed): object {
  return {
    label,
    to,
    hash,
    block: receipt.blockNumber.toString(),
    gasUsed: receipt.gasUsed.toString(),
    feeWei: feeWei.toString(),
  }
}
