import { parseArgs } from 'node:util'
import { oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { wholePlan as drillPlan } from '../billing/plan.ts'
import { startWorld } from '../billing/world.ts'
import { type MeasureContext, type Measured, runMeasurement } from '../harness/measurement.ts'
import { requirePrograms, requireTwoCores } from '../harness/required-programs.ts'
import { measureInProcess } from './in-process.ts'
import { measureLeases } from './leases.ts'
import { type Plan, quickPlan, wholePlan } from './plan.ts'
import { measurePostings } from './postings.ts'
import { measureThroughput } from './throughput.ts'

const usage = `npm run bench:meter               what it costs to charge requests, and how much a ledger books
npm run bench:meter -- --quick    a look at everything, too short to be believed
npm run bench:meter -- --json     one object { name, machine, figures }`

/** So much that a charge period does not end what a benchmark may use. */
const depositTokens = 5_000_000n * oneAnkr

async function measure(given: MeasureContext, plan: Plan): Promise<Measured> {
  const context = { ...given, plan }
  await requirePrograms(['taskset', 'wrk'], context)
  await requireTwoCores(context.signal)
  const postings = await measurePostings(context)
  const worldPlan = { ...drillPlan, accounts: 8, starved: 0, depositTokens }
  await using world = await startWorld(worldPlan, context)
  const customers = await world.openAccounts()
  const leases = await measureLeases(world, customers, context)
  context.say('authenticate, admit and meter in this process …')
  const inProcess = await measureInProcess(world, customers)
  const throughput = await measureThroughput(world, customers, context)
  const parts = [inProcess, throughput, postings, leases]
  const figures = Object.assign({}, ...parts.map((part) => part.figures))
  return { figures, text: parts.map(({ text }) => text).join('\n'), broken: [] }
}

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({ options: { json: flag, quick: flag, help: flag } }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

const { json, quick, help } = readArguments()
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
      measure: (context) => measure(context, plan),
    },
    { json },
  ),
)
