import { parseArgs } from 'node:util'
import { seededRandom } from '../random.ts'
import type { Audit } from './audit.ts'
import { type BreakCounts, startBreaking } from './breaks.ts'
import { type MarketPlan, shortPlan, wholePlan } from './plan.ts'
import { playMarket } from './story.ts'
import { auditText } from './table.ts'

const usage = `Usage: npx mooring demo market [--short] [--breaks] [--seed N] [--json]`

class UsageError extends Error {
  override name = 'UsageError'
}

/** Exit codes: 0 all books agree, 1 they do not or something broke, 2 wrong arguments. */
async function main(): Promise<number> {
  const { plan, breaks, seed, json } = readArguments()
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopping.abort(new Error('stopped as you wished')))
  }
  const counts: BreakCounts = { kills: 0, forks: 0, deepestFork: 0 }
  const startedMs = performance.now()
  const say = (text: string) => process.stderr.write(`        ${text}\n`)
  try {
    const audit = await playMarket(plan, {
      signal: stopping.signal,
      say,
      chapter(title) {
        const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
        process.stderr.write(`${seconds.padStart(4)} s  ${title}\n`)
      },
      breaking: breaks
        ? (world) => startBreaking(world, { random: seededRandom(seed), counts, say })
        : undefined,
    })
    process.stdout.write(
      json ? `${JSON.stringify(plain({ ...audit, counts }))}\n` : auditText(audit),
    )
    if (breaks)
      process.stderr.write(
        `${counts.kills} services were killed, ${counts.forks} forks of up to ${counts.deepestFork} blocks\n`,
      )
    return verdictOf(audit)
  } catch (error) {
    if (stopping.signal.aborted) {
      process.stderr.write('\nstopped, and nothing is left running\n')
      return 0
    }
    throw error
  }
}

function verdictOf({ problems }: Audit): number {
  for (const problem of problems) process.stderr.write(`mooring: ${problem}\n`)
  process.stderr.write(
    problems.length === 0 ? '\nEvery book agrees to the unit.\n' : '\nNot all books agree.\n',
  )
  return problems.length === 0 ? 0 : 1
}

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)),
  )
}

function readArguments(): { plan: MarketPlan; breaks: boolean; seed: number; json: boolean } {
  const flag = { type: 'boolean', default: false } as const
  const options = {
    short: flag,
    breaks: flag,
    json: flag,
    seed: { type: 'string', default: '1' },
  } as const
  const { short, breaks, json, seed } = parseArgs({ options }).values
  if (!/^\d{1,9}$/.test(seed))
    throw new UsageError(`--seed ${JSON.stringify(seed)} is no whole number`)
  return { plan: short ? shortPlan : wholePlan, breaks, seed: Number(seed), json }
}

try {
  process.exit(await main())
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  const cause =
    error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
  if (process.env.MOORING_STACK) console.error(error)
  process.stderr.write(`mooring: ${message}${cause}\n${isUsage ? `${usage}\n` : ''}`)
  process.exit(isUsage ? 2 : 1)
}
