import { tokenScale } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import type { Economy } from '../economy.ts'
import type { Account } from '../ledger.ts'
import { inAsset } from '../payments/escrow.ts'
import { signerRoles } from '../signers/signer-sets.ts'
import type { Cast } from './scene.ts'

/** What a network does before anything else: bonds, sets of signers, two providers with a node each, deposits. */
export function prologueOf(economy: Economy, cast: Cast): Action[] {
  const amount = economy.params.values.SignerBond
  return [
    ...cast.signers.map(
      (signer): Action => ({ name: 'depositBond', caller: signer, args: { signer, amount } }),
    ),
    ...signerRoles.map(
      (role): Action => ({ name: 'installSet', caller: cast.outsider, args: { role } }),
    ),
    ...cast.owners
      .slice(0, 2)
      .flatMap((owner, place) => providerActions(economy, cast, { owner, place })),
    ...cast.consumers.slice(0, 2).flatMap((consumer) => depositActions(economy, consumer)),
  ]
}

function providerActions(
  economy: Economy,
  cast: Cast,
  { owner, place }: { owner: Account; place: number },
): Action[] {
  const id = BigInt(place) + 1n
  const { SelfStakePerNode, DelegationMin } = economy.params.values
  const signingKey = cast.nodeKeys[place] ?? cast.outsider
  const delegator = cast.delegators[place] ?? cast.outsider
  const terms = { providerId: id, sharesMin: 0n, way: 'approval' } as const
  const self = { ...terms, kind: 'Self', amount: SelfStakePerNode + tokenScale } as const
  const delegated = { ...terms, kind: 'Delegated', amount: DelegationMin * 3n } as const
  const registered = { rewardsTo: owner, commissionPpm: 100_000n }
  return [
    { name: 'registerProvider', caller: owner, args: registered },
    { name: 'stake', caller: owner, args: self },
    { name: 'registerNode', caller: owner, args: { providerId: id, signingKey } },
    { name: 'requestAudit', caller: owner, args: { nodeId: id } },
    { name: 'admitNode', caller: economy.roles.admissions, args: { nodeId: id } },
    { name: 'activateNode', caller: owner, args: { nodeId: id } },
    { name: 'stake', caller: delegator, args: delegated },
  ]
}

function depositActions(economy: Economy, caller: Account): Action[] {
  const keyCommitment = `0x${'1'.repeat(64)}`
  const ankr = economy.params.values.EscrowFirstDepositMin * 20n
  return (['ankr', 'stable'] as const).map((asset) => {
    const amount = inAsset(economy.escrows[asset], economy.rateFeed, ankr)
    return { name: 'deposit', caller, args: { asset, amount, keyCommitment, way: 'approval' } }
  })
}
