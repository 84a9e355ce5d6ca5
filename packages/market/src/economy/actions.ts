import type { Seconds } from '@mooring/protocol/units'
import type { Economy, Step, Verb } from './economy.ts'
import type { Account } from './ledger.ts'
import { buy, endAuction, startAuction } from './verbs/auction.ts'
import { applyCharges, disableChargeRoot, postChargeRoot } from './verbs/charge.ts'
import {
  cancelWithdraw,
  deposit,
  depositFor,
  requestWithdraw,
  setKeyCommitment,
  withdrawDeposit,
} from './verbs/deposit.ts'
import { disableEpoch, postEpoch } from './verbs/epoch.ts'
import {
  activateNode,
  admitNode,
  drainNode,
  registerNode,
  rejectNode,
  requestAudit,
  retireNode,
  rotateNodeKey,
} from './verbs/node.ts'
import { announceParams, cancelParams } from './verbs/parameter.ts'
import { push, pushMany, sweepWithheld } from './verbs/payout.ts'
import {
  acceptOwnership,
  announceCommission,
  jail,
  offerOwnership,
  registerProvider,
  setOperator,
  setRewardsTo,
} from './verbs/provider.ts'
import { postRate } from './verbs/rate.ts'
import { fund, releaseBucket, route, setRecipient } from './verbs/route.ts'
import { checkSelfStake } from './verbs/self-stake.ts'
import {
  announceSet,
  cancelSet,
  depositBond,
  installSet,
  requestBondExit,
  slashBond,
  withdrawBond,
} from './verbs/signer.ts'
import { lock, release, setIndemnifier, slash } from './verbs/slash.ts'
import { claim, claimAndRestake, payIdleReward, stake } from './verbs/stake.ts'
import { sweepSurplus, transfer } from './verbs/transfer.ts'
import { cancelUnbonding, unstake, withdraw } from './verbs/unbond.ts'

/** All that can be done in the economy, by name. One row stands for one function of one contract. */
export const verbs = {
  transfer,
  sweepSurplus,
  announceParams,
  cancelParams,
  depositBond,
  requestBondExit,
  withdrawBond,
  slashBond,
  announceSet,
  cancelSet,
  installSet,
  registerProvider,
  offerOwnership,
  acceptOwnership,
  setRewardsTo,
  setOperator,
  announceCommission,
  jail,
  registerNode,
  rotateNodeKey,
  requestAudit,
  admitNode,
  rejectNode,
  activateNode,
  drainNode,
  retireNode,
  checkSelfStake,
  stake,
  unstake,
  cancelUnbonding,
  withdraw,
  claim,
  claimAndRestake,
  payIdleReward,
  slash,
  lock,
  release,
  setIndemnifier,
  deposit,
  depositFor,
  setKeyCommitment,
  requestWithdraw,
  cancelWithdraw,
  withdrawDeposit,
  postChargeRoot,
  disableChargeRoot,
  applyCharges,
  route,
  releaseBucket,
  setRecipient,
  fund,
  postRate,
  startAuction,
  endAuction,
  buy,
  postEpoch,
  disableEpoch,
  push,
  pushMany,
  sweepWithheld,
} as const

export type VerbName = keyof typeof verbs
export type ArgsOf<N extends VerbName> = Parameters<(typeof verbs)[N]>[2]

/** Somebody does something. */
export type Action = {
  [N in VerbName]: { name: N; caller: Account; args: ArgsOf<N> }
}[VerbName]

// The keys of a literal record are the keys of its type.
export const verbNames = Object.keys(verbs) as VerbName[]

/** The state after an action at a moment, and the tokens it moved. Throws `Refused` when the chain would revert. */
export function perform(economy: Economy, action: Action, now: Seconds): Step {
  if (now < economy.now) throw new RangeError(`${now} is before ${economy.now}`)
  const begun = { ...economy, now, ledger: { ...economy.ledger, movements: [] } }
  // The name and the arguments of an action belong together, which the union says and the table cannot.
  const verb = verbs[action.name] as Verb<unknown>
  const after = verb(begun, action.caller, action.args)
  return { economy: after, movements: after.ledger.movements }
}
