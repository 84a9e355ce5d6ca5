import { parseArgs } from 'node:util'
import { runMeasurement } from '../harness/measurement.ts'
import { drillBilling } from './drill.ts'
import { type Plan, wholePlan } from './plan.ts'

const usage = `npm run drill:billing                        a million paid requests while all that keeps books breaks
npm run drill:billing -- --requests 50000    fewer
npm run drill:billing -- --seconds 60        no longer than so
npm run drill:billing -- --seed 7            other breaks
npm run drill:billing -- --json              one object { name, machine, figures }`

/** Beside the load: to start everything, and to tell all logs. */
const marginSeconds = 240

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    const text = { type: 'string' } as const
    const options = { json: flag, help: flag, requests: text, seconds: text, seed: text }
    const { json, help, requests, seconds, seed } = parseArgs({ options }).values
    const secondsMax = countOf('seconds', seconds, wholePlan.secondsMax)
    const plan: Plan = {
      ...wholePlan,
      requests: countOf('requests', requests, wholePlan.requests),
      // Whoever asks for fewer requests, or for less time, does not want to wait for the rest.
      secondsMin: requests === undefined ? Math.min(wholePlan.secondsMin, secondsMax) : 0,
      secondsMax,
      seed: countOf('seed', seed, wholePlan.seed),
    }
    return { json, help, plan }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

function countOf(name: string, text: string | undefined, byDefault: number): number {
  const count = text === undefined ? byDefault : Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Error(`--${name} takes a whole number above 0, such as ${byDefault}`)
}

const { json, help, plan } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const timeoutMs = (plan.secondsMax + marginSeconds) * 1_000
process.exit(
  await runMeasurement(
    { name: 'billing', timeoutMs, measure: (context) => drillBilling(plan, context) },
    { json },
  ),
)
