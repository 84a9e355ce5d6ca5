import * as epochs from './moves/epochs.ts'
import * as escrow from './moves/escrow.ts'
import * as fees from './moves/fees.ts'
import * as parameters from './moves/parameters.ts'
import * as registry from './moves/registry.ts'
import * as signers from './moves/signers.ts'
import * as slashing from './moves/slashing.ts'
import * as staking from './moves/staking.ts'
import type { WeightedMove } from './moves.ts'
import type { Move } from './scene.ts'

/** One part of the economy at a time, so that its own corners come up more often than among everything. */
export const focusedMoves = {
  stake: [
    ...row(6, staking.delegate, staking.claim),
    ...row(3, staking.stakeSelf, staking.unstakeDelegated, staking.cancelUnbonding),
    ...row(2, staking.unstakeSelf, staking.withdraw, staking.claimAndRestake),
    ...row(1, staking.payIdleReward, slashing.setIndemnifier, slashing.lock, slashing.release),
    ...row(8, slashing.slash, slashing.slashToTheEnd, fees.fund),
    ...row(5, epochs.postEpoch, epochs.push),
  ],
  nodes: [
    ...row(2, registry.registerProvider, registry.registerNode, registry.rotateNodeKey),
    ...row(4, registry.requestAudit, registry.admitNode, registry.activateNode),
    ...row(2, registry.drainNode, registry.retireNode, registry.retireOverdue),
    ...row(1, registry.offerOwnership, registry.acceptOwnership, registry.setOperator),
    ...row(1, registry.setRewardsTo, registry.announceCommission, registry.checkSelfStake),
    ...row(2, staking.stakeSelf, staking.unstakeSelf, slashing.slash, slashing.jail),
    ...row(1, parameters.announceParams),
  ],
  deposits: [
    ...row(4, escrow.deposit, escrow.requestWithdraw, escrow.withdrawDeposit),
    ...row(2, escrow.depositFor, escrow.setKeyCommitment, escrow.cancelWithdraw),
    ...row(6, escrow.postChargeRoot, escrow.applyCharges),
    ...row(1, escrow.disableChargeRoot, parameters.announceParams, fees.postRate),
  ],
  fees: [
    ...row(4, escrow.postChargeRoot, escrow.applyCharges, fees.postRate, fees.startAuction),
    ...row(10, fees.buy),
    ...row(2, fees.transfer, fees.fund, fees.route, fees.releaseBucket, fees.endAuction),
    ...row(1, fees.setRecipient, fees.sweepSurplus, parameters.announceParams),
    ...row(4, epochs.postEpoch, epochs.push, epochs.pushMany),
    ...row(1, epochs.sweepWithheld, epochs.disableEpoch),
  ],
  signers: [
    ...row(4, signers.announceSet, signers.installSet),
    ...row(2, signers.depositBond, signers.requestBondExit, signers.withdrawBond),
    ...row(1, signers.slashBond, signers.cancelSet, parameters.announceParams),
    ...row(1, parameters.cancelParams, fees.postRate, escrow.postChargeRoot),
  ],
} as const satisfies Record<string, readonly WeightedMove[]>

function row(weight: number, ...moves: Move[]): WeightedMove[] {
  return moves.map((move) => ({ move, weight }))
}
