import { MarketError } from '@mooring/protocol/market-error'

/** When those who know keys are likely to be back. */
const awayRetryMs = 2_000
const busyRetryMs = 1_000

/**
 * @param why - A sentence for whoever sent it; it holds neither key nor token.
 * @param scheme - How it should be shown instead, as `WWW-Authenticate` names it.
 */
export function unauthenticated(why: string, scheme: 'Bearer' | 'DPoP' = 'Bearer'): MarketError {
  return new MarketError('UNAUTHENTICATED', why, { details: { scheme } })
}

export function unknownKey(): MarketError {
  return unauthenticated(
    'the API key is unknown: check it, or leave it out to use the community endpoint',
  )
}

export function cannotTell(): MarketError {
  const message =
    'whose this key is cannot be told, as those who know do not answer: send it again after a pause'
  return new MarketError('ACCESS_UNKNOWN', message, { details: { retryAfterMs: awayRetryMs } })
}

export function tooManyLookUps(): MarketError {
  const message = 'more keys are looked up than can be at once: send it again after a pause'
  return new MarketError('OVERLOADED', message, { details: { retryAfterMs: busyRetryMs } })
}

export function exhausted(): MarketError {
  const message = 'nothing is left on the account of this key: deposit more, then send it again'
  return new MarketError('PAYMENT_REQUIRED', message)
}
