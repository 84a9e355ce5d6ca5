import { parseArgs } from 'node:util'
import { type MeasureContext, type Measured, runMeasurement } from '../harness/measurement.ts'
import { requirePrograms, requireTwoCores } from '../harness/required-programs.ts'
import { measureAgent } from './measure-agent.ts'
import { type Plan, quickPlan, wholePlan } from './plan.ts'

const usage = `npm run bench:agent               what receipts and signed answers cost an agent and a gateway
npm run bench:agent -- --quick    a look at everything, too short to be believed
npm run bench:agent -- --json     one object { name, machine, figures }`

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({ options: { json: flag, quick: flag, help: flag } }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

async function measure(context: MeasureContext, plan: Plan): Promise<Measured> {
  await requirePrograms(['taskset', 'wrk'], context)
  await requireTwoCores(context.signal)
  const { figures, text } = await measureAgent({ ...context, plan })
  return { figures, text, broken: [] }
}

const { json, quick, help } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const plan = quick ? quickPlan : wholePlan
const { timeoutMs } = plan
const name = quick ? 'agent quick' : 'agent'
process.exit(
  await runMeasurement({ name, timeoutMs, measure: (context) => measure(context, plan) }, { json }),
)
