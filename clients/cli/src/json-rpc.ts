import type { Context } from './context.ts'
import { exchange, isRecord, parseJson } from './http.ts'

export type RpcError = { code: number; message: string; data?: unknown }

/** What a JSON-RPC request came to. `traceId` is the gateway's, null from anyone else. */
export type RpcReply =
  | { kind: 'result'; result: unknown; traceId: string | null }
  | { kind: 'error'; error: RpcError; traceId: string | null }
  /** Something answered, but not JSON-RPC. */
  | { kind: 'malformed'; status: number; text: string }
  | { kind: 'unreachable'; detail: string }

export async function requestRpc(
  context: Pick<Context, 'fetch'>,
  target: { url: string; headers?: Record<string, string>; timeoutMs?: number },
  request: { method: string; params: unknown },
): Promise<RpcReply> {
  const reply = await exchange(context, target.url, {
    ...(target.timeoutMs === undefined ? {} : { timeoutMs: target.timeoutMs }),
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...target.headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...request }),
    },
  })
  if (!reply.ok) return { kind: 'unreachable', detail: reply.detail }
  const body = parseJson(reply.text)
  const traceId = reply.headers.get('x-trace-id')
  if (isRecord(body) && isRpcError(body.error)) return { kind: 'error', error: body.error, traceId }
  if (isRecord(body) && 'result' in body) return { kind: 'result', result: body.result, traceId }
  return { kind: 'malformed', status: reply.status, text: reply.text }
}

function isRpcError(value: unknown): value is RpcError {
  return isRecord(value) && typeof value.code === 'number' && typeof value.message === 'string'
}
