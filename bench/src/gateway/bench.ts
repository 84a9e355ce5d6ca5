import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Child } from '@mooring/store/embedded/child'
import { freePort } from '@mooring/testkit/ports'
import type { MeasureContext } from '../harness/measurement.ts'
import { requirePrograms, requireTwoCores } from '../harness/required-programs.ts'
import { BlockNumbers } from '../load/block-numbers.ts'
import { type PinnedGateway, startPinnedGateway } from '../servers/gateway.ts'
import { startHaproxy } from '../servers/haproxy.ts'
import { bunCommand, startPinned } from '../servers/pinned-server.ts'
import type { TargetName } from './cases.ts'

/** Where the server under test runs, with nothing else of ours. */
export const targetCore = 0
/** Where the load and the upstream run. */
export const loadCore = 1

/** Signed by itself for 127.0.0.1; the tests of the gateway's client use it too. */
const fixtures = resolve(import.meta.dir, '../../../packages/http-client/src/fixtures')
const cert = join(fixtures, 'localhost-cert.pem')
const key = join(fixtures, 'localhost-key.pem')

/** One server, which may be several processes. */
export type Target = { children: readonly Child[]; url: string }

/** What every part of the benchmark works with. */
export type Bench = AsyncDisposable &
  MeasureContext & {
    upstream: Child
    upstreamUrl: string
    upstreamTlsUrl: string
    /** For configurations; gone when the benchmark ends. */
    folder: string
    numbers: BlockNumbers
  }

/** Starts the upstream that all servers stand before. */
export async function openBench(context: MeasureContext): Promise<Bench> {
  const { signal } = context
  await requirePrograms(['taskset', 'wrk', 'haproxy'], context)
  await requireTwoCores(signal)
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const [port, tlsPort] = [await freePort(), await freePort()]
  const args = ['--port', String(port), '--tls-port', String(tlsPort), '--cert', cert, '--key', key]
  const command = bunCommand('static-upstream.ts', args)
  const url = `http://127.0.0.1:${port}/local_one`
  const upstream = stack.use(
    await startPinned({ name: 'the static upstream', command, url }, { core: loadCore, signal }),
  )
  const owned = stack.move()
  return {
    ...context,
    upstream,
    upstreamUrl: url,
    upstreamTlsUrl: `https://127.0.0.1:${tlsPort}/local_one`,
    folder,
    numbers: new BlockNumbers(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Starts one of the servers before the upstream. */
export const startTarget: Record<TargetName, (bench: Bench) => Promise<Target>> = {
  async haproxy({ folder, upstreamUrl, signal }) {
    const port = await freePort()
    const upstreamPort = Number(new URL(upstreamUrl).port)
    const child = await startHaproxy({ port, upstreamPort, folder }, { core: targetCore, signal })
    return { children: [child], url: `http://127.0.0.1:${port}/local_one` }
  },
  async fetchProxy({ upstreamUrl, signal }) {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/local_one`
    const args = ['--port', String(port), '--upstream', upstreamUrl]
    const command = bunCommand('fetch-proxy.ts', args)
    const server = { name: 'the proxy with fetch', command, url }
    return { children: [await startPinned(server, { core: targetCore, signal })], url }
  },
  async gateway({ upstreamUrl, folder, signal }) {
    return targetOf(await startPinnedGateway({ upstreamUrl, folder }, { core: targetCore, signal }))
  },
  async gatewayTls({ upstreamTlsUrl: upstreamUrl, folder, signal }) {
    const options = { upstreamUrl, folder, ca: cert }
    return targetOf(await startPinnedGateway(options, { core: targetCore, signal }))
  },
  async gatewayPair({ upstreamUrl, folder, signal }) {
    const options = { upstreamUrl, folder, sharedPort: await freePort() }
    const context = { core: targetCore, signal }
    await using stack = new AsyncDisposableStack()
    const one = stack.use((await startPinnedGateway(options, context)).child)
    const { child: other, url } = await startPinnedGateway(options, context)
    stack.move()
    return { children: [one, other], url }
  },
}

function targetOf({ child, url }: PinnedGateway): Target {
  return { children: [child], url }
}
