import { type NoArgs, requireRole, type Verb } from '../economy.ts'
import { announced, cancelled, type ParamChange } from '../parameters/param-store.ts'

export type AnnounceParamsArgs = { changes: readonly ParamChange[]; effectiveEpoch: bigint }

export const announceParams: Verb<AnnounceParamsArgs> = (economy, caller, args) => {
  requireRole(economy, 'governor', caller)
  return { ...economy, params: announced(economy.params, args, economy.now) }
}

export const cancelParams: Verb<NoArgs> = (economy, caller) => {
  requireRole(economy, 'governor', caller)
  return { ...economy, params: cancelled(economy.params, economy.now) }
}
