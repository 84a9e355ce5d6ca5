import type { TokenAmount } from '@mooring/protocol/units'
import type { Verb } from '../economy.ts'
import { type Account, given, received, surplusOf, type Token, transferred } from '../ledger.ts'
import { refuseIf } from '../refused.ts'

export type TransferArgs = { token: Token; to: Account; amount: TokenAmount }

/** Between people, or to a contract that has not asked for it. */
export const transfer: Verb<TransferArgs> = (economy, caller, { token, to, amount }) => ({
  ...economy,
  ledger: transferred(economy.ledger, { token, from: caller, to, amount }),
})

export type SweepSurplusArgs = {
  token: Token
  from: 'stakingPool' | 'ankrEscrow' | 'stableEscrow'
}

/** Sends what nobody is owed to the treasury. Anyone may call. */
export const sweepSurplus: Verb<SweepSurplusArgs> = (economy, _caller, { token, from }) => {
  const amount = surplusOf(economy.ledger, token, from)
  refuseIf({
    EscrowNothingToSweep: amount === 0n && from !== 'stakingPool',
    StakingPoolZeroAmount: amount === 0n && from === 'stakingPool',
  })
  const booked = received(economy.ledger, { token, to: from, amount })
  return { ...economy, ledger: given(booked, { token, from, to: economy.treasury, amount }) }
}
