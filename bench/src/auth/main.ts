import { parseArgs } from 'node:util'
import { type MeasureContext, type Measured, runMeasurement } from '../harness/measurement.ts'
import { measureAuth } from './measure-auth.ts'

const usage = `npm run bench:auth              how long a token takes to make, and what a check of one costs
npm run bench:auth -- --json    one object { name, machine, figures }`

const timeoutMs = 300_000

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({ options: { json: flag, help: flag } }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

async function measure(context: MeasureContext): Promise<Measured> {
  const { figures, text } = await measureAuth(context)
  return { figures, text, broken: [] }
}

const { json, help } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
process.exit(await runMeasurement({ name: 'auth', timeoutMs, measure }, { json }))
