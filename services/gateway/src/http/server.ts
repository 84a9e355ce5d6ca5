import type { Outbox } from '@mooring/http-client/outbox'
import type { Clock } from '@mooring/telemetry/clock'
import type { GatewayConfig } from '../config.ts'
import { type ConnectionContext, ConsumerConnection } from './consumer-connection.ts'
import type { Edge } from './edge.ts'
import { UnsentAnswers } from './unsent-answers.ts'

/** How often connections are looked through for those that take too long. */
const sweepMs = 1_000

export type HttpServer = {
  url: string
  /** Takes no new requests, waits for running ones, then cuts off. Resolves to how many were cut. */
  stop(graceMs: number, clock: Clock): Promise<number>
}

/**
 * Serves consumers over sockets of our own making. Measured on one core, an answer that is known costs
 * half of what it does by `Bun.serve`, which leaves room for everything that is done for a request.
 */
export function startPublicServer(
  config: GatewayConfig,
  { edge, outbox, clock }: { edge: Edge; outbox: Outbox; clock: Clock },
): HttpServer {
  const { host: hostname, port, shared } = config.listen
  // Said outright: left out, two processes may share one port without either being told.
  const address = { hostname, port, reusePort: shared }
  const connections = new Set<ConsumerConnection>()
  const stopping = new AbortController()
  const context: ConnectionContext = {
    edge,
    outbox,
    scratch: Buffer.allocUnsafe(scratchBytes),
    unsent: new UnsentAnswers(),
    nowMs: 0,
    date: '',
  }
  tell(context, clock)
  const listener = Bun.listen<ConsumerConnection>({
    ...address,
    // Who has said all it had to say still wants to hear the answer.
    allowHalfOpen: true,
    socket: {
      open(socket) {
        socket.data = new ConsumerConnection(socket, context)
        connections.add(socket.data)
      },
      data: (socket, bytes) => socket.data.received(bytes),
      drain: (socket) => socket.data.drained(),
      end: (socket) => socket.data.ended(),
      close(socket) {
        socket.data.closed()
        connections.delete(socket.data)
      },
      error: (socket) => void socket.terminate(),
    },
  })
  void sweep(connections, context, { clock, signal: stopping.signal })
  return {
    url: urlOf(hostname, listener.port),
    async stop(graceMs) {
      listener.stop()
      const endMs = clock.nowMs() + graceMs
      while (connections.size > 0 && clock.nowMs() < endMs) {
        for (const connection of connections) connection.retire()
        await clock.sleep(stopPaceMs)
      }
      const unfinished = edge.inFlight
      stopping.abort()
      listener.stop(true)
      return unfinished
    },
  }
}

/** Longer answers than this are seldom, and put together in memory of their own. */
const scratchBytes = 262_144

/** While stopping, connections that come to rest are closed at this pace. */
const stopPaceMs = 10

async function sweep(
  connections: ReadonlySet<ConsumerConnection>,
  context: ConnectionContext,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(sweepMs, signal)
    tell(context, clock)
    for (const connection of connections) connection.expire()
  }
}

/** Tells all connections what time it is. */
function tell(context: ConnectionContext, clock: Clock): void {
  context.nowMs = clock.nowMs()
  context.date = new Date(clock.wallMs()).toUTCString()
}

export function startAdminServer(
  { host: hostname, port }: { host: string; port: number },
  handle: (request: Request) => Promise<Response>,
): HttpServer {
  const server = Bun.serve({
    hostname,
    port,
    reusePort: false,
    development: false,
    fetch: handle,
    error: () => new Response('internal error', { status: 500 }),
  })
  return {
    url: urlOf(hostname, server.port),
    async stop(graceMs, clock) {
      const waiting = new AbortController()
      await Promise.race([server.stop(), clock.sleep(graceMs, waiting.signal)])
      waiting.abort()
      await server.stop(true)
      return 0
    },
  }
}

function urlOf(hostname: string, port: number | undefined): string {
  const host = hostname === '0.0.0.0' || hostname === '::' ? 'localhost' : hostname
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
