import { isIP } from 'node:net'
import { hostOf, type Target } from './target.ts'

export type GetLimits = {
  timeoutMs: number
  /** Of the body, after decompression. */
  bytesMax: number
  /** Certificates to trust in place of the system's, in PEM. */
  ca?: string | undefined
  signal?: AbortSignal | undefined
}

/** `problem`: a clause about the answer, such as `it answered with status 404`; it holds no address. */
export type GotText = { ok: true; text: string } | { ok: false; problem: string }

/**
 * Gets a text from the address that was checked; the certificate has to be for the name all the same. No redirect is
 * followed: where it leads was not checked. Never rejects.
 */
export async function getText(target: Target, limits: GetLimits): Promise<GotText> {
  const { timeoutMs, bytesMax, ca, signal } = limits
  const timeout = AbortSignal.timeout(timeoutMs)
  const { url, address } = target
  const place = new URL(url)
  place.hostname = address.includes(':') ? `[${address}]` : address
  const host = hostOf(url)
  try {
    const response = await fetch(place, {
      headers: { host: url.host, accept: 'application/json', 'user-agent': 'mooring' },
      redirect: 'manual',
      // A connection that was kept might be another name's at the same address.
      keepalive: false,
      tls: {
        rejectUnauthorized: true,
        ...(isIP(host) === 0 ? { serverName: host } : {}),
        ...(ca === undefined ? {} : { ca }),
      },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    const { status } = response
    if (status === 200) return await textOf(response, bytesMax)
    await response.body?.cancel()
    const isRedirect = status >= 300 && status < 400
    return no(
      isRedirect
        ? `it answered with a redirect (${status}), which is not followed`
        : `it answered with status ${status}`,
    )
  } catch {
    return no(timeout.aborted ? `it did not answer within ${timeoutMs} ms` : 'it was not reached')
  }
}

async function textOf(response: Response, bytesMax: number): Promise<GotText> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) return no(`it answered with more than ${bytesMax} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return { ok: true, text: text + decoder.decode() }
}

function no(problem: string): GotText {
  return { ok: false, problem }
}
