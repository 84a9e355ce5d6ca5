import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Deployment, formatDeployment } from '@mooring/onchain/deployment'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import type { Hex } from 'viem'
import { Document } from 'yaml'
import { writeKey } from './agent.ts'
import { freePort } from './ports.ts'

const program = resolve(import.meta.dir, '../../../services/keeper/src/main.ts')
const readyTimeoutMsDefault = 30_000

export type KeeperOptions = {
  deployment: Deployment
  /** Of the account that pays for gas. */
  privateKey: Hex
  rpcUrl: string
  billingUrl: string
  verifiers: readonly string[]
  /** More of its configuration. */
  config?: object | undefined
  port?: number | undefined
  /** Where its configuration is written; a temporary file that goes with it by default. */
  configFile?: string | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** Told of the process as soon as it runs. */
  onStart?: ((child: Child) => void) | undefined
}

/** A keeper in a process of its own. */
export type KeeperProcess = Child & {
  /** For operators. */
  readonly url: string
}

export async function startKeeperProcess(options: KeeperOptions): Promise<KeeperProcess> {
  const { readyTimeoutMs: timeoutMs = readyTimeoutMsDefault, signal } = options
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-keeper-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const configFile = options.configFile ?? join(folder, 'keeper.yaml')
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(options.deployment))
  const { rpcUrl, billingUrl, verifiers } = options
  const config = {
    ...{ listen: { port }, deployment, rpcUrl, billingUrl, verifiers },
    key: await writeKey(folder, options.privateKey),
    ...options.config,
  }
  await mkdir(dirname(configFile), { recursive: true })
  await writeFile(configFile, new Document(config).toString(), { mode: 0o600 })
  const child = cleanup.use(
    await startChild({
      name: 'the keeper',
      command: process.execPath,
      args: ['--no-install', program, '--config', configFile],
    }),
  )
  options.onStart?.(child)
  await untilReady(child, {
    ...{ timeoutMs, signal },
    check: async (checkSignal) => (await fetch(`${url}/health`, { signal: checkSignal })).ok,
  })
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return { ...child, url, stop, [Symbol.asyncDispose]: stop }
}
