import { type FailureDetails, MarketError } from '@mooring/protocol/market-error'
import { signedBatchMax } from '@mooring/protocol/relays/answers'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import type { Caller } from '../exchange.ts'

/** When nobody can tell how long it takes until a place is free. */
const busyRetryMs = 1_000

export function overloaded(): MarketError {
  const message = 'the gateway has more requests than it can take on: send it again after a pause'
  return new MarketError('OVERLOADED', message, { details: { retryAfterMs: busyRetryMs } })
}

export function unknownChain(name: string, chains: ReadonlyMap<string, unknown>): MarketError {
  const served = [...chains.keys()].slice(0, 30).join(', ')
  return new MarketError('CHAIN_NOT_FOUND', `${name} is not served here: use one of ${served}`)
}

export function tooFast({ requestsPerSecond, burstRequests }: Caller['limits']): MarketError {
  const message = `the limit of ${requestsPerSecond} requests per second (${burstRequests} at once) is reached: wait for as long as Retry-After says`
  return rateLimited(message, { limit: 'requestsPerSecond', value: requestsPerSecond })
}

export function tooManyUnanswered({ inFlightMax }: Caller['limits']): MarketError {
  const message = `more than ${inFlightMax} of your requests are unanswered: wait for answers before you send more`
  return rateLimited(message, {
    limit: 'inFlightMax',
    value: inFlightMax,
    retryAfterMs: busyRetryMs,
  })
}

export function tooManyToSign(count: number): MarketError {
  const message = `the batch holds ${count} requests, and no more than ${signedBatchMax} answers of one are signed: send smaller batches, or leave out ${relayHeaders.sign}`
  const details = { limit: 'signedBatchMax', value: signedBatchMax }
  return new MarketError('REQUEST_TOO_LARGE', message, { details })
}

/** `bytesMax`: what the bodies of one caller may hold. */
export function tooMuchUnfinished(bytesMax: number): MarketError {
  const message = `requests of yours that are not here to their end hold more than ${bytesMax} bytes: send fewer at once`
  return rateLimited(message, {
    limit: 'unfinishedBytesMax',
    value: bytesMax,
    retryAfterMs: busyRetryMs,
  })
}

function rateLimited(message: string, details: FailureDetails): MarketError {
  return new MarketError('RATE_LIMITED', message, { details })
}
