/** What hono's applications are, as far as a server needs them. */
type App = { fetch(request: Request, bindings: { address: string }): Response | Promise<Response> }

export type AppServer = { url: string; stop(): Promise<void> }

const idleSeconds = 60
const bodyBytesMax = 1_048_576

/** Throws when the port is taken. */
export function startServer(app: App, { host, port }: { host: string; port: number }): AppServer {
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
    error: () => new Response('{"code":"INTERNAL"}', { status: 500 }),
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    stop: () => server.stop(true),
  }
}
