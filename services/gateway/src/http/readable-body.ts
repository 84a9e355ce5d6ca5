import { MarketError } from '@mooring/protocol/market-error'
import type { RequestHead } from './request-head.ts'

/**
 * Throws for a body that is not read at all. Whatever its content type says, a body may be JSON: plain
 * `curl -d` sends a form type.
 *
 * @param bytesMax - Told before reading where the length is announced; the reader tells it where it is not.
 */
export function assertReadable({ headers, framing }: RequestHead, bytesMax: number): void {
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
  if (framing.kind === 'length' && framing.bytes > bytesMax) throw bodyTooLarge(bytesMax)
}

export function bodyTooLarge(bytesMax: number): MarketError {
  return new MarketError(
    'REQUEST_TOO_LARGE',
    `the body is larger than the limit of ${bytesMax} bytes: send smaller requests or batches`,
    { details: { limit: 'bodyBytesMax', value: bytesMax } },
  )
}
