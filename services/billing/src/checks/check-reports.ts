import type { CheckName, Discrepancy } from '@mooring/store/ledger/check'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'

export type CheckReport = {
  check: CheckName
  /** ISO 8601, of the last time; undefined before the first. */
  checkedAt: string | undefined
  discrepancies: readonly Discrepancy[]
}

const checks = [
  'account-entries',
  'leases',
  'usage-charges',
  'frames-usage',
  'key-days',
  'period-used',
  'deposits-left',
  'spent-applied',
  'escrow-mirror',
  'deposits-booked',
] as const satisfies readonly CheckName[]

/** What each check found the last time. */
export class CheckReports {
  readonly #clock: Clock
  readonly #events: Events
  readonly #reports = new Map<CheckName, CheckReport>()

  constructor({ clock, events }: { clock: Clock; events: Events }) {
    this.#clock = clock
    this.#events = events
  }

  all(): CheckReport[] {
    return checks.map(
      (check) => this.#reports.get(check) ?? { check, checkedAt: undefined, discrepancies: [] },
    )
  }

  /** @param done - The checks that were made; those without a discrepancy hold. */
  note(done: readonly CheckName[], discrepancies: readonly Discrepancy[]): void {
    const checkedAt = new Date(this.#clock.wallMs()).toISOString()
    for (const check of done) {
      const own = discrepancies.filter((each) => each.check === check)
      this.#reports.set(check, { check, checkedAt, discrepancies: own })
      this.#events.checked(check, own)
    }
  }
}
