const askTimeoutMsDefault = 10_000

export type NodeAnswer =
  | { result: unknown }
  | { error: { code: number; message: string; data?: unknown } }

/**
 * Asks a node one JSON-RPC question.
 *
 * @returns Its answer, an error answer included. Throws when no JSON-RPC answer comes in time.
 */
export async function askNode(
  url: string,
  question: { method: string; params?: readonly unknown[] | undefined },
  options: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<NodeAnswer> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? askTimeoutMsDefault)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: question.method,
      params: question.params ?? [],
    }),
    signal: options.signal ? AbortSignal.any([deadline, options.signal]) : deadline,
  })
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null) throw new Error(`${url} answered no object`)
  if (!('result' in answer) && !('error' in answer)) {
    throw new Error(`${url} answered neither a result nor an error`)
  }
  // A node's own answer: `error` has the members that JSON-RPC gives it.
  return answer as NodeAnswer
}

/** The result of a question; an error answer is thrown. */
export async function resultFrom(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const answer = await askNode(url, { method, params })
  if ('error' in answer) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}
