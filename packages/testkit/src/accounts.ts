import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { Document } from 'yaml'
import { freePort } from './ports.ts'

const program = resolve(import.meta.dir, '../../../services/accounts/src/main.ts')
const readyTimeoutMsDefault = 30_000

export type AccountsOptions = {
  /** As in the service's configuration file; where it listens and what gateways bear is filled in. */
  config: object
  port?: number | undefined
  gatewayPort?: number | undefined
  /** Where the configuration is written; a temporary file that goes with the service by default. */
  configFile?: string | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** Told of the process as soon as it runs. */
  onStart?: ((child: Child) => void) | undefined
}

/** The accounts service in a process of its own. */
export type AccountsProcess = Child & {
  readonly url: string
  /** Where gateways connect, and what they bear there. */
  readonly gatewayUrl: string
  readonly gatewayCredential: string
  readonly configFile: string
}

export async function startAccountsProcess(options: AccountsOptions): Promise<AccountsProcess> {
  const { readyTimeoutMs: timeoutMs = readyTimeoutMsDefault, signal } = options
  const port = options.port ?? (await freePort())
  const gatewayPort = options.gatewayPort ?? (await freePort())
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`
  const gatewayCredential = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
  await using cleanup = new AsyncDisposableStack()
  const configFile = options.configFile ?? (await temporaryFile(cleanup))
  const config = new Document({
    listen: { port },
    gatewayListen: { port: gatewayPort },
    gatewayCredentials: [gatewayCredential],
    ...options.config,
  })
  await mkdir(dirname(configFile), { recursive: true })
  await writeFile(configFile, config.toString(), { mode: 0o600 })
  const child = cleanup.use(
    await startChild({
      name: 'the accounts service',
      command: process.execPath,
      args: ['--no-install', program, '--config', configFile],
      env: options.env,
    }),
  )
  options.onStart?.(child)
  await untilReady(child, {
    ...{ timeoutMs, signal },
    check: async (checkSignal) => (await fetch(`${gatewayUrl}/ready`, { signal: checkSignal })).ok,
  })
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  const url = `http://127.0.0.1:${port}`
  return {
    ...child,
    ...{ url, gatewayUrl, gatewayCredential, configFile, stop },
    [Symbol.asyncDispose]: stop,
  }
}

async function temporaryFile(cleanup: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-accounts-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'accounts.yaml')
}
