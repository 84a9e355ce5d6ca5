import { lateMs } from '@mooring/protocol/relays/reports'

/** What an upstream did since it was opened, but for requests that nobody pays for. Counted on the relay path, by whoever judges an answer. */
export type WorkTally = {
  asked: number
  answered: number
  failed: number
  late: number
  /** Of charged requests that were answered by what it said. */
  credits: number
}

export function createTally(): WorkTally {
  return { asked: 0, answered: 0, failed: 0, late: 0, credits: 0 }
}

/** It did what it was asked, were it only to say that a call reverts. */
export function tallyAnswer(tally: WorkTally, tookMs: number): void {
  tally.answered++
  if (tookMs > lateMs) tally.late++
}
