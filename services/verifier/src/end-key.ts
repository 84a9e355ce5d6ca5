import { exitWith } from '@mooring/settings/program'
import { z } from 'zod'
import type { VerifierConfig } from './config.ts'

/** It waits for the other verifiers, and for each as long as it is configured to. */
const timeoutMs = 60_000

const answer = z.object({
  keys: z.array(
    z.object({
      kid: z.string(),
      isEnded: z.boolean(),
      votes: z.array(z.string()),
      needed: z.int(),
    }),
  ),
})
const problem = z.object({ detail: z.string() })

/**
 * Has the verifier that runs with a configuration vote for keys of the group to end at once, and says how far each has
 * come. Ends the process: 0 when it voted, 1 when it cannot, whether or not the others have voted as well.
 *
 * @param kid - One of them; every one that it has where none is named.
 */
export async function endKey({ admin }: VerifierConfig, kid: string | undefined): Promise<never> {
  const host = admin.host.includes(':') ? `[${admin.host}]` : admin.host
  const url = `http://${host}:${admin.port}/v1/end-key`
  const body = JSON.stringify({ ...(kid === undefined ? {} : { kid }) })
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await fetch(url, { method: 'POST', body, signal }).catch(() => undefined)
  if (response === undefined) {
    return exitWith(1, `no verifier answers at ${url} (admin): start it, then end its key`)
  }
  const value: unknown = await response.json().catch(() => undefined)
  const said = answer.safeParse(value)
  if (!said.success) {
    const detail = problem.safeParse(value).data?.detail ?? `it answered ${response.status}`
    return exitWith(1, `no key was ended: ${detail}`)
  }
  process.stdout.write(`${JSON.stringify(said.data)}\n`)
  process.exit(0)
}
