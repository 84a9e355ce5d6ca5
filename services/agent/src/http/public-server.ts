import { proposalBytesMax } from '@mooring/protocol/relays/receipts'
import { agentPaths } from '@mooring/protocol/relays/sessions'
import type { AgentConfig } from '../config.ts'
import type { Events } from '../events.ts'
import type { ReceiptDesk } from '../receipts/receipt-desk.ts'
import { Refusal } from '../refusal.ts'
import type { Node } from '../relays/node.ts'
import type { RelayDesk } from '../relays/relay-desk.ts'
import type { SessionDesk } from '../sessions/session-desk.ts'

export type PublicServerContext = {
  config: Pick<AgentConfig, 'listen' | 'bodyBytesMax' | 'nodeTimeoutMs'>
  nodes: readonly Node[]
  relays: RelayDesk
  sessions: SessionDesk
  receipts: ReceiptDesk
  events: Events
}

export type PublicServer = { url: string; stop(): Promise<void> }

const offerBytesMax = 4_096
/** The system counts in steps of some seconds. */
const marginSeconds = 5
/** How long requests that have begun may take to end when the agent stops. */
const stopTimeoutMs = 3_000

/** What gateways see. Throws when the port is taken. */
export function startPublicServer(context: PublicServerContext): PublicServer {
  const { config, nodes, events } = context
  const { host, port } = config.listen
  const server = Bun.serve({
    hostname: host,
    port,
    // Left out, two processes may share one port without either being told.
    reusePort: false,
    // Otherwise an error is shown to whoever caused it, with its source.
    development: false,
    idleTimeout: Math.ceil(config.nodeTimeoutMs / 1_000) + marginSeconds,
    maxRequestBodySize: Math.max(config.bodyBytesMax, proposalBytesMax),
    routes: {
      ...routesOf(nodes, context.relays),
      [agentPaths.sessions]: {
        POST: answering(events, offerBytesMax, (text) => context.sessions.open(text)),
      },
      [agentPaths.receipts]: {
        POST: answering(events, proposalBytesMax, (text) => context.receipts.sign(text)),
      },
    },
    fetch: () => Response.json({ error: paths }, { status: 404 }),
    error(error) {
      events.broke(error)
      return Response.json({ error: 'something broke here: try again' }, { status: 500 })
    },
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

type Handler = { POST: (request: Request) => Promise<Response> }

/** Each chain has its path; one that is alone is at the root as well. */
function routesOf(nodes: readonly Node[], relays: RelayDesk): Record<string, Handler> {
  const handlerOf = (node: Node): Handler => ({ POST: (request) => relays.handle(request, node) })
  const routes = Object.fromEntries(
    nodes.map((node) => [`/${node.definition.name}`, handlerOf(node)]),
  )
  const [only, ...others] = nodes
  if (only !== undefined && others.length === 0) routes['/'] = handlerOf(only)
  return routes
}

const paths = `there is no such path: POST /{chain}, ${agentPaths.sessions} and ${agentPaths.receipts}`

function answering(
  events: Events,
  bytesMax: number,
  answer: (text: string) => unknown,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      const length = Number(request.headers.get('content-length') ?? 0)
      const text = length > bytesMax ? '' : await request.text()
      return Response.json(await answer(text.length > bytesMax ? '' : text))
    } catch (error) {
      if (error instanceof Refusal) return Response.json(error.body, { status: error.status })
      events.broke(error)
      return Response.json({ error: 'something broke here: try again' }, { status: 500 })
    }
  }
}
