import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
import { loadSettings } from '@mooring/settings/load'
import { problemsText } from '@mooring/settings/problems'
import { configSchema } from './config.ts'
import { startVerifier } from './verifier.ts'

const usage = `verifier --config FILE          verify deposits and sign tokens with the others
verifier --check --config FILE  say whether FILE is right, as one JSON object`

/** Exit codes: 0 stopped as asked, 1 could not run, 2 wrong arguments or configuration. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  const file = values.config
  if (file === undefined) return exit(2, usage)
  const loaded = await loadSettings(configSchema, file, process.env)
  if (values.check) {
    const problems = loaded.ok ? [] : loaded.problems
    process.stdout.write(`${JSON.stringify({ ok: loaded.ok, problems })}\n`)
    process.exit(loaded.ok ? 0 : 2)
  }
  if (!loaded.ok) return exit(2, problemsText(file, loaded.problems))
  const { settings } = loaded
  const deployment = await loadDeployment(settings.deployment)
  const verifier = await startVerifier(settings, deployment).catch((error: unknown) => {
    if (Object(error).code !== 'EADDRINUSE') throw error
    const ports = `${settings.listen.port} (listen.port) or ${settings.admin.port} (admin.port)`
    return exit(2, `${file}: port ${ports} is taken by another program: stop it, or set another`)
  })
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      // A terminal and npm may both send it.
      if (isStopping) return
      isStopping = true
      await verifier.stop(signal)
      process.exit(0)
    })
  }
}

async function loadDeployment(file: string): Promise<Deployment> {
  try {
    return parseDeployment(await readFile(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return exit(2, `deployment: ${file} is no deployment: ${reason}`)
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
