/** Reads files of the billing service. What they say is not believed: callers compare it with the chain. */
export type BillingFiles = {
  /**
   * @returns Undefined where there is none.
   * @throws BillingSilent
   */
  fetchFile(
    path: string,
    options: { bytesMax: number; signal: AbortSignal },
  ): Promise<Uint8Array | undefined>
}

/** The billing service did not answer as it should. The message holds no address. */
export class BillingSilent extends Error {
  override name = 'BillingSilent'
}

/** For all of a file, which may have hundreds of megabytes. */
const timeoutMs = 120_000

export function createBillingFiles(baseUrl: string): BillingFiles {
  const base = baseUrl.replace(/\/$/, '')
  return {
    async fetchFile(path, { bytesMax, signal }) {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const response = await fetch(`${base}${path}`, {
          redirect: 'manual',
          signal: AbortSignal.any([timeout, signal]),
        })
        const { status } = response
        if (status === 200) return await bytesOf(response, bytesMax)
        await response.body?.cancel()
        if (status === 404) return undefined
        throw new BillingSilent(`the billing service answers with status ${status}`)
      } catch (error) {
        if (error instanceof BillingSilent) throw error
        // What a library throws holds addresses.
        throw new BillingSilent(
          timeout.aborted
            ? `the billing service takes longer than ${timeoutMs} ms`
            : 'the billing service is not reached',
        )
      }
    },
  }
}

async function bytesOf(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      throw new BillingSilent(`the billing service answers with more than ${bytesMax} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
