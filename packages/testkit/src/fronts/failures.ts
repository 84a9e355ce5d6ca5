import type { NodeAnswer } from '../ask-node.ts'
import type { FailureKind } from './faults.ts'

/** What a failing front can do with a request. */
export type FailingRequest = {
  /** The true answer, for failures that spoil one. */
  honest(): Promise<string>
  /** The body that gives every request of it this answer. */
  answerAll(answer: NodeAnswer): string
}

const json = { 'content-type': 'application/json' }

export function failureOf(kind: FailureKind, request: FailingRequest): Promise<Response> {
  return failures[kind](request)
}

const failures: {
  readonly [kind in FailureKind]: (request: FailingRequest) => Promise<Response>
} = {
  http500: async () => new Response('Internal Server Error', { status: 500 }),
  html: async () =>
    new Response('<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>', {
      headers: { 'content-type': 'text/html' },
    }),
  reset: async () => new Response(cutAfter('')),
  truncated: async ({ honest }) => {
    const text = await honest()
    return new Response(cutAfter(text.slice(0, Math.ceil(text.length / 2))), { headers: json })
  },
  wrongId: async ({ honest }) => new Response(withWrongId(await honest()), { headers: json }),
  rateLimit: async () =>
    Response.json(
      { jsonrpc: '2.0', id: null, error: { code: -32005, message: 'Too many requests' } },
      { status: 429, headers: { 'retry-after': '1' } },
    ),
  jsonRpcInternal: async ({ answerAll }) =>
    new Response(answerAll({ error: { code: -32603, message: 'Internal error' } }), {
      headers: json,
    }),
}

/** Sends the text and breaks the connection off, in the middle of the body. */
function cutAfter(text: string): ReadableStream<Uint8Array> {
  let sent = text === ''
  return new ReadableStream({
    async pull(controller) {
      if (!sent) {
        sent = true
        controller.enqueue(new TextEncoder().encode(text))
        return
      }
      // The server must have passed on what came before; an error in the same turn would outrun it.
      await Bun.sleep(5)
      controller.error(new Error('the connection is cut off'))
    },
  })
}

/** Every answer of a body, single or batch, with the id of another request. */
function withWrongId(text: string): string {
  const body: unknown = JSON.parse(text)
  const change = (answer: unknown) => Object.assign({}, answer, { id: 987_654_321 })
  return JSON.stringify(Array.isArray(body) ? body.map(change) : change(body))
}
