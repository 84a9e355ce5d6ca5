import type { DeadlineClass, TransportFault } from '../../family.ts'
import type { ErrorClassName } from './errors.ts'

/**
 * How one class of error is recognised. Lists are read from the top and the first row that holds
 * decides, so the order carries meaning. All conditions of a row must hold.
 *
 * A row that goes by words alone and harms a node's standing is not believed where the words may be the
 * caller's own: `error-match.ts` derives that from the facts of its class, so no row has to say so.
 */
export type ErrorSignal = {
  class: Exclude<ErrorClassName, 'UNKNOWN'>
  fault?: TransportFault
  /** JSON-RPC error codes. Different nodes give one code to different things: rarely enough alone. */
  codes?: readonly number[]
  /** HTTP statuses. */
  statuses?: readonly number[]
  /** Any of them, in the notation of `parsePhrase`. */
  phrases?: readonly string[]
  /** Only for these methods; `debug_*` is a whole namespace. */
  methods?: readonly string[]
  /** Only for methods whose policy has one of these deadlines. */
  deadlines?: readonly DeadlineClass[]
  /** Only for errors without data. */
  withoutData?: true
  /** Not for answers that may quote the caller's params, though its class harms no node. */
  unlessQuoting?: true
}

export const traces = ['debug_*', 'trace_*', 'arbtrace_*', 'ots_*']
export const logSearches = ['eth_getLogs', 'eth_getFilterLogs', 'erigon_getLogs', 'trace_filter']
export const sends = ['eth_send*']
/** What the caller asks for decides how long the others take, so a timeout of theirs weighs less. */
export const quickOnly = ['quick'] as const
