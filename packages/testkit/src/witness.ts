import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { Document } from 'yaml'
import { freePort } from './ports.ts'

const program = resolve(import.meta.dir, '../../../services/billing/src/witness/main.ts')
const readyTimeoutMs = 30_000

export type WitnessOptions = {
  /** To start one again that gateways know. */
  port?: number
  credential?: string
  /** Where copies are kept; a temporary folder that goes with the witness by default. */
  directory?: string
  /** More of its configuration. */
  config?: object
}

/** A witness in a process of its own. */
export type WitnessProcess = Child & {
  readonly url: string
  readonly credential: string
  readonly directory: string
  /** What is sent to it. */
  ask(path: string, init?: RequestInit): Promise<Response>
}

export async function startWitnessProcess(options: WitnessOptions = {}): Promise<WitnessProcess> {
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const credential =
    options.credential ?? Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-witness-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const directory = options.directory ?? join(folder, 'copies')
  await mkdir(directory, { recursive: true })
  const file = join(folder, 'witness.yaml')
  const config = { listen: { port }, credentials: [credential], directory, ...options.config }
  await writeFile(file, new Document(config).toString(), { mode: 0o600 })
  const child = cleanup.use(
    await startChild({
      name: 'the witness',
      command: process.execPath,
      args: ['--no-install', program, '--config', file],
    }),
  )
  await untilReady(child, {
    timeoutMs: readyTimeoutMs,
    check: async (signal) => (await fetch(`${url}/health`, { signal })).ok,
  })
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${credential}` } })
  return { ...child, url, credential, directory, ask, stop, [Symbol.asyncDispose]: stop }
}
