import type { Admission } from '@mooring/market/quotas/token-bucket'
import { encodeError, encodeResult } from '@mooring/protocol/json-rpc/answer'
import type { RequestId } from '@mooring/protocol/json-rpc/request'
import type { Caller, RpcAnswer } from '../exchange.ts'

/** An answer on its way to the bytes of HTTP. */
export type HttpAnswer = {
  status: number
  /** Header lines, each with its end. How long the body is and what becomes of the connection is added. */
  headerLines: string
  body: string
}

/** Any web page may call a public endpoint; nothing here depends on cookies. */
const corsLines =
  'access-control-allow-origin: *\r\naccess-control-expose-headers: x-trace-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset\r\n'

export const preflightAnswer: HttpAnswer = {
  status: 204,
  headerLines: `${corsLines}access-control-allow-methods: POST, GET, OPTIONS\r\naccess-control-allow-headers: content-type, authorization, x-api-key, x-mooring-trace, *\r\naccess-control-max-age: 86400\r\n`,
  body: '',
}

export function jsonAnswer(value: unknown): HttpAnswer {
  const headerLines = 'content-type: application/json;charset=utf-8\r\n'
  return { status: 200, headerLines, body: JSON.stringify(value) }
}

export type RpcAnswerFacts = {
  traceId: string
  caller?: Caller | undefined
  admission?: Admission | undefined
}

export function rpcAnswer(body: string, status: number, facts: RpcAnswerFacts): HttpAnswer {
  const limitLines =
    facts.caller === undefined || facts.admission === undefined
      ? ''
      : limitLinesOf(facts.caller, facts.admission)
  const headerLines = `${corsLines}content-type: application/json\r\nx-trace-id: ${facts.traceId}\r\n${limitLines}`
  return { status, headerLines, body }
}

function limitLinesOf({ limits }: Caller, admission: Admission): string {
  const { admitted, remaining, resetMs, retryAfterMs } = admission
  const { requestsPerSecond, burstRequests } = limits
  const retry =
    !admitted && Number.isFinite(retryAfterMs)
      ? `retry-after: ${Math.max(1, Math.ceil(retryAfterMs / 1_000))}\r\n`
      : ''
  return `ratelimit-limit: ${requestsPerSecond}, ${requestsPerSecond};w=1;burst=${burstRequests}\r\nratelimit-remaining: ${remaining}\r\nratelimit-reset: ${Math.ceil(resetMs / 1_000)}\r\n${retry}`
}

/** The whole text of an answer but its body. `closes`: it is the last one on its connection. */
export function responseHead(
  { status, headerLines }: HttpAnswer,
  { date, bodyBytes, closes }: { date: string; bodyBytes: number; closes: boolean },
): string {
  const length = status === 204 ? '' : `content-length: ${bodyBytes}\r\n`
  const connection = closes ? 'connection: close\r\n' : ''
  return `HTTP/1.1 ${status} ${reasons[status] ?? 'Unknown'}\r\n${headerLines}date: ${date}\r\n${length}${connection}\r\n`
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
}

export function encodeAnswer(id: RequestId, answer: RpcAnswer, traceId: string): string {
  if (answer.kind === 'result') return encodeResult(id, answer.resultJson)
  const { details, error, failure } = answer
  if (details === undefined) return encodeError(id, error)
  return encodeError(id, { ...error, dataJson: JSON.stringify({ failure, traceId, ...details }) })
}

export function statusOf(answer: RpcAnswer): number {
  return answer.kind === 'result' ? 200 : answer.http
}
