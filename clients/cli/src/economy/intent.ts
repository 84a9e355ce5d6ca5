import type { Call } from '@mooring/onchain/send'
import type { Skips } from '@mooring/onchain/signed-files'

/** One transaction of an intent, with what it is called in the list of what will be sent: `approve 1,000 ANKR`. */
export type Step = Call & { label: string; skips?: Skips | undefined }

/** What a command is about to do, before anything is signed. */
export type Intent = {
  /** One sentence without its full stop: `Delegate 1,000 ANKR to provider 3`. */
  what: string
  /** What follows from it, one fact a line: dates, limits, what is given up. */
  facts: readonly Fact[]
  /** In order; a later one may need the earlier ones. None when there is nothing to do. */
  steps: readonly Step[]
}

export type Fact = readonly [label: string, value: string]
