import { describeFaults, FaultsError, parseFaults } from './faults.ts'
import type { Front } from './front.ts'
import { listenAgain } from './listen-again.ts'

const bodyBytesMax = 16_384

/** An HTTP server that shows and changes the faults of running fronts. */
export type Steering = AsyncDisposable & { readonly url: string; stop(): Promise<void> }

export async function startSteering(options: {
  fronts: readonly Front[]
  port?: number | undefined
}): Promise<Steering> {
  const byPath = new Map(options.fronts.map((front) => [pathOf(front), front]))
  const listener = await listenAgain(
    {
      maxRequestBodySize: bodyBytesMax,
      fetch: (request) => steer(request, byPath),
      error: (error) => problem(500, error.message),
    },
    options.port,
  )
  return { url: listener.url, stop: listener.stop, [Symbol.asyncDispose]: listener.stop }
}

const help = 'GET /faults tells what each fault means and which values it takes'

async function steer(request: Request, fronts: ReadonlyMap<string, Front>): Promise<Response> {
  // A page open in a browser may post here too; curl and tests send no Origin.
  if (request.headers.has('origin')) return problem(403, 'requests of web pages are refused')
  const path = URL.parse(request.url)?.pathname ?? '/'
  const { method } = request
  if (path === '/fronts' && method === 'GET') {
    return Response.json({ help, fronts: [...fronts.values()].map(describe) })
  }
  if (path === '/faults' && method === 'GET') return Response.json({ faults: describeFaults() })
  if (path === '/fronts') return problem(405, needsNode(method, fronts))
  const front = fronts.get(path)
  if (front === undefined) return problem(404, notFound(path, fronts))
  switch (method) {
    case 'GET':
      return Response.json(describe(front))
    case 'POST':
      return change(front, await request.text())
    case 'DELETE':
      await front.reset()
      return Response.json(describe(front))
  }
  return problem(405, `${method} is not served here: use GET, POST or DELETE`)
}

async function change(front: Front, text: string): Promise<Response> {
  try {
    await front.set(parseFaults(JSON.parse(text)))
    return Response.json(describe(front))
  } catch (error) {
    if (error instanceof FaultsError) return problem(400, `${error.message}. ${help}`)
    if (error instanceof SyntaxError) return problem(400, 'the body is not JSON')
    throw error
  }
}

function describe(front: Front) {
  const { chain, provider, node, url, faults, requestsTotal, requests } = front
  return { chain, provider, node, url, faults, requestsTotal, requests }
}

function pathOf({ chain, provider, node }: Front): string {
  return `/fronts/${chain}/${provider}/${node}`
}

function notFound(path: string, fronts: ReadonlyMap<string, Front>): string {
  return `there is no ${path} here: use /fronts, /faults or one of ${[...fronts.keys()].join(', ')}`
}

function needsNode(method: string, fronts: ReadonlyMap<string, Front>): string {
  if (method !== 'POST' && method !== 'DELETE') {
    return `${method} is not served here: use GET, or POST and DELETE with a node's path`
  }
  const [example = '/fronts/{chain}/{provider}/{node}'] = fronts.keys()
  return `${method} needs a node's path, such as ${example}: GET /fronts lists them all`
}

function problem(status: number, error: string): Response {
  return Response.json({ error }, { status })
}
