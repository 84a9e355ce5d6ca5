import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
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
import { configSchema, type VerifierConfig } from './config.ts'
import { endKey } from './end-key.ts'
import { startVerifier } from './verifier.ts'

const usage = `verifier --config FILE          verify deposits and sign tokens with the others
verifier --check --config FILE  say whether FILE and its deployment are right, as one JSON object
verifier end-key [KID] --config FILE
                                have the one that runs vote for a key of the group, or all, to end at once and for good`

async function main(): Promise<void> {
  const { file, isCheck, words } = readArguments(usage, { wordsMax: 2 })
  const [verb, kid] = words
  const isKnown = verb === undefined || (verb === 'end-key' && !isCheck)
  if (!isKnown) return exitWith(2, usage)
  const environment = process.env
  const loaded = await loadSettingsAnd({ schema: configSchema, file, environment, also: withFiles })
  if (isCheck) exitWithCheck({ ok: loaded.ok, problems: loaded.ok ? [] : loaded.problems })
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const { config, deployment } = loaded.settings
  if (verb === 'end-key') return endKey(config, kid)
  // A problem with it was reported.
  if (deployment === undefined) return
  const ports = [
    { setting: 'listen.port', ...config.listen },
    { setting: 'admin.port', ...config.admin },
  ]
  const verifier = await startOnPorts(file, ports, () => startVerifier(config, deployment))
  stopOnSignals((signal) => verifier.stop(signal))
}

type WithFiles = { config: VerifierConfig; deployment: Deployment | undefined }

async function withFiles(config: VerifierConfig, report: Report): Promise<WithFiles> {
  const deployment = await readNamedFile({
    file: config.deployment,
    parse: parseDeployment,
    tell: (message) => report(['deployment'], message),
  })
  return { config, deployment }
}

await runProgram(main)
