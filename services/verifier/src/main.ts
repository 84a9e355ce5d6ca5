import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
import { loadSettings } from '@mooring/settings/load'
import { problemsText } from '@mooring/settings/problems'
import { exitWith, runProgram, stopOnSignals } from '@mooring/settings/program'
import { configSchema } from './config.ts'
import { endKey } from './end-key.ts'
import { startVerifier } from './verifier.ts'

const usage = `verifier --config FILE          verify deposits and sign tokens with the others
verifier --check --config FILE  say whether FILE is right, as one JSON object
verifier end-key [KID] --config FILE
                                have the one that runs vote for a key of the group, or all, to end at once and for good`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { config: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  const file = values.config
  const [verb, kid, ...rest] = positionals
  const isKnown = verb === undefined || (verb === 'end-key' && !values.check && rest.length === 0)
  if (file === undefined || !isKnown) return exitWith(2, usage)
  const loaded = await loadSettings(configSchema, file, process.env)
  if (values.check) {
    const problems = loaded.ok ? [] : loaded.problems
    process.stdout.write(`${JSON.stringify({ ok: loaded.ok, problems })}\n`)
    process.exit(loaded.ok ? 0 : 2)
  }
  if (!loaded.ok) return exitWith(2, problemsText(file, loaded.problems))
  const { settings } = loaded
  if (verb === 'end-key') return endKey(settings, kid)
  const deployment = await loadDeployment(settings.deployment)
  const verifier = await startVerifier(settings, deployment).catch((error: unknown) => {
    if (Object(error).code !== 'EADDRINUSE') throw error
    const ports = `${settings.listen.port} (listen.port) or ${settings.admin.port} (admin.port)`
    return exitWith(
      2,
      `${file}: port ${ports} is taken by another program: stop it, or set another`,
    )
  })
  stopOnSignals((signal) => verifier.stop(signal))
}

async function loadDeployment(file: string): Promise<Deployment> {
  try {
    return parseDeployment(await readFile(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return exitWith(2, `deployment: ${file} is no deployment: ${reason}`)
  }
}

await runProgram(main)
