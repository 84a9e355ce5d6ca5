import type { Clock } from '@mooring/telemetry/clock'
import type { GatewayConfig } from '../config.ts'
import type { Events } from '../events.ts'
import type { Edge } from './edge.ts'

/** A body must arrive, and an idle connection speak, within this. */
const idleSeconds = 20
/** Longer than the longest deadline of a request, so that the server never cuts an answer off. */
const answerSeconds = 150
/**
 * No limit of the server's own, whose refusal is an empty page: the edge limits bodies before and while
 * it reads them, and what it does not read is dropped without being kept.
 */
const serverBodyBytesMax = 2 ** 40

export type HttpServer = {
  url: string
  /** Takes no new requests, waits for running ones, then cuts off. Resolves to how many were cut. */
  stop(graceMs: number, clock: Clock): Promise<number>
}

export function startPublicServer(config: GatewayConfig, edge: Edge, events: Events): HttpServer {
  const { host: hostname, port } = config.listen
  const server = Bun.serve({
    hostname,
    port,
    // Said outright: left out, two processes may share one port without either being told.
    reusePort: false,
    development: false,
    idleTimeout: idleSeconds,
    maxRequestBodySize: serverBodyBytesMax,
    fetch(request, server) {
      const peer = server.requestIP(request)?.address ?? 'unknown'
      return edge.handle(request, {
        peer,
        bodyRead: () => server.timeout(request, answerSeconds),
      })
    },
    error(error) {
      events.broke(error, 'none')
      return new Response('internal error', { status: 500 })
    },
  })
  return {
    url: urlOf(hostname, server.port),
    stop: (...how) => stop(server, () => edge.inFlight, ...how),
  }
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
  return { url: urlOf(hostname, server.port), stop: (...how) => stop(server, () => 0, ...how) }
}

async function stop(
  server: Bun.Server<undefined>,
  inFlight: () => number,
  graceMs: number,
  clock: Clock,
): Promise<number> {
  const waiting = new AbortController()
  await Promise.race([server.stop(), clock.sleep(graceMs, waiting.signal)])
  waiting.abort()
  const unfinished = inFlight()
  await server.stop(true)
  return unfinished
}

function urlOf(hostname: string, port: number | undefined): string {
  const host = hostname === '0.0.0.0' || hostname === '::' ? 'localhost' : hostname
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
