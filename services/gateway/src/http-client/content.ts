import { gunzip, gunzipSync } from 'node:zlib'
import type { ResponseHead } from './response-head.ts'

export type Content =
  | { ok: true; text: string }
  | { ok: false; fault: 'malformed' | 'oversized'; detail: string }

/**
 * The text of a body. Large compressed bodies are unpacked on another thread, so that one upstream's
 * answer does not hold up everyone else's.
 *
 * @param bytesMax - Most bytes after decompression; the rest of a longer body is never unpacked.
 */
export function decodeContent(
  body: Buffer,
  { encoding, bytesMax }: { encoding: ResponseHead['encoding']; bytesMax: number },
): Content | Promise<Content> {
  if (encoding === 'identity' || body.length === 0) return { ok: true, text: textOf(body) }
  const limits = { maxOutputLength: bytesMax }
  if (body.length > inlineBytesMax) {
    return new Promise((resolve) => {
      gunzip(body, limits, (error, plain) => {
        resolve(error === null ? { ok: true, text: textOf(plain) } : flawOf(error, bytesMax))
      })
    })
  }
  try {
    return { ok: true, text: textOf(gunzipSync(body, limits)) }
  } catch (error) {
    return flawOf(error, bytesMax)
  }
}

const inlineBytesMax = 16_384
const byteOrderMark = 0xfeff

/** Bytes that are not UTF-8 become replacement characters: whether that matters, the JSON parser says. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text
}

function flawOf(error: unknown, bytesMax: number): Content {
  const isOver = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
  return isOver
    ? { ok: false, fault: 'oversized', detail: `the answer unpacks to over ${bytesMax} bytes` }
    : { ok: false, fault: 'malformed', detail: 'the gzip body does not unpack' }
}
