import type { RequestId } from '@mooring/protocol/json-rpc/request'
import type { Exchange } from '../exchange.ts'
import type { Meter } from '../meter/meter.ts'
import type { RpcAnswerFacts } from './responses.ts'

/** What is known of a request so far; a refusal is answered with as much. */
export type Facts = RpcAnswerFacts & { id: RequestId }

/** With all its members from the start: an object that gains some later is dearer to make and to read. */
export function createFacts(traceId: string): Facts {
  return {
    traceId,
    id: null,
    caller: undefined,
    admission: undefined,
    retryAfterMs: undefined,
    scheme: undefined,
    credits: undefined,
  }
}

/** Adds what a request cost to what all of its body do, and what is left after it. */
export function noteCredits(
  facts: Facts,
  { caller, charged }: Exchange,
  meter: Pick<Meter, 'leftOf'> | undefined,
): void {
  const before = facts.credits?.charged ?? 0
  facts.credits = { charged: before + charged, left: meter?.leftOf(caller) }
}
