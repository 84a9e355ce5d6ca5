import { MarketError } from '@mooring/protocol/market-error'

/**
 * Reads a request's body as text, whatever its content type says: plain `curl -d` sends a form type.
 *
 * @param bytesMax - Told before reading when the length is announced, while reading when it is not.
 */
export async function readBody(request: Request, bytesMax: number): Promise<string> {
  assertReadable(request)
  try {
    return await readText(request, bytesMax)
  } catch (cause) {
    if (cause instanceof MarketError) throw cause
    // The caller closed the connection or took too long: nobody is left to read this.
    throw new MarketError('INVALID_REQUEST', 'the body did not arrive whole', { cause })
  }
}

function assertReadable(request: Request): void {
  const type = request.headers.get('content-type') ?? ''
  if (/^\s*multipart\//i.test(type)) {
    throw new MarketError(
      'MEDIA_TYPE_REFUSED',
      'multipart bodies are refused: send the JSON itself',
    )
  }
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    throw new MarketError('MEDIA_TYPE_REFUSED', 'compressed bodies are refused: send plain JSON')
  }
}

async function readText(request: Request, bytesMax: number): Promise<string> {
  const length = request.headers.get('content-length')
  if (length !== null) {
    // A header sent twice arrives as one text with a comma, which is no number to compare with.
    if (!/^\d{1,15}$/.test(length)) {
      throw new MarketError('INVALID_REQUEST', 'the Content-Length header must be one number')
    }
    if (Number(length) > bytesMax) throw tooLarge(bytesMax)
    return await request.text()
  }
  return await readUpTo(request, bytesMax)
}

async function readUpTo(request: Request, bytesMax: number): Promise<string> {
  if (request.body === null) return ''
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const chunk of request.body) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function tooLarge(bytesMax: number): MarketError {
  return new MarketError(
    'REQUEST_TOO_LARGE',
    `the body is larger than the limit of ${bytesMax} bytes: send smaller requests or batches`,
    { details: { limit: 'bodyBytesMax', value: bytesMax } },
  )
}
