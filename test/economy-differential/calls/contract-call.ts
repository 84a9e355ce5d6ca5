import type { ArgsOf, VerbName } from '@mooring/market/economy/actions'
import type { Economy } from '@mooring/market/economy/economy'
import type { Account } from '@mooring/market/economy/ledger'
import type { SignerRole } from '@mooring/market/economy/signers/signer-sets'
import type { StakeKind } from '@mooring/market/economy/staking/staking-pool'
import type { Seconds } from '@mooring/protocol/units'
import type { Address, Hex } from 'viem'
import type { World } from '../world.ts'

/** What an action is as a transaction. */
export type ContractCall = {
  to: Address
  data: Hex
  /** Sent by the caller in the same block before it. */
  before?: readonly { to: Address; data: Hex }[]
}

/** Who calls at which moment, and the state of the model before it. */
export type Calling = { world: World; economy: Economy; caller: Account; now: Seconds }

export type CallTable<N extends VerbName> = {
  [K in N]: (args: ArgsOf<K>, calling: Calling) => ContractCall | Promise<ContractCall>
}

/** As the contracts number them. */
export const roleNumbers: Record<SignerRole, number> = { Verifier: 1, Gateway: 2, RateSigner: 3 }
export const kindNumbers: Record<StakeKind, number> = { Delegated: 0, Self: 1 }
