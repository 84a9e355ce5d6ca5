import {
  type VerifierProblem,
  type VerifierProblemCode,
  verifierProblems,
} from '@mooring/protocol/access/verifier-wire'
import type { ZodType } from 'zod'
import { VerifierRefusal } from '../refusal.ts'

/** RFC 9457. The only place where a refusal becomes bytes. */
export function problemResponse(error: unknown): { response: Response; code: VerifierProblemCode } {
  const refusal =
    error instanceof VerifierRefusal
      ? error
      : new VerifierRefusal('INTERNAL', 'something broke in this verifier: ask another one')
  const { code, message, facts } = refusal
  const { http, retry } = verifierProblems[code]
  const problem: VerifierProblem = {
    type: `urn:mooring:verifier:${code}`,
    title: code.toLowerCase().replaceAll('_', ' '),
    status: http,
    code,
    detail: message,
    ...facts,
  }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  if (retry === 'later') headers['retry-after'] = String(facts.retryAfterSeconds ?? 2)
  return { response: new Response(JSON.stringify(problem), { status: http, headers }), code }
}

/** Takes a body as what it must be. Throws MALFORMED naming every member that is wrong. */
export function parseBody<T>(schema: ZodType<T>, text: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new VerifierRefusal('MALFORMED', 'the body is no JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  throw new VerifierRefusal('MALFORMED', problems.join('; '))
}
