import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Deployment, formatDeployment } from '@mooring/onchain/deployment'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import type { Address } from 'viem'
import { Document } from 'yaml'
import { membersOf, privateKeyOf, thresholdEach } from './economy/people.ts'
import { freePort } from './ports.ts'

const program = resolve(import.meta.dir, '../../../services/verifier/src/main.ts')
const readyTimeoutMsDefault = 30_000

export type VerifiersOptions = {
  deployment: Deployment
  /** Nodes of the chain of the contracts that each verifier asks, by its place; at least two. */
  sourcesOf: (at: number) => readonly string[]
  /** Holds a folder for each verifier, with what it keeps and its configuration. */
  folder: string
  /** As in a verifier's configuration file; the rest is filled in. */
  settings?: object | undefined
  readyTimeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  onStart?: ((child: Child) => void) | undefined
}

export type VerifierProcess = Child & {
  readonly url: string
  readonly adminUrl: string
  readonly address: Address
  readonly configFile: string
}

/** The verifiers of a local economy, each in a process of its own, with their key made. */
export type Verifiers = AsyncDisposable & {
  readonly processes: readonly VerifierProcess[]
  readonly threshold: number
}

export async function startVerifiers(options: VerifiersOptions): Promise<Verifiers> {
  const { deployment, folder, readyTimeoutMs = readyTimeoutMsDefault, signal } = options
  const members = membersOf('verifier')
  const seats = await Promise.all(
    members.map(async (member) => ({
      member,
      port: await freePort(),
      adminPort: await freePort(),
      folder: join(folder, member.address),
    })),
  )
  const peersOf = (own: Address) =>
    seats.flatMap(({ member: { address }, port }) =>
      address === own ? [] : [{ address, url: `http://127.0.0.1:${port}` }],
    )
  await using stack = new AsyncDisposableStack()
  const processes: VerifierProcess[] = []
  for (const [at, { member, port, adminPort, folder: own }] of seats.entries()) {
    signal?.throwIfAborted()
    await mkdir(own, { recursive: true })
    const file = join(own, 'verifier.yaml')
    const deploymentFile = join(own, 'deployment.json')
    await writeFile(deploymentFile, formatDeployment(deployment))
    const config = {
      ...{ listen: { port }, admin: { port: adminPort } },
      dataFolder: join(own, 'data'),
      signerKey: privateKeyOf(member),
      deployment: deploymentFile,
      sources: [...options.sourcesOf(at)],
      peers: peersOf(member.address),
      ...options.settings,
    }
    await writeFile(file, new Document(config).toString(), { mode: 0o600 })
    const urlOf = (chosen: number) => `http://127.0.0.1:${chosen}`
    const urls = { url: urlOf(port), adminUrl: urlOf(adminPort) }
    const seat = { ...urls, address: member.address, configFile: file }
    const started = stack.use(await startProgram(seat))
    options.onStart?.(started)
    processes.push(started)
  }
  await Promise.all(processes.map((one) => untilAnswering(one, { readyTimeoutMs, signal })))
  const owned = stack.move()
  return { processes, threshold: thresholdEach, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Starts one again that has ended, where it was. */
export async function startVerifierAgain(
  before: Seat,
  { readyTimeoutMs = readyTimeoutMsDefault, signal }: Patience = {},
): Promise<VerifierProcess> {
  const { url, adminUrl, address, configFile } = before
  await using cleanup = new AsyncDisposableStack()
  const started = cleanup.use(await startProgram({ url, adminUrl, address, configFile }))
  await untilAnswering(started, { readyTimeoutMs, signal })
  cleanup.move()
  return started
}

type Seat = Pick<VerifierProcess, 'url' | 'adminUrl' | 'address' | 'configFile'>
type Patience = { readyTimeoutMs?: number; signal?: AbortSignal | undefined }

async function startProgram(seat: Seat): Promise<VerifierProcess> {
  const child = await startChild({
    name: `verifier ${seat.address}`,
    command: process.execPath,
    args: ['--no-install', program, '--config', seat.configFile],
  })
  return { ...child, ...seat }
}

async function untilAnswering(
  one: VerifierProcess,
  { readyTimeoutMs: timeoutMs = readyTimeoutMsDefault, signal }: Patience,
): Promise<void> {
  await untilReady(one, {
    ...{ timeoutMs, signal },
    check: async (checkSignal) => (await fetch(`${one.url}/ready`, { signal: checkSignal })).ok,
  })
}
