import type { Receipt } from '@mooring/protocol/relays/receipts'
import type { Logger } from '@mooring/telemetry/logger'
import type { MeterSet } from './events.ts'

/** What the gateway tells about agents of nodes, as in `events.ts`. */
export function agentEvents(logger: Logger, m: MeterSet) {
  let failure: string | undefined
  return {
    agentSessionOpened(upstream: string) {
      logger.info('session with an agent opened', { upstream })
    },
    agentTroubled(upstream: string, why: string) {
      m.agentTroubles.inc(upstream)
      logger.warn('trouble with an agent', { upstream, why })
    },
    relaysProven(upstream: string, { relays, credits }: Pick<Receipt, 'relays' | 'credits'>) {
      m.provenRelays.add(Number(relays), upstream)
      m.provenCredits.add(Number(credits), upstream)
    },
    /** They were delivered, and their node will never have a receipt for them. */
    relaysUnproven(upstream: string, count: number) {
      m.unprovenRelays.add(count, upstream)
      logger.warn('relays are left without a receipt', { upstream, count })
    },
    /** What nodes did is in the books. */
    reported() {
      if (failure !== undefined) logger.info('what nodes did is told again')
      failure = undefined
    },
    /** Nothing is lost by it while it does not last for as long as the books of an epoch are open. */
    reportFailed(why: string) {
      if (failure !== why) logger.warn('what nodes did cannot be told', { why })
      failure = why
    },
    receiptNotTaken(session: string, why: string) {
      logger.error('the books do not take a receipt', { session, why })
    },
  }
}
