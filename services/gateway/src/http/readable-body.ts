import { MarketError } from '@mooring/protocol/market-error'
import type { RequestHead, RequestHeaders } from './request-head.ts'

/** Throws for what cannot be read as JSON. Any other type may hold it: plain `curl -d` sends a form type. */
export function assertMediaType(headers: RequestHeaders): void {
  const type = headers.get('content-type')
  if (type !== undefined && /^multipart\//i.test(type)) {
    throw new MarketError(
      'MEDIA_TYPE_REFUSED',
      'multipart bodies are refused: send the JSON itself',
    )
  }
  const encoding = headers.get('content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new MarketError('MEDIA_TYPE_REFUSED', 'compressed bodies are refused: send plain JSON')
  }
}

/** Of a length that is announced; where none is, whoever reads the body sees to the limit. */
export function isTooLong({ framing }: RequestHead, bytesMax: number): boolean {
  return framing.kind === 'length' && framing.bytes > bytesMax
}

export function bodyTooLarge(bytesMax: number): MarketError {
  return new MarketError(
    'REQUEST_TOO_LARGE',
    `the body is larger than the limit of ${bytesMax} bytes: send smaller requests or batches`,
    { details: { limit: 'bodyBytesMax', value: bytesMax } },
  )
}
