import type { Admission } from '@mooring/market/quotas/token-bucket'
import { encodeError, encodeResult } from '@mooring/protocol/json-rpc/answer'
import type { RequestId } from '@mooring/protocol/json-rpc/request'
import type { Caller, RpcAnswer } from '../exchange.ts'

/** Any web page may call a public endpoint; nothing here depends on cookies. */
const cors = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'x-trace-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset',
}

export function preflightResponse(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      'access-control-allow-methods': 'POST, GET, OPTIONS',
      'access-control-allow-headers': 'content-type, authorization, x-api-key, x-mooring-trace, *',
      'access-control-max-age': '86400',
    },
  })
}

export type RpcResponseFacts = {
  traceId: string
  caller?: Caller | undefined
  admission?: Admission | undefined
}

export function rpcResponse(body: string, status: number, facts: RpcResponseFacts): Response {
  const headers: Record<string, string> = {
    ...cors,
    'content-type': 'application/json',
    'x-trace-id': facts.traceId,
  }
  if (facts.caller !== undefined && facts.admission !== undefined) {
    const { admitted, remaining, resetMs, retryAfterMs } = facts.admission
    const { requestsPerSecond, burstRequests } = facts.caller.limits
    headers['ratelimit-limit'] =
      `${requestsPerSecond}, ${requestsPerSecond};w=1;burst=${burstRequests}`
    headers['ratelimit-remaining'] = String(remaining)
    headers['ratelimit-reset'] = String(Math.ceil(resetMs / 1_000))
    if (!admitted && Number.isFinite(retryAfterMs)) {
      headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))
    }
  }
  // What is left of a body past the limit is not worth receiving.
  if (status === 413) headers.connection = 'close'
  return new Response(body, { status, headers })
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
