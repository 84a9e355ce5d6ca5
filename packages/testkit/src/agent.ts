import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { Keystore } from 'ox'
import type { Hex } from 'viem'
import { Document } from 'yaml'
import { freePort } from './ports.ts'

const program = resolve(import.meta.dir, '../../../services/agent/src/main.ts')
const readyTimeoutMs = 30_000
/** Few, for the password of a test is known. */
const iterations = 1_000

export type AgentOptions = {
  nodeId: string
  /** What the node signs with. */
  privateKey: Hex
  deployment: Deployment
  /** Of the chain of the contracts. */
  rpc: string
  /** As in an agent's configuration. */
  chains: object
  /** To start one again that gateways know. */
  port?: number | undefined
  /** Where receipts are kept; a temporary folder that goes with the agent by default. */
  directory?: string | undefined
  /** More of its configuration. */
  config?: object | undefined
  /** The command that runs it, in front of the program; such as one that keeps it to a processor. */
  command?: readonly string[] | undefined
}

/** An agent in a process of its own. */
export type AgentProcess = Child & {
  readonly url: string
  readonly adminUrl: string
  readonly port: number
  readonly directory: string
  /** The last it wrote: its log. */
  output(): string
}

export async function startAgentProcess(options: AgentOptions): Promise<AgentProcess> {
  const port = options.port ?? (await freePort())
  const adminPort = await freePort()
  const [url, adminUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${adminPort}`]
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-agent-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const directory = options.directory ?? join(folder, 'receipts')
  await mkdir(directory, { recursive: true })
  const { nodeId, rpc, chains } = options
  const config = {
    ...{ listen: { port }, admin: { port: adminPort }, nodeId, rpc, chains, directory },
    key: await writeKey(folder, options.privateKey),
    deployment: join(folder, 'deployment.json'),
    chainPollMs: 100,
    ...options.config,
  }
  await writeFile(config.deployment, JSON.stringify(options.deployment))
  const file = join(folder, 'agent.yaml')
  await writeFile(file, new Document(config).toString(), { mode: 0o600 })
  const [command, ...before] = [...(options.command ?? []), process.execPath]
  const child = cleanup.use(
    await startChild({
      name: 'the agent',
      // There is always this program itself.
      command: command!,
      args: [...before, '--no-install', program, '--config', file],
    }),
  )
  await untilReady(child, {
    timeoutMs: readyTimeoutMs,
    check: async (signal) => (await fetch(`${adminUrl}/ready`, { signal })).ok,
  })
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  const facts = { url, adminUrl, port, directory, output: child.tail }
  return { ...child, ...facts, stop, [Symbol.asyncDispose]: stop }
}

/** A keystore in a folder, and what opens it. */
export async function writeKey(
  folder: string,
  privateKey: Hex,
): Promise<{ file: string; password: string }> {
  const password = crypto.randomUUID()
  const [key, options] = Keystore.pbkdf2({ password, iterations })
  const file = join(folder, `key-${crypto.randomUUID()}.json`)
  await writeFile(file, JSON.stringify(Keystore.encrypt(privateKey, key, options)), { mode: 0o600 })
  return { file, password }
}
