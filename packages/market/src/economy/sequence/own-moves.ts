import * as escrow from './moves/escrow.ts'
import * as signers from './moves/signers.ts'
import * as slashing from './moves/slashing.ts'
import * as staking from './moves/staking.ts'
import type { WeightedMove } from './moves.ts'
import type { Move } from './scene.ts'

/**
 * What people do with their own money, and what may be taken from it: no fees, no rewards, no gifts, and whoever takes
 * something out sends it to itself.
 */
export const ownMoves: readonly WeightedMove[] = [
  ...row(10, staking.delegate),
  ...row(6, staking.stakeSelf, staking.unstakeDelegated, staking.withdraw),
  ...row(4, staking.unstakeSelf, staking.cancelUnbonding, slashing.slash),
  ...row(1, staking.claim, slashing.lock, slashing.release, slashing.setIndemnifier),
  ...row(4, escrow.deposit, escrow.requestWithdraw, escrow.withdrawDeposit),
  ...row(1, escrow.cancelWithdraw, escrow.setKeyCommitment),
  ...row(1, signers.depositBond, signers.requestBondExit, signers.withdrawBond, signers.slashBond),
]

function row(weight: number, ...moves: Move[]): WeightedMove[] {
  return moves.map((move) => ({ move: toOneself(move), weight }))
}

function toOneself(move: Move): Move {
  return (scene) => {
    const action = move(scene)
    if (action === undefined || !('to' in action.args)) return action
    // Only who receives is another; the union cannot say that a name and its arguments still belong together.
    return { ...action, args: { ...action.args, to: action.caller } } as typeof action
  }
}
