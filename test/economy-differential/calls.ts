import type { Action, VerbName } from '@mooring/market/economy/actions'
import type { Calling, CallTable, ContractCall } from './calls/contract-call.ts'
import { epochCalls } from './calls/epochs.ts'
import { escrowCalls } from './calls/escrow.ts'
import { feeCalls } from './calls/fees.ts'
import { governanceCalls } from './calls/governance.ts'
import { registryCalls } from './calls/registry.ts'
import { stakingCalls } from './calls/staking.ts'

const calls: CallTable<VerbName> = {
  ...governanceCalls,
  ...registryCalls,
  ...stakingCalls,
  ...escrowCalls,
  ...feeCalls,
  ...epochCalls,
}

/** The transaction that does what an action of the model does. */
export async function callOf(
  action: Action,
  moment: Omit<Calling, 'caller'>,
): Promise<ContractCall> {
  // The name and the arguments of an action belong together, which the union says and the table cannot.
  const call = calls[action.name] as (args: unknown, calling: Calling) => ContractCall
  return call(action.args, { ...moment, caller: action.caller })
}
