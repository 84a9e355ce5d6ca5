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
    const child = stack.use(
      await startChild({
        name: `verifier ${member.address}`,
        command: process.execPath,
        args: ['--no-install', program, '--config', file],
      }),
    )
    options.onStart?.(child)
    const urlOf = (chosen: number) => `http://127.0.0.1:${chosen}`
    const urls = { url: urlOf(port), adminUrl: urlOf(adminPort) }
    processes.push({ ...child, ...urls, address: member.address })
  }
  await Promise.all(
    processes.map((one) =>
      untilReady(one, {
        ...{ timeoutMs: readyTimeoutMs, signal },
        check: async (checkSignal) => (await fetch(`${one.url}/ready`, { signal: checkSignal })).ok,
      }),
    ),
  )
  const owned = stack.move()
  return { processes, threshold: thresholdEach, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
