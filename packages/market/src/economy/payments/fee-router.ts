import type { TokenAmount } from '@mooring/protocol/units'
import type { Account } from '../ledger.ts'
import { type Auction, noAuction } from './auction.ts'
import type { FeeBucket } from './fee-split.ts'

export type FeeRouter = {
  accrued: Readonly<Record<FeeBucket, TokenAmount>>
  recipients: Readonly<Record<FeeBucket, Account>>
  /** All that ever went to the distributor. */
  providersTotal: TokenAmount
  /** Stablecoin booked and in no auction. */
  stablePending: TokenAmount
  auction: Auction
  /** Whether the token can be burned; else what is to be burned goes where nobody has the key. */
  ankrBurnable: boolean
}

export function createFeeRouter(
  recipients: Readonly<Record<FeeBucket, Account>>,
  ankrBurnable: boolean,
): FeeRouter {
  return {
    accrued: { Treasury: 0n, Grants: 0n, Auditors: 0n, Protection: 0n },
    recipients,
    providersTotal: 0n,
    stablePending: 0n,
    auction: noAuction,
    ankrBurnable,
  }
}
