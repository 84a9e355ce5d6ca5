import * as epochs from './moves/epochs.ts'
import * as escrow from './moves/escrow.ts'
import * as fees from './moves/fees.ts'
import * as parameters from './moves/parameters.ts'
import * as registry from './moves/registry.ts'
import * as signers from './moves/signers.ts'
import * as slashing from './moves/slashing.ts'
import * as staking from './moves/staking.ts'
import type { Move } from './scene.ts'

export type WeightedMove = { move: Move; weight: number }

const row = (weight: number, ...moves: Move[]): WeightedMove[] =>
  moves.map((move) => ({ move, weight }))

/** What may happen next, and how often against the others. */
export const moves: readonly WeightedMove[] = [
  ...row(14, staking.delegate),
  ...row(8, staking.withdraw, staking.unstakeDelegated),
  ...row(6, staking.stakeSelf, staking.claim),
  ...row(3, staking.unstakeSelf, staking.cancelUnbonding, staking.claimAndRestake),
  ...row(2, staking.payIdleReward),
  ...row(4, slashing.slash),
  ...row(
    1,
    slashing.lock,
    slashing.release,
    slashing.release,
    slashing.setIndemnifier,
    slashing.jail,
  ),
  ...row(2, registry.registerProvider, registry.registerNode, registry.requestAudit),
  ...row(3, registry.admitNode, registry.activateNode, registry.announceCommission),
  ...row(
    1,
    registry.drainNode,
    registry.retireNode,
    registry.retireOverdue,
    registry.checkSelfStake,
  ),
  ...row(1, registry.offerOwnership, registry.acceptOwnership, registry.setRewardsTo),
  ...row(1, registry.setOperator, registry.rotateNodeKey),
  ...row(8, escrow.deposit),
  ...row(10, escrow.postChargeRoot, escrow.applyCharges),
  ...row(4, escrow.requestWithdraw, escrow.withdrawDeposit),
  ...row(1, escrow.depositFor, escrow.setKeyCommitment, escrow.cancelWithdraw),
  ...row(1, escrow.disableChargeRoot),
  ...row(2, fees.releaseBucket, fees.transfer, fees.sweepSurplus),
  ...row(1, fees.route, fees.setRecipient, fees.endAuction),
  ...row(3, fees.fund),
  ...row(6, fees.postRate, fees.startAuction),
  ...row(20, fees.buy),
  ...row(8, epochs.postEpoch),
  ...row(12, epochs.push),
  ...row(2, epochs.pushMany, epochs.sweepWithheld),
  ...row(1, epochs.disableEpoch),
  ...row(1, signers.depositBond, signers.requestBondExit, signers.withdrawBond),
  ...row(1, signers.slashBond, signers.announceSet, signers.cancelSet),
  ...row(2, signers.installSet),
  ...row(3, parameters.announceParams),
  ...row(1, parameters.cancelParams),
]
