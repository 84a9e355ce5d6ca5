import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Deployment, formatDeployment } from '@mooring/onchain/deployment'
import { Document } from 'yaml'
import { type Child, startChild } from './child.ts'
import { freePort } from './ports.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { untilReady } from './readiness.ts'
import type { Verifiers } from './verifiers.ts'

const program = resolve(import.meta.dir, '../../../services/accounts/src/main.ts')
const readyTimeoutMsDefault = 30_000

export type AccountsOptions = {
  deployment: Deployment
  /** A node of the chain of the contracts. */
  rpc: string
  verifiers: Pick<Verifiers, 'processes' | 'threshold'>
  /** Holds its configuration. */
  folder: string
  /** As in its configuration file; the rest is filled in. */
  settings?: object | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  onStart?: ((child: Child) => void) | undefined
}

/** The accounts service in a process of its own, with a database that is gone when it stops. */
export type AccountsProcess = Child & {
  readonly url: string
  readonly gatewayUrl: string
  /** What gateways bear there. */
  readonly credential: string
  readonly postgres: Postgres
}

export async function startAccounts(options: AccountsOptions): Promise<AccountsProcess> {
  const { deployment, folder, signal, readyTimeoutMs = readyTimeoutMsDefault } = options
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await startPostgres({ signal }))
  options.onStart?.(postgres)
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const credential = crypto.getRandomValues(new Uint8Array(32)).toHex()
  const config = {
    ...{ listen: { port }, gatewayListen: { port: gatewayPort } },
    gatewayCredentials: [credential],
    databaseUrl: await postgres.createDatabase('accounts'),
    signIn: { chainId: deployment.chainId, rpcUrl: options.rpc },
    deposits: await depositsOf(options),
    ...options.settings,
  }
  const file = join(folder, 'accounts.yaml')
  await writeFile(file, new Document(config).toString(), { mode: 0o600 })
  const child = stack.use(
    await startChild({
      name: 'the accounts service',
      command: process.execPath,
      args: ['--no-install', program, '--config', file],
    }),
  )
  options.onStart?.(child)
  const urlOf = (chosen: number) => `http://127.0.0.1:${chosen}`
  const urls = { url: urlOf(port), gatewayUrl: urlOf(gatewayPort) }
  await untilReady(child, {
    ...{ timeoutMs: readyTimeoutMs, signal },
    check: async (checkSignal) =>
      (await fetch(`${urls.gatewayUrl}/ready`, { signal: checkSignal })).ok,
  })
  const owned = stack.move()
  const stop = () => owned.disposeAsync()
  return { ...child, ...urls, credential, postgres, stop, [Symbol.asyncDispose]: stop }
}

async function depositsOf({ deployment, verifiers, folder }: AccountsOptions): Promise<object> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'deployment.json')
  await writeFile(file, formatDeployment(deployment))
  return {
    deployment: file,
    verifiers: verifiers.processes.map(({ address, url }) => ({ address, url })),
    verifiersMin: verifiers.threshold,
    checkIntervalMs: 500,
    revocationIntervalMs: 500,
  }
}
