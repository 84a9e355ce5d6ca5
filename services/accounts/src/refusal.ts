import type { AccountProblemCode } from '@mooring/protocol/access/account-problems'

/**
 * What this service refuses, on purpose. It becomes a problem document in one place; anything else that arrives there
 * is INTERNAL.
 *
 * @param message - What happened and what to do. Read by whoever asked, so it holds nothing of others and no secret.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: AccountProblemCode
  readonly retryAfterMs: number | undefined

  constructor(
    code: AccountProblemCode,
    message: string,
    { retryAfterMs }: { retryAfterMs?: number } = {},
  ) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** The same words for what is not there and for what is somebody else's. */
export function notFound(what: string): Refusal {
  return new Refusal('NOT_FOUND', `this account has no such ${what}`)
}
