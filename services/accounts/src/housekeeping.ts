import { dropChangesBefore } from '@mooring/store/changes'
import { dropEndedConfirmations } from '@mooring/store/confirmations'
import type { Database } from '@mooring/store/database'
import { dropRefusedBefore } from '@mooring/store/deposits'
import { dropEndedHashes } from '@mooring/store/keys'
import { dropEndedNonces } from '@mooring/store/nonces'
import { dropLettersBefore } from '@mooring/store/outbox'
import { dropEndedSessions } from '@mooring/store/sessions'
import { dropEndedTokens } from '@mooring/store/tokens'
import type { Clock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import type { AccountsConfig } from './config.ts'
import type { Events } from './events.ts'

export type HousekeepingParts = {
  config: AccountsConfig
  database: Database
  clock: Clock
  events: Events
}

const pauseMs = 60_000
/** A gateway that has heard nothing for so long begins anew. */
const changesKeptMs = 86_400_000
const refusedKeptMs = 7 * 86_400_000
const lettersKeptMs = 30 * 86_400_000

/** Forgets what has ended. Everything is checked against the time when it is used, so this only frees room. */
export function startHousekeeping({ config, database, clock, events }: HousekeepingParts): Loop {
  const { sql } = database
  const idleMs = config.signIn.sessionIdleMs
  return startLoop({
    pauseMs,
    clock,
    onError: (error) => events.roundFailed('housekeeping', error),
    async round() {
      const nowMs = clock.wallMs()
      await dropEndedNonces(sql, nowMs)
      await dropEndedSessions(sql, { nowMs, idleMs })
      await dropEndedTokens(sql, nowMs)
      await dropEndedConfirmations(database, nowMs)
      await dropEndedHashes(sql, nowMs)
      await dropRefusedBefore(sql, nowMs - refusedKeptMs)
      await dropChangesBefore(sql, nowMs - changesKeptMs)
      await dropLettersBefore(sql, nowMs - lettersKeptMs)
    },
  })
}
