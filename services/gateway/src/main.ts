import { UnusableDirectory } from '@mooring/settings/held-directory'
import { type Listening, startOnPorts } from '@mooring/settings/ports'
import { problemsText } from '@mooring/settings/problems'
import {
  exitWith,
  exitWithCheck,
  readArguments,
  runProgram,
  stopOnSignals,
} from '@mooring/settings/program'
import type { GatewayConfig } from './config.ts'
import { loadConfig } from './config-file.ts'
import { type Gateway, startGateway } from './gateway.ts'

const usage = `gateway --config FILE          serve
gateway --check --config FILE  say whether FILE is right, as one JSON object`

async function main(): Promise<void> {
  const { file, isCheck } = readArguments(usage)
  const loaded = await loadConfig(file, process.env)
  if (isCheck) {
    const problems = loaded.ok ? [] : loaded.problems
    const chains = loaded.ok
      ? loaded.config.chains.map(({ definition, upstreams }) => ({
          chain: definition.name,
          upstreams: upstreams.length,
        }))
      : []
    const ports = loaded.ok ? portsOf(loaded.config) : []
    return exitWithCheck({ ok: loaded.ok, problems, chains, ports })
  }
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const { config } = loaded
  const reread = () => loadConfig(file, process.env)
  const gateway = await startOnPorts(file, portsOf(config), () =>
    start(file, () => startGateway(config, reread)),
  )
  process.on('SIGHUP', () => {
    gateway.reload({ dryRun: false }).catch((error: unknown) => {
      process.stderr.write(`The configuration could not be reloaded: ${error}\n`)
    })
  })
  stopOnSignals((signal) => gateway.stop(signal))
}

function start(file: string, begin: () => Gateway): Gateway {
  try {
    return begin()
  } catch (error) {
    if (error instanceof UnusableDirectory) return exitWith(2, `${file}: ${error.message}`)
    throw error
  }
}

function portsOf({ listen, admin }: GatewayConfig): Listening[] {
  return [
    { setting: 'listen.port', ...listen },
    { setting: 'admin.port', ...admin },
  ]
}

await runProgram(main)
