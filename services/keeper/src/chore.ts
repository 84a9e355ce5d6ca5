import type { Keccak } from '@mooring/market/settlement/bytes'
import type { System } from '@mooring/onchain/contracts'
import type { Call, Confirmed } from '@mooring/onchain/send'
import type { BillingFiles } from './billing/files.ts'
import type { KeeperConfig } from './config.ts'
import type { Panel } from './verifiers/panel.ts'

/**
 * Something that is to be done again and again. It keeps nothing from one round to the next that the chain does not say
 * as well, so that it may be ended anywhere, and be done by several at once.
 */
export type Chore = {
  name: ChoreName
  intervalMs: number
  round(turn: Turn): Promise<void>
}

/** Labels of metrics. */
export type ChoreName =
  | `charge root ${'ankr' | 'usd'}`
  | `charges ${'ankr' | 'usd'}`
  | 'fees'
  | 'epoch'
  | 'payouts'
  | 'upkeep'

/** One round of a chore: what it may do, and where it tells what came of it. */
export type Turn = {
  /**
   * Sends a call and waits for it.
   *
   * @returns Undefined when nothing came of it, which has been told of: this round ends then.
   */
  act(action: Action): Promise<Confirmed | undefined>
  /** Whether a contract would take it now; a refusal is told to nobody. */
  isAllowed(call: Call): Promise<boolean>
  /** What is nobody's fault and comes by itself. */
  waitFor(what: string): void
  /** What somebody has to look at, and is tried less often. */
  holdUp(why: string): void
  signal: AbortSignal
}

export type Action = {
  /** For people. */
  what: string
  call: Call
  /** Asked when it was refused: whether it is still to be done, or somebody else has done it. */
  isDue: () => Promise<boolean>
}

export type ChoreParts = {
  config: KeeperConfig
  system: System
  keccak: Keccak
  files: BillingFiles
  panel: Panel
}
