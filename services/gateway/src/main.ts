import { parseArgs } from 'node:util'
import { problemsText } from '@mooring/settings/problems'
import type { GatewayConfig } from './config.ts'
import { loadConfig } from './config-file.ts'
import { type Gateway, startGateway } from './gateway.ts'

const usage = `gateway --config FILE          serve
gateway --check --config FILE  say whether FILE is right, as one JSON object`

/** Exit codes: 0 stopped as asked, 1 could not run, 2 wrong arguments or configuration. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  if (values.config === undefined) return exit(2, usage)
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
  if (!loaded.ok) return exit(2, problemsText(values.config, loaded.problems))
  const file = values.config
  const gateway = start(loaded.config, file)
  process.on('SIGHUP', () => {
    gateway.reload({ dryRun: false }).catch((error: unknown) => {
      process.stderr.write(`The configuration could not be reloaded: ${error}\n`)
    })
  })
  stopOnSignals(async (signal) => {
    await gateway.stop(signal)
    process.exit(0)
  })
}

function start(config: GatewayConfig, file: string): Gateway {
  try {
    return startGateway(config, () => loadConfig(file, process.env))
  } catch (error) {
    if (Object(error).code !== 'EADDRINUSE') throw error
    const taken = takenPorts(error, portsOf(config))
    return exit(2, portTaken(file, taken))
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

/** The first signal stops gracefully; a terminal and npm may both send it, so only a later one forces. */
function stopOnSignals(stop: (signal: string) => Promise<void>): void {
  const repeatMs = 300
  let firstMs: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const nowMs = performance.now()
      if (firstMs === undefined) {
        firstMs = nowMs
        void stop(signal)
      } else if (nowMs - firstMs > repeatMs) process.exit(1)
    })
  }
}

function exit(code: number, message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

try {
  await main()
} catch (error) {
  const code = (error as { code?: string }).code
  const message = error instanceof Error ? error.message : String(error)
  exit(code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1, message)
}
