import type { FailureCode } from './failures.ts'

/** Facts about a failure that are safe to show to whoever caused it: no keys, no upstream addresses. */
export type FailureDetails = Readonly<Record<string, string | number | boolean | null>>

/**
 * The only error thrown on purpose. It becomes bytes in one function at the edge; anything else that
 * arrives there is reported as INTERNAL.
 *
 * @param code - A row of `failures`.
 * @param message - What happened, to what, and what to do about it. Read by the caller.
 */
export class MarketError extends Error {
  readonly code: FailureCode
  readonly details: FailureDetails

  constructor(
    code: FailureCode,
    message: string,
    options: { cause?: unknown; details?: FailureDetails } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'MarketError'
    this.code = code
    this.details = options.details ?? {}
  }
}
