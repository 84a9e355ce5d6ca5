/**
 * What a service of the deployment answers. `absent`: it said that there is no such thing. Why an answer is missing is
 * told in a word: addresses and credentials stand in what a library throws.
 */
export type Fetched =
  | { kind: 'answer'; value: unknown }
  | { kind: 'absent' }
  | { kind: 'failed'; why: string }

export type FetchOptions = {
  timeoutMs: number
  bytesMax: number
  /** As `Authorization: Bearer …`. */
  credential?: string | undefined
  signal: AbortSignal
}

/** Gets JSON over HTTP, for control traffic. Never rejects. */
export async function fetchJson(
  url: string,
  { timeoutMs, bytesMax, credential, signal }: FetchOptions,
): Promise<Fetched> {
  const headers = new Headers({ accept: 'application/json' })
  if (credential !== undefined) headers.set('authorization', `Bearer ${credential}`)
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      return response.status === 404
        ? { kind: 'absent' }
        : { kind: 'failed', why: `status ${response.status}` }
    }
    const text = await textOf(response, bytesMax)
    return text === undefined
      ? { kind: 'failed', why: `longer than ${bytesMax} bytes` }
      : { kind: 'answer', value: JSON.parse(text) }
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
