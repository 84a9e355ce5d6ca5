import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { Document } from 'yaml'
import { freePort } from './ports.ts'

const readyTimeoutMsDefault = 30_000
const stopTimeoutMs = 15_000
const gatewayProgram = resolve(import.meta.dir, '../../../services/gateway/src/main.ts')

export type GatewayOptions = {
  /** As in a gateway's configuration file; `listen` and `admin` are filled in. */
  config: object
  port?: number | undefined
  adminPort?: number | undefined
  /** Where the configuration is written; a temporary file that goes with the gateway by default. */
  configFile?: string | undefined
  /** Stands at the head of the configuration file. */
  comment?: string | undefined
  /** `ready`: every chain has an upstream fit to serve. `health`: it answers at all. */
  waitFor?: 'ready' | 'health' | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** Told of the process as soon as it runs. */
  onStart?: ((child: Child) => void) | undefined
}

/** A gateway in a process of its own. */
export type GatewayProcess = Child & {
  readonly url: string
  readonly adminUrl: string
  readonly configFile: string
  /** The last it wrote: its log. */
  output(): string
}

export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const { readyTimeoutMs = readyTimeoutMsDefault, waitFor = 'ready', signal } = options
  const port = options.port ?? (await freePort())
  const adminPort = options.adminPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const adminUrl = `http://127.0.0.1:${adminPort}`
  await using cleanup = new AsyncDisposableStack()
  const configFile = options.configFile ?? (await temporaryFile(cleanup))
  await writeConfig(configFile, options, { port, adminPort })
  const child = cleanup.use(
    await startChild({
      name: 'the gateway',
      command: process.execPath,
      args: ['--no-install', gatewayProgram, '--config', configFile],
      env: options.env,
      stopTimeoutMs,
    }),
  )
  options.onStart?.(child)
  await untilReady(child, {
    timeoutMs: readyTimeoutMs,
    signal,
    check: async (checkSignal) => {
      const response = await fetch(`${adminUrl}/${waitFor}`, { signal: checkSignal })
      // The gateway writes this.
      const { chains = {} } = (await response.json()) as { chains?: Record<string, boolean> }
      return response.ok && Object.values(chains).every(Boolean)
    },
  })
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return {
    ...child,
    url,
    adminUrl,
    configFile,
    output: child.tail,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function temporaryFile(cleanup: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-gateway-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'gateway.yaml')
}

async function writeConfig(
  file: string,
  { config, comment }: GatewayOptions,
  ports: { port: number; adminPort: number },
): Promise<void> {
  const document = new Document(
    { listen: { port: ports.port }, admin: { port: ports.adminPort }, ...config },
    { aliasDuplicateObjects: false },
  )
  if (comment !== undefined) document.commentBefore = comment
  await mkdir(dirname(file), { recursive: true })
  // It may hold keys and credentials.
  await writeFile(file, document.toString(), { mode: 0o600 })
}
