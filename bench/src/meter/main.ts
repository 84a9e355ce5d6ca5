import { parseArgs } from 'node:util'
import { oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { wholePlan as drillPlan } from '../billing/plan.ts'
import { startWorld } from '../billing/world.ts'
import { type MeasureContext, type Measured, runMeasurement } from '../harness/measurement.ts'
import type { Figures } from '../harness/report.ts'
import { requirePrograms, requireTwoCores } from '../harness/required-programs.ts'
import { measureInProcess } from './in-process.ts'
import { measureLeases } from './leases.ts'
import { type Plan, quickPlan, wholePlan } from './plan.ts'
import { measurePostings } from './postings.ts'
import { measureProfile } from './profile.ts'
import { measureThroughput } from './throughput.ts'

const parts = ['postings', 'leases', 'in-process', 'throughput'] as const

const usage = `npm run bench:meter               what it costs to charge requests, and how much a ledger books
npm run bench:meter -- --only=throughput      one part: ${parts.join(', ')}
npm run bench:meter -- --quick    a look at everything, too short to be believed
npm run bench:meter -- --profile  where a gateway that charges spends more than one that does not
npm run bench:meter -- --json     one object { name, machine, figures }`

/** So much that a charge period does not end what a benchmark may use. */
const depositTokens = 5_000_000n * oneAnkr

type Part = (typeof parts)[number] | 'profile'
type Context = MeasureContext & { plan: Plan }

async function measure(context: Context, wanted: readonly Part[]): Promise<Measured> {
  await requirePrograms(['taskset', 'wrk'], context)
  await requireTwoCores(context.signal)
  const postings = wanted.includes('postings') ? [await measurePostings(context)] : []
  const others = wanted.filter((part) => part !== 'postings')
  const measured = [
    ...(others.length > 0 ? await measureInWorld(context, others) : []),
    ...postings,
  ]
  const figures = Object.assign({}, ...measured.map((part) => part.figures))
  return { figures, text: measured.map(({ text }) => text).join('\n'), broken: [] }
}

/** What needs accounts with deposits and keys. */
async function measureInWorld(context: Context, wanted: readonly Part[]) {
  const worldPlan = { ...drillPlan, accounts: 8, starved: 0, depositTokens }
  await using world = await startWorld(worldPlan, context)
  const customers = await world.openAccounts()
  const measured: { figures: Figures; text: string }[] = []
  if (wanted.includes('leases')) measured.push(await measureLeases(world, customers, context))
  if (wanted.includes('in-process')) {
    context.say('authenticate, admit and meter in this process …')
    measured.push(await measureInProcess(world, customers))
  }
  if (wanted.includes('throughput')) {
    measured.push(await measureThroughput(world, customers, context))
  }
  if (wanted.includes('profile')) measured.push(await measureProfile(world, customers, context))
  return measured
}

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    const only = { type: 'string' } as const
    const options = { json: flag, quick: flag, profile: flag, help: flag, only } as const
    const { values } = parseArgs({ options })
    return { ...values, wanted: wantedOf(values) }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

function wantedOf({ profile, only }: { profile: boolean; only?: string }): readonly Part[] {
  if (profile) return ['profile']
  if (only === undefined) return parts
  const part = parts.find((name) => name === only)
  if (part === undefined) throw new Error(`--only takes one of ${parts.join(', ')}, not ${only}`)
  return [part]
}

const { json, quick, help, wanted } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const plan = quick ? quickPlan : wholePlan
process.exit(
  await runMeasurement(
    {
      name: quick ? 'meter quick' : 'meter',
      timeoutMs: plan.timeoutMs,
      measure: (context) => measure({ ...context, plan }, wanted),
    },
    { json },
  ),
)
