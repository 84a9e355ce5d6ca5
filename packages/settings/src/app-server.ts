/** What applications of services are, as far as a server needs them. */
type ServedApp = {
  fetch(request: Request, bindings: { address: string }): Response | Promise<Response>
}

export type AppServer = { url: string; stop(): Promise<void> }

/** Longer than the longest poll: an answer has to begin by then. */
const idleSeconds = 60
/** How long requests that have begun may take to end when the service stops. */
const stopTimeoutMs = 3_000

export type ServerOptions = {
  host: string
  port: number
  /** A larger body is not even begun to be read; the application takes far less and says so itself. */
  bodyBytesMax: number
  /** The answer to what the application could not answer. */
  broken: { contentType: string; body: string }
}

/** Throws when the port is taken. */
export function startServer(
  app: ServedApp,
  { host, port, bodyBytesMax, broken }: ServerOptions,
): AppServer {
  const server = Bun.serve({
    hostname: host,
    port,
    // Left out, two processes may share one port without either being told.
    reusePort: false,
    // Otherwise an error is shown to whoever caused it, with its source.
    development: false,
    idleTimeout: idleSeconds,
    maxRequestBodySize: bodyBytesMax,
    fetch: (request, self) =>
      app.fetch(request, { address: self.requestIP(request)?.address ?? '' }),
    error: () =>
      new Response(broken.body, {
        status: 500,
        headers: { 'content-type': broken.contentType, 'cache-control': 'no-store' },
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
