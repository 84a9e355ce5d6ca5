/** What a scripted upstream does with one request. */
export type ScriptedReply =
  | { result: unknown }
  | { error: { code: number; message: string; data?: unknown } }
  /** A whole HTTP answer of its own, in which `"id":1` stands for the id of the request. */
  | { status: number; body: string; headers?: Record<string, string> }
  /** Never answers. */
  | 'stall'

export type ScriptedRequest = { method: string; params: readonly unknown[] }

export type Script = (request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply>

export type ScriptedUpstream = AsyncDisposable & {
  url: string
  /** Every request received, in order. */
  requests: ScriptedRequest[]
  /** Changes what it does from now on. */
  follow(script: Script): void
}

/** A JSON-RPC server on loopback that does what a test tells it, request by request. */
export function startScriptedUpstream(script: Script): ScriptedUpstream {
  let current = script
  const requests: ScriptedRequest[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    idleTimeout: 0,
    async fetch(request) {
      // Only gateways under test send to it, and they send JSON-RPC objects.
      const { id, method, params } = (await request.json()) as ScriptedRequest & { id: number }
      requests.push({ method, params })
      const reply = await current({ method, params })
      if (reply === 'stall') return await new Promise<Response>(() => {})
      if ('status' in reply) {
        const body = reply.body.replace('"id":1,', `"id":${id},`)
        return new Response(body, { status: reply.status, headers: reply.headers ?? {} })
      }
      return Response.json({ jsonrpc: '2.0', id, ...reply })
    },
    error: () => new Response('script failed', { status: 500 }),
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    follow(script) {
      current = script
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
}

/**
 * A script that answers what a gateway asks to trust an upstream, and leaves the rest to another script.
 *
 * @param head - Called for each height query.
 */
export function healthy(options: { chainId: number; head: () => number; rest: Script }): Script {
  const { chainId, head, rest } = options
  return (request) => {
    switch (request.method) {
      case 'eth_chainId':
        return { result: `0x${chainId.toString(16)}` }
      case 'eth_blockNumber':
        return { result: `0x${head().toString(16)}` }
      case 'eth_getBlockByNumber':
        if (request.params[0] === 'latest')
          return { result: { number: `0x${head().toString(16)}` } }
        return rest(request)
      default:
        return rest(request)
    }
  }
}
