import { parseArgs } from 'node:util'
import { runMeasurement } from '../harness/measurement.ts'
import { drillFailover } from './drill.ts'

const usage = `npm run drill:failover              nodes break one after the other under load
npm run drill:failover -- --json    one object { name, machine, figures }`

const drillTimeoutMs = 60_000

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({ options: { json: flag, help: flag } }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`)
    process.exit(2)
  }
}

const { json, help } = readArguments()
if (help) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
process.exit(
  await runMeasurement(
    { name: 'failover', timeoutMs: drillTimeoutMs, measure: drillFailover },
    { json },
  ),
)
