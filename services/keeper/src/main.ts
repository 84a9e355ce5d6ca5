import { parseDeployment } from '@mooring/onchain/deployment'
import { openKeystore } from '@mooring/onchain/key-file'
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
import { configSchema, type KeeperConfig } from './config.ts'
import { type KeeperSettings, startKeeper } from './keeper.ts'

const usage = `keeper --config FILE          bring to the chain what is due there
keeper --check --config FILE  say whether FILE and what it names is right, as one JSON object`

async function main(): Promise<void> {
  const { file, isCheck } = readArguments(usage)
  const environment = process.env
  const loaded = await loadSettingsAnd({ schema: configSchema, file, environment, also: withFiles })
  if (isCheck) exitWithCheck({ ok: loaded.ok, problems: loaded.ok ? [] : loaded.problems })
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const { settings } = loaded
  // A problem with what it names was reported.
  if (settings === undefined) return
  const { config } = settings
  const logger = createLogger('keeper', config.logLevel)
  const ports = [{ setting: 'listen.port', ...config.listen }]
  const keeper = await startOnPorts(file, ports, () =>
    startKeeper(settings, { clock: systemClock, logger }),
  )
  stopOnSignals((signal) => keeper.stop(signal))
}

async function withFiles(
  config: KeeperConfig,
  report: Report,
): Promise<KeeperSettings | undefined> {
  const deployment = await readNamedFile({
    file: config.deployment,
    parse: parseDeployment,
    tell: (message) => report(['deployment'], message),
  })
  const privateKey = await readNamedFile({
    file: config.key.file,
    parse: (text) => openKeystore(text, config.key.password),
    tell: (message) => report(['key', 'file'], message),
  })
  if (deployment === undefined || privateKey === undefined) return undefined
  return { config, deployment, privateKey }
}

await runProgram(main)
