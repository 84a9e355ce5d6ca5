import { Unsigned } from './unsigned.ts'

export type FetchLimits = { timeoutMs: number; bytesMax: number; signal: AbortSignal }

/**
 * A file of the billing service, byte by byte. The operator of this verifier names the service, so it may be anywhere.
 *
 * @throws Unsigned where there is none.
 */
export async function fetchFile(
  { billingUrl, path }: { billingUrl: string; path: string },
  { timeoutMs, bytesMax, signal }: FetchLimits,
): Promise<Uint8Array> {
  const url = `${billingUrl.replace(/\/$/, '')}${path}`
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      redirect: 'manual',
    })
    if (response.status === 404) throw new Unsigned(`the billing service has no file ${path}`)
    if (!response.ok) {
      throw new Unsigned(`the billing service answered ${response.status} in place of ${path}`)
    }
    return await limitedBytes(response, bytesMax)
  } catch (error) {
    if (error instanceof Unsigned) throw error
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    const why = isLate ? `did not send it within ${timeoutMs} ms` : 'could not be reached'
    throw new Unsigned(`the billing service ${why}: ${path}`)
  }
}

async function limitedBytes(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > bytesMax) throw new Unsigned(`the file has more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
