import { mkdtemp, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Child } from '@mooring/store/embedded/child'
import { untilReady } from '@mooring/store/embedded/readiness'
import { freePort } from '@mooring/testkit/ports'
import { type ServerContext, startPinned } from './pinned-server.ts'

const gatewayProgram = resolve(import.meta.dir, '../../../services/gateway/src/main.ts')
/** High enough that the limits are counted and never met. */
const requestsPerSecond = 1_000_000_000
const inFlightMax = 8_192
/** As many as the open loop has connections: while code is compiled, requests wait and none is refused. */
const inFlightAtNodeMax = 1_024
const readyTimeoutMs = 20_000

export type PinnedGateway = { child: Child; url: string; adminUrl: string }

/**
 * Starts a gateway as an operator would, before three providers that are the same upstream: everything a
 * request goes through is at work, the choice too; or as `config` says.
 *
 * @param ca - File with the certificate of the upstream, when it has one of its own.
 * @param bunFlags - What Bun itself is told, such as to write a profile.
 */
export async function startPinnedGateway(
  options: {
    folder: string
    ca?: string | undefined
    bunFlags?: readonly string[] | undefined
    /** A port that other gateways listen on too. */
    sharedPort?: number | undefined
  } & ({ upstreamUrl: string } | { config: object }),
  context: ServerContext,
): Promise<PinnedGateway> {
  const { ca, bunFlags = [], sharedPort } = options
  const [port, adminPort] = [sharedPort ?? (await freePort()), await freePort()]
  const file = join(await mkdtemp(join(options.folder, 'gateway-')), 'gateway.yaml')
  const config = 'config' in options ? options.config : configOf(options.upstreamUrl)
  const listen = { port, shared: sharedPort !== undefined }
  // JSON, which is YAML too.
  await writeFile(file, JSON.stringify({ listen, admin: { port: adminPort }, ...config }))
  const url = `http://127.0.0.1:${port}/local_one`
  const environment = ca === undefined ? [] : ['env', `NODE_EXTRA_CA_CERTS=${ca}`]
  const bun = [process.execPath, '--no-install', ...bunFlags]
  const command = [...environment, ...bun, gatewayProgram, '--config', file]
  const adminUrl = `http://127.0.0.1:${adminPort}`
  await using stack = new AsyncDisposableStack()
  const child = stack.use(await startPinned({ name: 'the gateway', command, url }, context))
  // An answer on a port that is shared may be that of another one.
  const check = async () => (await fetch(`${adminUrl}/ready`)).ok
  await untilReady(child, { timeoutMs: readyTimeoutMs, signal: context.signal, check })
  stack.move()
  return { child, url, adminUrl }
}

function configOf(upstreamUrl: string): object {
  const upstreams = ['alpha', 'bravo', 'charlie'].map((provider) => ({
    provider,
    name: 'one',
    // An address may stand once only, and the upstream takes any path.
    url: `${upstreamUrl}/${provider}`,
    type: 'archive',
    inFlightMax: inFlightAtNodeMax,
  }))
  const limits = { batchMax: 1_000, inFlightMax }
  const community = { requestsPerSecond, burstRequests: requestsPerSecond, ...limits }
  return { tiers: { community }, chains: { local_one: { upstreams } } }
}
