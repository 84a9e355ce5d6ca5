import type { RequestId } from './request.ts'

/** An error as the caller sees it. `data` is JSON-encoded already, so a node's own bytes can pass untouched. */
export type RpcErrorBody = { code: number; message: string; dataJson?: string | undefined }

/**
 * @param resultJson - The result as JSON text, exactly as it should arrive.
 */
export function encodeResult(id: RequestId, resultJson: string): string {
  return `${resultStart(id)}${resultJson}}`
}

/** What stands before a result. */
export function resultStart(id: RequestId): string {
  // Nearly every id is a number, which is its own JSON where it is finite.
  const idJson = typeof id === 'number' ? id : JSON.stringify(id)
  return `{"jsonrpc":"2.0","id":${idJson},"result":`
}

export function encodeError(id: RequestId, error: RpcErrorBody): string {
  const data = error.dataJson === undefined ? '' : `,"data":${error.dataJson}`
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":{"code":${error.code},"message":${JSON.stringify(error.message)}${data}}}`
}
