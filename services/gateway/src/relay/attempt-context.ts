import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'

/** What sending to an upstream, judging its answer and recording it have in common. */
export type AttemptContext = {
  chain: ServedChain
  /** The chain's head as the caller may be shown it. */
  headBlock: number | undefined
  /** Nobody pays for it, so it is no work of the node: who sends such to itself would hide by them what it fails. */
  isCommunity?: boolean | undefined
  /** Whether the consumer wants the answer signed by the node. */
  wantsSignature?: boolean | undefined
  clock: Clock
  events: Events
}
