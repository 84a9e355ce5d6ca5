import type { CopyRefusal } from '@mooring/protocol/metering/copies'
import type { Logger } from '@mooring/telemetry/logger'
import type { Meters } from '@mooring/telemetry/meters'
import { factsOf } from '../events.ts'
import type { CopyName } from './copies.ts'

/** Everything a witness tells about itself. No field holds a credential or an address of ours. */
export type Events = ReturnType<typeof createEvents>

export function createEvents(logger: Logger, meters: Meters) {
  const parcels = meters.counter('witness_parcels_total', 'What gateways sent by what came of it', [
    'result',
  ])
  const copies = meters.gauge('witness_copies', 'Copies that are kept', [])
  return {
    started(addresses: { url: string }) {
      logger.info('witness started', addresses)
    },
    stopping(signal: string) {
      logger.info('witness stopping', { signal })
    },
    /** Something that must not happen, such as a disk that takes nothing; told to operators and to nobody else. */
    broke(error: unknown, route: string) {
      parcels.inc('failed')
      logger.error('request broke', { route, ...factsOf(error) })
    },
    kept() {
      parcels.inc('kept')
    },
    refused({ instance, epoch }: CopyName, { error, last }: CopyRefusal) {
      parcels.inc(error)
      logger.warn('frames refused', { instance, epoch, error, last })
    },
    forgot({ instance, epoch }: CopyName, upTo: number) {
      logger.info('copy forgotten', { instance, epoch, upTo })
    },
    measured(kept: { copies: number }) {
      copies.set(kept.copies)
    },
  }
}
