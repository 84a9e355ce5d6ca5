import { type Loop, startLoop } from '@mooring/telemetry/loop'
import { deliverDueLetters } from './alerts/deliver.ts'
import type { Attestors } from './attestors.ts'
import { Finality } from './deposits/finality.ts'
import { Pace } from './deposits/pace.ts'
import { readRevocations } from './deposits/revocations.ts'
import { atOnceMax, checkDueDeposits } from './deposits/watch.ts'
import { type HousekeepingParts, startHousekeeping } from './housekeeping.ts'
import { createRenewals } from './tokens/renewals.ts'

/** Deposits are due at times of their own; this is how often it is looked which are. */
const dueIntervalMs = 500

/** What the service does of itself. Several processes may do it on one database. */
export function startLoops(parts: HousekeepingParts & Attestors): Loop[] {
  return [startHousekeeping(parts), ...depositLoops(parts), ...alertLoops(parts)]
}

function depositLoops({
  config,
  database,
  clock,
  events,
  ...attestors
}: HousekeepingParts & Attestors): Loop[] {
  const { deposits } = config
  if (deposits === undefined || attestors.verifiers === undefined) return []
  const { checkIntervalMs: intervalMs, revocationIntervalMs } = deposits
  const parts = { database, clock, events, ...attestors }
  const pace = new Pace(atOnceMax)
  const finality = new Finality()
  return [
    startLoop({
      pauseMs: Math.min(intervalMs, dueIntervalMs),
      clock,
      onError: (error) => events.roundFailed('deposits', error),
      round: async () => void (await checkDueDeposits({ ...parts, intervalMs, pace, finality })),
    }),
    startLoop({
      pauseMs: revocationIntervalMs,
      clock,
      onError: (error) => events.roundFailed('revocations', error),
      round: () => readRevocations(parts),
    }),
    startLoop({
      pauseMs: revocationIntervalMs,
      clock,
      onError: (error) => events.roundFailed('renewals', error),
      round: createRenewals(parts),
    }),
  ]
}

function alertLoops({ config, database, clock, events }: HousekeepingParts): Loop[] {
  const { alerts } = config
  if (alerts === undefined) return []
  return [
    startLoop({
      pauseMs: alerts.pollIntervalMs,
      clock,
      onError: (error) => events.roundFailed('outbox', error),
      round: async () =>
        void (await deliverDueLetters({ database, clock, events, config: alerts })),
    }),
  ]
}
