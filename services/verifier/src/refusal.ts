import type { VerifierProblem, VerifierProblemCode } from '@mooring/protocol/access/verifier-wire'

type Facts = Pick<VerifierProblem, 'confirmations' | 'verifiers' | 'retryAfterSeconds'>

/**
 * What a verifier refuses, on purpose. It becomes a problem document in one place; anything else that arrives there is
 * INTERNAL.
 *
 * @param message - What happened and what to do. Read by whoever asked.
 */
export class VerifierRefusal extends Error {
  override name = 'VerifierRefusal'
  readonly code: VerifierProblemCode
  readonly facts: Facts

  constructor(code: VerifierProblemCode, message: string, facts: Facts = {}) {
    super(message)
    this.code = code
    this.facts = facts
  }
}
