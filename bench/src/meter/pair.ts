import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from '@mooring/store/embedded/child'
import type { Customer } from '@mooring/testkit/economy/customers'
import type { World } from '../billing/world.ts'
import { loadCore, targetCore } from '../gateway/bench.ts'
import { cpuSecondsOf } from '../harness/cpu-time.ts'
import { BlockNumbers } from '../load/block-numbers.ts'
import { type Asks, runWrk } from '../load/wrk.ts'
import { startPinnedGateway } from '../servers/gateway.ts'

export const connections = 64
const answerBytesMin = 1_200

export const asked = {
  cached: { title: 'one request repeated, out of the cache', kind: 'repeated' },
  proxied: { title: 'another block each time, from the upstream', kind: 'light' },
} as const satisfies Record<string, { title: string; kind: Asks['kind'] }>
export type Ask = keyof typeof asked

/** One that charges nothing, and one that does. */
const hosts = ['plain', 'metered'] as const
export type Host = (typeof hosts)[number]

/** Of both. */
export type Each<T> = Record<Host, T>

export type Pair = AsyncDisposable & {
  gateways: Each<{ child: Child; folder: string }>
  /** Asks both at once for so long. @returns Microseconds of processor for each request. */
  load(seconds: number): Promise<Each<number>>
}

/**
 * Starts a gateway that charges what it answers and one that does not, both on one processor. They are under load at the
 * same time, so the system lets them take turns of a few milliseconds: whatever disturbs the machine disturbs both.
 */
export async function startPair(
  world: World,
  customers: readonly Customer[],
  options: {
    name: string
    ask: Ask
    /** What Bun itself is told, by the folder of the gateway. */
    bunFlags?: (folder: string) => readonly string[]
    signal: AbortSignal
  },
): Promise<Pair> {
  const { name, ask, bunFlags = () => [], signal } = options
  await using stack = new AsyncDisposableStack()
  const starting = async (host: Host) => {
    const folder = join(world.folder, `${name}-${host}`)
    await mkdir(folder)
    const { billing } = world.ledger
    const meter = { billing, instance: `${name}-${host}`, directory: join(folder, 'meter') }
    const config = host === 'metered' ? { ...world.gatewayConfig, meter } : world.gatewayConfig
    const started = await startPinnedGateway(
      { folder, config, bunFlags: bunFlags(folder) },
      { core: targetCore, signal },
    )
    stack.use(started.child)
    const key = customers[hosts.indexOf(host) % customers.length]?.key
    return { ...started, folder, url: `${started.url}/${key}` }
  }
  const gateways = { plain: await starting('plain'), metered: await starting('metered') }
  const numbers = new BlockNumbers()
  const asks: Asks = { kind: asked[ask].kind, requestsPerBatch: 1, connections, answerBytesMin }
  const loadOne = async ({ child, url }: { child: Child; url: string }, seconds: number) => {
    const before = await cpuSecondsOf(child.pid)
    const { requests } = await runWrk(url, asks, { seconds, core: loadCore, numbers, signal })
    return (1_000_000 * ((await cpuSecondsOf(child.pid)) - before)) / requests
  }
  const owned = stack.move()
  return {
    gateways,
    async load(seconds) {
      const [plain, metered] = await Promise.all([
        loadOne(gateways.plain, seconds),
        loadOne(gateways.metered, seconds),
      ])
      return { plain, metered }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
