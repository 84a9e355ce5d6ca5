import type { TransportFault } from '../../family.ts'
import type { ErrorClassName } from './errors.ts'

/**
 * How one class of error is recognised. Lists are read from the top and the first row that holds
 * decides, so the order carries meaning. All conditions of a row must hold.
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
  /** Only for errors without data. */
  withoutData?: true
  /**
   * Not for answers that may quote the caller's params. Rows that harm a node's standing say so, or a
   * caller could take nodes out of selection by writing "invalid api key" as an address.
   */
  unlessQuoting?: true
}

export const traces = ['debug_*', 'trace_*', 'arbtrace_*', 'ots_*']
export const logSearches = ['eth_getLogs', 'eth_getFilterLogs', 'erigon_getLogs', 'trace_filter']
export const slowMethods = [...traces, ...logSearches]
export const sends = ['eth_send*']
