import { type AccountProblem, accountProblems } from '@mooring/protocol/access/account-problems'
import { HTTPException } from 'hono/http-exception'
import type { z } from 'zod'
import { Refusal } from '../refusal.ts'

/** RFC 9457. The only place where a refusal becomes bytes. */
export function problemResponse(error: unknown): { response: Response; code: Refusal['code'] } {
  const { code, message, retryAfterMs } = refusalOf(error)
  const { http: status, retry } = accountProblems[code]
  const seconds = retry === 'later' ? Math.ceil((retryAfterMs ?? 2_000) / 1_000) : undefined
  const problem: AccountProblem = {
    type: `urn:mooring:accounts:${code}`,
    title: code.toLowerCase().replaceAll('_', ' '),
    status,
    code,
    detail: message,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  }
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (seconds !== undefined) headers['retry-after'] = String(seconds)
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="mooring accounts"'
  return { response: new Response(JSON.stringify(problem), { status, headers }), code }
}

/** What the servers take and answer, apart from their routes: applications refuse far smaller bodies with a problem. */
export const serverLimits = {
  bodyBytesMax: 1_048_576,
  broken: {
    contentType: 'application/problem+json',
    body: '{"type":"urn:mooring:accounts:INTERNAL","title":"internal","status":500,"code":"INTERNAL","detail":"something broke here: try again later"}',
  },
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  // What hono itself refuses: JSON that is none, and a body that does not say that it is JSON.
  if (error instanceof HTTPException) {
    return new Refusal('MALFORMED', 'the body has to be JSON, and content-type application/json')
  }
  return new Refusal('INTERNAL', 'something broke here: try again later')
}

/** Names every member that is wrong, and quotes none: what was sent may hold a secret. */
export function malformed(issues: readonly z.core.$ZodIssue[]): Refusal {
  const problems = issues.map((issue) => {
    const path = issue.path.map(String).join('.')
    const words =
      issue.code === 'unrecognized_keys' ? 'has a member that means nothing here' : issue.message
    return path === '' ? words : `${path}: ${words}`
  })
  return new Refusal('MALFORMED', problems.join('; '))
}
