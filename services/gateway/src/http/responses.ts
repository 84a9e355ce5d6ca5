import type { Admission } from '@mooring/market/quotas/token-bucket'
import { encodeError, resultStart } from '@mooring/protocol/json-rpc/answer'
import type { RequestId } from '@mooring/protocol/json-rpc/request'
import { batchAnswersHeader } from '@mooring/protocol/relays/answers'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import type { StatusReport } from '@mooring/protocol/reports/status'
import type { Caller, RpcAnswer } from '../exchange.ts'

/** An answer on its way to the bytes of HTTP. */
export type HttpAnswer = {
  status: number
  /** Header lines, each with its end. How long the body is and what becomes of the connection is added. */
  headerLines: string
  body: Text
  bodyBytes: number
}

/** A long one comes in its pieces: to put them together would copy it once more, into memory of its own. */
export type Text = string | readonly string[]

/** Any web page may call a public endpoint; nothing here depends on cookies. */
const corsLines =
  'access-control-allow-origin: *\r\naccess-control-expose-headers: x-trace-id, x-credits-charged, x-credits-left, x-mooring-answer, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, www-authenticate\r\n'

export const preflightAnswer: HttpAnswer = {
  status: 204,
  headerLines: `${corsLines}access-control-allow-methods: POST, GET, OPTIONS\r\naccess-control-allow-headers: content-type, authorization, dpop, x-api-key, x-mooring-trace, x-mooring-credits, x-mooring-sign, *\r\naccess-control-max-age: 86400\r\n`,
  body: '',
  bodyBytes: 0,
}

export function jsonAnswer(value: unknown): HttpAnswer {
  const headerLines = 'content-type: application/json;charset=utf-8\r\n'
  const body = JSON.stringify(value)
  return { status: 200, headerLines, body, bodyBytes: Buffer.byteLength(body) }
}

export type RpcAnswerFacts = {
  traceId: string
  caller?: Caller | undefined
  admission?: Admission | undefined
  /** When sending the request again can help, where somebody knows. */
  retryAfterMs?: number | undefined
  /** How a key is to be shown, where none that is good was. */
  scheme?: AuthScheme | undefined
  /** Where the consumer asked. `left`: undefined where nobody has told yet. */
  credits?: { charged: number; left: bigint | undefined } | undefined
}

export type AuthScheme = 'Bearer' | 'DPoP'

export function rpcAnswer(
  { text, bytes, signed }: EncodedAnswer,
  status: number,
  facts: RpcAnswerFacts,
): HttpAnswer {
  const { caller, admission, traceId } = facts
  const limitLines =
    caller === undefined || admission === undefined ? '' : limitLinesOf(caller, admission)
  const retryLine = retryLineOf(facts)
  const challengeLine = facts.scheme === undefined ? '' : challengeLines[facts.scheme]
  const creditLines = facts.credits === undefined ? '' : creditLinesOf(facts.credits)
  const answerLine = signed === undefined ? '' : `${relayHeaders.answer}: ${signed}\r\n`
  const headerLines = `${corsLines}content-type: application/json\r\nx-trace-id: ${traceId}\r\n${limitLines}${retryLine}${challengeLine}${creditLines}${answerLine}`
  return { status, headerLines, body: text, bodyBytes: bytes }
}

/** RFC 6750, section 3; RFC 9449, section 7.1. */
const challengeLines: Readonly<Record<AuthScheme, string>> = {
  Bearer: 'www-authenticate: Bearer error="invalid_token"\r\n',
  DPoP: 'www-authenticate: DPoP error="invalid_dpop_proof", algs="ES256 EdDSA"\r\n',
}

function limitLinesOf({ limits }: Caller, { remaining, resetMs }: Admission): string {
  const { requestsPerSecond, burstRequests } = limits
  return `ratelimit-limit: ${requestsPerSecond}, ${requestsPerSecond};w=1;burst=${burstRequests}\r\nratelimit-remaining: ${remaining}\r\nratelimit-reset: ${Math.ceil(resetMs / 1_000)}\r\n`
}

function creditLinesOf({ charged, left }: NonNullable<RpcAnswerFacts['credits']>): string {
  const leftLine = left === undefined ? '' : `x-credits-left: ${left}\r\n`
  return `x-credits-charged: ${charged}\r\n${leftLine}`
}

/** In whole seconds, as the header has it; the exact time stands in the error's data. */
function retryLineOf({ admission, retryAfterMs }: RpcAnswerFacts): string {
  const waitMs = admission?.admitted === false ? admission.retryAfterMs : retryAfterMs
  if (waitMs === undefined || !Number.isFinite(waitMs)) return ''
  return `retry-after: ${Math.max(1, Math.ceil(waitMs / 1_000))}\r\n`
}

/** When the failure says that sending the request again can help. */
export function retryAfterMsOf(answer: RpcAnswer): number | undefined {
  const waitMs = answer.kind === 'error' ? answer.details?.retryAfterMs : undefined
  return typeof waitMs === 'number' ? waitMs : undefined
}

export function schemeOf(answer: RpcAnswer): AuthScheme | undefined {
  if (answer.kind === 'result' || answer.failure !== 'UNAUTHENTICATED') return undefined
  const { scheme } = answer.details ?? {}
  return scheme === 'DPoP' ? scheme : 'Bearer'
}

/** The whole text of an answer but its body. `closes`: it is the last one on its connection. */
export function responseHead(
  { status, headerLines, bodyBytes }: HttpAnswer,
  { date, closes }: { date: string; closes: boolean },
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
  402: 'Payment Required',
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

/** JSON, and how many bytes it is. `signed`: what nodes have signed of it, where the consumer asked for that. */
export type EncodedAnswer = { text: Text; bytes: number; signed?: string | undefined }

/** A result of this length is not put together with what stands around it. */
const longResult = 8_192

export function encodeAnswer(id: RequestId, answer: RpcAnswer, traceId: string): EncodedAnswer {
  if (answer.kind === 'result') {
    const { resultJson } = answer
    const start = resultStart(id)
    // Counted before they are put together: to count the whole would copy the result once more.
    answer.resultBytes ??= Buffer.byteLength(resultJson)
    const bytes = Buffer.byteLength(start) + answer.resultBytes + 1
    const isLong = resultJson.length >= longResult
    return { text: isLong ? [start, resultJson, '}'] : `${start}${resultJson}}`, bytes }
  }
  const { details, error, failure } = answer
  const data = JSON.stringify({ failure, traceId, ...details })
  const text = encodeError(id, details === undefined ? error : { ...error, dataJson: data })
  return { text, bytes: Buffer.byteLength(text) }
}

/** Answers of a batch, in one array. */
export function joinAnswers(answers: readonly EncodedAnswer[]): EncodedAnswer {
  const bytes = answers.reduce((sum, each) => sum + each.bytes + 1, 1)
  const all = answers.map(({ signed }) => signed)
  const signed = all.some((one) => one !== undefined) ? batchAnswersHeader(all) : undefined
  return { text: `[${answers.map(({ text }) => wholeText(text)).join(',')}]`, bytes, signed }
}

export function wholeText(text: Text): string {
  return typeof text === 'string' ? text : text.join('')
}

export function statusOf(answer: RpcAnswer): number {
  return answer.kind === 'result' ? 200 : answer.http
}

export function budgetOf(
  { limits }: Caller,
  { remaining, resetMs }: Admission,
): StatusReport['budget'] {
  const resetSeconds = Math.ceil(resetMs / 1_000)
  return { limit: limits.requestsPerSecond, remaining, resetSeconds }
}
