import { MarketError } from '@mooring/protocol/market-error'
import type { LeaseGrant, LeaseReason } from '@mooring/protocol/metering/wire'
import { unauthenticated } from '../access/refusals.ts'

/** When a ledger that is away is likely to be back. */
const awayRetryMs = 2_000
const busyRetryMs = 1_000

const sentences = {
  exhausted: 'nothing is left on the account of this key: deposit more, then send it again',
  uncredited:
    'no deposit of the account is in the books yet: one that verifiers have attested is credited within seconds, so send it again',
  'period-cap':
    'the account has used what one charge period may take from it: send it again in the next one, or deposit more',
  'key-cap':
    'the key has used its limit of the day: send it again tomorrow (UTC), or have its owner raise the limit',
  reserved:
    'all that is left on the account is lent to gateways or asked out by its owner: send it again after a pause, or deposit more',
} as const satisfies Record<Exclude<LeaseReason, 'frozen'>, string>

/** Why nothing was granted, for whoever sent the request. */
export function notGranted(
  reason: LeaseReason,
  { retryAfterMs }: Pick<LeaseGrant, 'retryAfterMs'>,
): MarketError {
  if (reason === 'frozen') return unauthenticated('the account of this key is frozen')
  const details = retryAfterMs === null ? { reason } : { reason, retryAfterMs }
  return new MarketError('PAYMENT_REQUIRED', sentences[reason], { details })
}

export function ledgerAway(): MarketError {
  const message =
    'the ledger does not answer, so nothing can be charged and nothing is: send it again after a pause'
  return new MarketError('LEDGER_AWAY', message, { details: { retryAfterMs: awayRetryMs } })
}

export function meterStopped(): MarketError {
  const message =
    'this gateway cannot write down what is used, so nothing is charged and nothing served for credits: send it again, which may reach another gateway'
  return new MarketError('METER_STOPPED', message, { details: { retryAfterMs: awayRetryMs } })
}

/** The table of prices that the chain names is not here. */
export function noPrices(): MarketError {
  const message =
    'this gateway does not have the prices that are in force, so nothing is served for credits: send it again, which may reach another gateway'
  return new MarketError('METER_STOPPED', message, { details: { retryAfterMs: awayRetryMs } })
}

export function tooManyPurses(): MarketError {
  const message = 'the gateway serves as many accounts as it can: send it again after a pause'
  return new MarketError('OVERLOADED', message, { details: { retryAfterMs: busyRetryMs } })
}
