import type { Context } from './context.ts'

const timeoutMsDefault = 10_000

/** What came back, or why nothing did. */
export type HttpReply =
  | { ok: true; status: number; headers: Headers; text: string }
  | { ok: false; detail: string }

/** One HTTP exchange with a deadline over head and body. Never throws. */
export async function exchange(
  context: Pick<Context, 'fetch'>,
  url: string,
  options: { init?: RequestInit; timeoutMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<HttpReply> {
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  try {
    const response = await context.fetch(url, { ...options.init, signal })
    const text = await limitedText(response)
    return { ok: true, status: response.status, headers: response.headers, text }
  } catch (error) {
    return { ok: false, detail: detailOf(error, timeoutMs) }
  }
}

/** As large as anything that is asked for by a command. */
const answerBytesMax = 32 * 1_048_576

async function limitedText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw new Error(`the answer has more than ${answerBytesMax} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** The value of a JSON text, or undefined when it is none. No JSON text has undefined as its value. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function detailOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`
  const code = 'code' in error ? String(error.code) : ''
  return connectionFaults.get(code) ?? (error.message || code)
}

const connectionFaults = new Map([
  ['ConnectionRefused', 'connection refused'],
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'the connection broke'],
  ['ConnectionClosed', 'the connection broke'],
  ['FailedToOpenSocket', 'no connection: check the host name'],
  ['ENOTFOUND', 'no such host'],
])
