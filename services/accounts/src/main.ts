import { startOnPorts } from '@mooring/settings/ports'
import { problemsText } from '@mooring/settings/problems'
import {
  exitWith,
  exitWithCheck,
  readArguments,
  runProgram,
  stopOnSignals,
} from '@mooring/settings/program'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { startAccounts } from './accounts.ts'
import { loadConfig } from './config-file.ts'

const usage = `accounts --config FILE          serve
accounts --check --config FILE  say whether FILE and its deployment are right, as one JSON object`

async function main(): Promise<void> {
  const { file, isCheck } = readArguments(usage)
  const loaded = await loadConfig(file, process.env)
  if (isCheck) exitWithCheck({ ok: loaded.ok, problems: loaded.ok ? [] : loaded.problems })
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const config = loaded.settings
  const logger = createLogger('accounts', config.logLevel)
  const ports = [
    { setting: 'listen.port', ...config.listen },
    { setting: 'gatewayListen.port', ...config.gatewayListen },
  ]
  const accounts = await startOnPorts(file, ports, () =>
    startAccounts(config, { clock: systemClock, logger, onLost: (what) => exitWith(1, what) }),
  )
  stopOnSignals((signal) => accounts.stop(signal))
}

await runProgram(main)
