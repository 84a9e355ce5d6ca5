import type { ChainDefinition } from '@mooring/chains/chain'
import { chainDefinitions } from '@mooring/chains/definitions'
import { parseDeployment } from '@mooring/onchain/deployment'
import { openKeystore } from '@mooring/onchain/key-file'
import { UnusableDirectory } from '@mooring/settings/held-directory'
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
import { createLogger } from '@mooring/telemetry/logger'
import { type AgentSettings, startAgent } from './agent.ts'
import { type AgentConfig, configSchema } from './config.ts'

const usage = `agent --config FILE          stand before a node: serve gateways, sign receipts and answers
agent --check --config FILE  say whether FILE and what it names is right, as one JSON object`

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
  const logger = createLogger('agent', config.logLevel)
  const ports = [
    { setting: 'listen.port', ...config.listen },
    { setting: 'admin.port', ...config.admin },
  ]
  try {
    const agent = await startOnPorts(file, ports, () => startAgent(settings, { logger }))
    stopOnSignals((signal) => agent.stop(signal))
  } catch (error) {
    if (error instanceof UnusableDirectory) return exitWith(2, `${file}: ${error.message}`)
    throw error
  }
}

async function withFiles(config: AgentConfig, report: Report): Promise<AgentSettings | undefined> {
  const chains = chainsOf(config, report)
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
  return { config, deployment, chains, privateKey }
}

function chainsOf(config: AgentConfig, report: Report): ChainDefinition[] {
  return Object.keys(config.chains).flatMap((name) => {
    const definition = chainDefinitions.get(name)
    if (definition === undefined) {
      report(['chains', name], `Mooring ships no chain ${name}: use a name of "mooring chains"`)
    }
    return definition ?? []
  })
}

await runProgram(main)
