/** What hono's applications are, as far as a server needs them. */
type ServedApp = {
  fetch(request: Request, bindings: { address: string }): Response | Promise<Response>
}

export type AppServer = { url: string; stop(): Promise<void> }

/** Longer than the longest poll: an answer has to begin by then. */
const idleSeconds = 60
const bodyBytesMax = 17 * 1_048_576
/** How long requests that have begun may take to end when the service stops. */
const stopTimeoutMs = 3_000
const broken = '{"error":"something broke here: try again"}'

/** Throws when the port is taken. */
export function startServer(
  app: ServedApp,
  { host, port }: { host: string; port: number },
): AppServer {
  const server = Bun.serve({
    hostname: host,
    port,
    // Left out, two processes may share one port without either being told.
    reusePort: false,
    // Otherwise an error is shown to whoever caused it, with its source.
    development: false,
    idleTimeout: idleSeconds,
    // The application takes far less and says so with a problem; what is larger yet is not even begun to be read.
    maxRequestBodySize: bodyBytesMax,
    fetch: (request, self) =>
      app.fetch(request, { address: self.requestIP(request)?.address ?? '' }),
    error: () =>
      new Response(broken, {
        status: 500,
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      }),
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    async stop() {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, stopTimeoutMs)
      await Promise.race([server.stop(), late])
      clearTimeout(timer)
      await server.stop(true)
    },
  }
}
