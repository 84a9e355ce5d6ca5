import { parseDeployment } from '@mooring/onchain/deployment'
import { loadSettingsAnd } from '@mooring/settings/load'
import { readNamedFile } from '@mooring/settings/named-file'
import { startOnPorts } from '@mooring/settings/ports'
import { problemsText, type Report } from '@mooring/settings/problems'
import {
  exitWith,
  exitWithCheck,
  readArguments,
  runProgram,
  stopOnSignals,
} from '@mooring/settings/program'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { startBilling } from './billing.ts'
import { type BillingConfig, configSchema } from './config.ts'

const usage = `billing --config FILE          serve
billing --check --config FILE  say whether FILE and its deployment are right, as one JSON object`

async function main(): Promise<void> {
  const { file, isCheck } = readArguments(usage)
  const environment = process.env
  const loaded = await loadSettingsAnd({ schema: configSchema, file, environment, also: withFiles })
  if (isCheck) exitWithCheck({ ok: loaded.ok, problems: loaded.ok ? [] : loaded.problems })
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const config = loaded.settings
  const logger = createLogger('billing', config.logLevel)
  const ports = [{ setting: 'listen.port', ...config.listen }]
  const billing = await startOnPorts(file, ports, () =>
    startBilling(config, { clock: systemClock, logger }),
  )
  stopOnSignals((signal) => billing.stop(signal))
}

async function withFiles(config: BillingConfig, report: Report): Promise<BillingConfig> {
  await readNamedFile({
    file: config.chain.deployment,
    parse: parseDeployment,
    tell: (message) => report(['chain', 'deployment'], message),
  })
  return config
}

await runProgram(main)
