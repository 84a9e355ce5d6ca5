import { parseArgs } from 'node:util'
import { problemsText } from '@mooring/settings/problems'
import { exitWith, runProgram, stopOnSignals } from '@mooring/settings/program'
import type { GatewayConfig } from './config.ts'
import { loadConfig } from './config-file.ts'
import { type Gateway, startGateway } from './gateway.ts'

const usage = `gateway --config FILE          serve
gateway --check --config FILE  say whether FILE is right, as one JSON object`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  if (values.config === undefined) return exitWith(2, usage)
  const loaded = await loadConfig(values.config, process.env)
  if (values.check) {
    const problems = loaded.ok ? [] : loaded.problems
    const chains = loaded.ok
      ? loaded.config.chains.map(({ definition, upstreams }) => ({
          chain: definition.name,
          upstreams: upstreams.length,
        }))
      : []
    const ports = loaded.ok ? portsOf(loaded.config) : []
    process.stdout.write(`${JSON.stringify({ ok: loaded.ok, problems, chains, ports })}\n`)
    process.exit(loaded.ok ? 0 : 2)
  }
  if (!loaded.ok) return exitWith(2, problemsText(values.config, loaded.problems))
  const file = values.config
  const gateway = start(loaded.config, file)
  process.on('SIGHUP', () => {
    gateway.reload({ dryRun: false }).catch((error: unknown) => {
      process.stderr.write(`The configuration could not be reloaded: ${error}\n`)
    })
  })
  stopOnSignals((signal) => gateway.stop(signal))
}

function start(config: GatewayConfig, file: string): Gateway {
  try {
    return startGateway(config, () => loadConfig(file, process.env))
  } catch (error) {
    if (Object(error).code !== 'EADDRINUSE') throw error
    const taken = takenPorts(error, portsOf(config))
    return exitWith(2, portTaken(file, taken))
  }
}

type Listening = { setting: string; host: string; port: number }

function portsOf({ listen, admin }: GatewayConfig): Listening[] {
  return [
    { setting: 'listen.port', ...listen },
    { setting: 'admin.port', ...admin },
  ]
}

/** A socket says which port it was refused, an HTTP server says so in its message alone. */
function takenPorts(error: unknown, ports: readonly Listening[]): readonly Listening[] {
  const { port, address, message } = Object(error) as Record<string, unknown>
  const refused = Number(port ?? /\bport (\d+)/.exec(String(message))?.[1])
  const found = ports.filter((one) => one.port === refused)
  const there = found.filter(({ host }) => host === address)
  if (there.length > 0) return there
  return found.length > 0 ? found : ports.filter((one) => one.port !== 0)
}

function portTaken(file: string, taken: readonly Listening[]): string {
  const lines = taken.map(
    ({ setting, host, port }) =>
      `${file}: ${setting}: port ${port} of ${host} is taken by another program`,
  )
  return `${lines.join('\n')}\nStop that program, or set another port.`
}

await runProgram(main)
