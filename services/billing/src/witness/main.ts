import { UnusableDirectory } from '@mooring/settings/held-directory'
import { loadSettings } from '@mooring/settings/load'
import { startOnPorts } from '@mooring/settings/ports'
import { problemsText } from '@mooring/settings/problems'
import {
  exitWith,
  exitWithCheck,
  readArguments,
  runProgram,
  stopOnSignals,
} from '@mooring/settings/program'
import { createLogger } from '@mooring/telemetry/logger'
import { configSchema } from './config.ts'
import { startWitness } from './witness.ts'

const usage = `witness --config FILE          keep copies of what gateways write down
witness --check --config FILE  say whether FILE is right, as one JSON object`

async function main(): Promise<void> {
  const { file, isCheck } = readArguments(usage)
  const loaded = await loadSettings(configSchema, file, process.env)
  if (isCheck) exitWithCheck({ ok: loaded.ok, problems: loaded.ok ? [] : loaded.problems })
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const config = loaded.settings
  const logger = createLogger('witness', config.logLevel)
  const ports = [{ setting: 'listen.port', ...config.listen }]
  try {
    const witness = await startOnPorts(file, ports, () => startWitness(config, { logger }))
    stopOnSignals((signal) => witness.stop(signal))
  } catch (error) {
    if (error instanceof UnusableDirectory) return exitWith(2, `${file}: ${error.message}`)
    throw error
  }
}

await runProgram(main)
