import { gunzip, gunzipSync } from 'node:zlib'
import type { BodyBuffer } from './body-buffer.ts'
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
  body: BodyBuffer,
  { encoding, bytesMax }: { encoding: ResponseHead['encoding']; bytesMax: number },
): Content | Promise<Content> {
  if (encoding === 'identity' || body.length === 0) return contentOf(body.text())
  const maxOutputLength = Math.min(bytesMax, Math.max(plainBytesMin, body.length * ratioMax))
  const limits = { maxOutputLength }
  if (body.length > inlineBytesMax) {
    return new Promise((resolve) => {
      gunzip(body.bytes(), limits, (error, plain) => {
        resolve(error === null ? contentOf(plain.toString()) : flawOf(error, maxOutputLength))
      })
    })
  }
  try {
    return contentOf(gunzipSync(body.bytes(), limits).toString())
  } catch (error) {
    return flawOf(error, maxOutputLength)
  }
}

const inlineBytesMax = 16_384
/** Answers that are honest seldom shrink to less than a hundredth; small ones may. */
const ratioMax = 100
const plainBytesMin = 16 * 1_048_576
const byteOrderMark = 0xfeff

function contentOf(text: string): Content {
  return { ok: true, text: text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text }
}

function flawOf(error: unknown, bytesMax: number): Content {
  const isOver = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
  return isOver
    ? { ok: false, fault: 'oversized', detail: `the answer unpacks to over ${bytesMax} bytes` }
    : { ok: false, fault: 'malformed', detail: 'the gzip body does not unpack' }
}
