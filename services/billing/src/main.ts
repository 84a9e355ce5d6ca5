import { parseArgs } from 'node:util'
import { loadSettings } from '@mooring/settings/load'
import { problemsText } from '@mooring/settings/problems'
import { exitWith, runProgram, stopOnSignals } from '@mooring/settings/program'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { startBilling } from './billing.ts'
import { configSchema } from './config.ts'

const usage = `billing --config FILE          serve
billing --check --config FILE  say whether FILE is right, as one JSON object`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  if (values.config === undefined) return exitWith(2, usage)
  const loaded = await loadSettings(configSchema, values.config, process.env)
  if (values.check) {
    const problems = loaded.ok ? [] : loaded.problems
    process.stdout.write(`${JSON.stringify({ ok: loaded.ok, problems })}\n`)
    process.exit(loaded.ok ? 0 : 2)
  }
  if (!loaded.ok) return exitWith(2, problemsText(values.config, loaded.problems))
  const config = loaded.settings
  const logger = createLogger('billing', config.logLevel)
  const billing = await startBilling(config, { clock: systemClock, logger })
  stopOnSignals((signal) => billing.stop(signal))
}

await runProgram(main)
