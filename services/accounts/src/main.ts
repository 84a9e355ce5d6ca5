import { parseArgs } from 'node:util'
import { loadSettings } from '@mooring/settings/load'
import { problemsText } from '@mooring/settings/problems'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { startAccounts } from './accounts.ts'
import { configSchema } from './config.ts'

const usage = `accounts --config FILE          serve
accounts --check --config FILE  say whether FILE is right, as one JSON object`

/** Exit codes: 0 stopped as asked, 1 could not run, 2 wrong arguments or configuration. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  if (values.config === undefined) return exit(2, usage)
  const loaded = await loadSettings(configSchema, values.config, process.env)
  if (values.check) {
    const problems = loaded.ok ? [] : loaded.problems
    process.stdout.write(`${JSON.stringify({ ok: loaded.ok, problems })}\n`)
    process.exit(loaded.ok ? 0 : 2)
  }
  if (!loaded.ok) return exit(2, problemsText(values.config, loaded.problems))
  const config = loaded.settings
  const logger = createLogger('accounts', config.logLevel)
  const accounts = await startAccounts(config, { clock: systemClock, logger })
  stopOnSignals(async (signal) => {
    await accounts.stop(signal)
    process.exit(0)
  })
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
