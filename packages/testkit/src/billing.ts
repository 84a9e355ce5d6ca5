import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { Document } from 'yaml'
import { freePort } from './ports.ts'

const program = resolve(import.meta.dir, '../../../services/billing/src/main.ts')
const readyTimeoutMsDefault = 30_000

export type BillingOptions = {
  /** As in the service's configuration file; where it listens and what gateways bear is filled in. */
  config: object
  port?: number | undefined
  /** What gateways bear; made up by default. */
  credential?: string | undefined
  /** Where the configuration is written; a temporary file that goes with the service by default. */
  configFile?: string | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** Told of the process as soon as it runs. */
  onStart?: ((child: Child) => void) | undefined
}

/** The billing service in a process of its own. */
export type BillingProcess = Child & {
  readonly url: string
  readonly credential: string
  readonly configFile: string
}

export async function startBillingProcess(options: BillingOptions): Promise<BillingProcess> {
  const { readyTimeoutMs: timeoutMs = readyTimeoutMsDefault, signal } = options
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const credential =
    options.credential ?? Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
  await using cleanup = new AsyncDisposableStack()
  const configFile = options.configFile ?? (await temporaryFile(cleanup))
  const config = new Document({
    listen: { port },
    gatewayCredentials: [credential],
    ...options.config,
  })
  await mkdir(dirname(configFile), { recursive: true })
  await writeFile(configFile, config.toString(), { mode: 0o600 })
  const child = cleanup.use(
    await startChild({
      name: 'the billing service',
      command: process.execPath,
      args: ['--no-install', program, '--config', configFile],
    }),
  )
  options.onStart?.(child)
  await untilReady(child, {
    ...{ timeoutMs, signal },
    check: async (checkSignal) => (await fetch(`${url}/ready`, { signal: checkSignal })).ok,
  })
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return { ...child, ...{ url, credential, configFile, stop }, [Symbol.asyncDispose]: stop }
}

async function temporaryFile(cleanup: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-billing-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'billing.yaml')
}
