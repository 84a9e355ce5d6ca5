/**
 * What a service of the deployment answers. `absent`: it said that there is no such thing; `conflict`: that what it was
 * sent does not fit what it knows. Why an answer is missing is told in a word: addresses and credentials stand in what a
 * library throws.
 */
export type Fetched =
  | { kind: 'answer'; value: unknown }
  | { kind: 'absent' }
  | { kind: 'conflict'; value: unknown }
  | { kind: 'failed'; why: string }

export type FetchOptions = {
  timeoutMs: number
  bytesMax: number
  /** As `Authorization: Bearer …`. */
  credential?: string | undefined
  /** JSON to send. */
  body?: string | undefined
  signal: AbortSignal
}

/** Gets JSON over HTTP, or posts some and gets the answer, for control traffic. Never rejects. */
export async function fetchJson(
  url: string,
  { timeoutMs, bytesMax, credential, body, signal }: FetchOptions,
): Promise<Fetched> {
  const headers = new Headers({ accept: 'application/json' })
  if (credential !== undefined) headers.set('authorization', `Bearer ${credential}`)
  if (body !== undefined) headers.set('content-type', 'application/json')
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      body: body ?? null,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    const { status } = response
    if (status !== 200 && (status !== 409 || body === undefined)) {
      await response.body?.cancel()
      return status === 404 ? { kind: 'absent' } : { kind: 'failed', why: `status ${status}` }
    }
    const text = await textOf(response, bytesMax)
    if (text === undefined) return { kind: 'failed', why: `longer than ${bytesMax} bytes` }
    return { kind: status === 200 ? 'answer' : 'conflict', value: JSON.parse(text) }
  } catch (error) {
    if (timeout.aborted) return { kind: 'failed', why: `no answer within ${timeoutMs} ms` }
    return { kind: 'failed', why: error instanceof SyntaxError ? 'no JSON' : 'unreachable' }
  }
}

/** @returns Undefined where there is more of it than that. */
async function textOf(response: Response, bytesMax: number): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
