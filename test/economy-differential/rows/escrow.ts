import { escrowAbi } from '@mooring/abis/escrow'
import { type Economy, valuesNow } from '@mooring/market/economy/economy'
import { type Token, tokens } from '@mooring/market/economy/ledger'
import {
  capTerms,
  depositOf,
  holderOf,
  inAsset,
  periodCap,
} from '@mooring/market/economy/payments/escrow'
import { zeroHash } from 'viem'
import { escrowOf } from '../calls/escrow.ts'
import { addressWith } from '../cast.ts'
import { chargeTree } from '../trees.ts'
import type { World } from '../world.ts'
import { type Row, type RowsOf, rowsFrom } from './row.ts'

/** Every account, every root, and what minimums and caps are worth. */
export const escrowRows: RowsOf = (world, economy) =>
  tokens.flatMap((asset) => {
    const escrow = economy.escrows[asset]
    const values = valuesNow(economy)
    const worth = (ankr: bigint) => inAsset(escrow, economy.rateFeed, ankr)
    const row = rowFor(world, asset)
    return [
      row('firstDepositMin', [], worth(values.EscrowFirstDepositMin)),
      row('topUpMin', [], worth(values.EscrowTopUpMin)),
      row('chargeRootCount', [], escrow.roots.length),
      ...accountRows(world, economy, asset),
      ...escrow.roots.map(({ leaves, ...root }, place) =>
        row('chargeRootOf', [BigInt(place) + 1n], {
          ...root,
          root: chargeTree(leaves).root,
          dataHash: zeroHash,
        }),
      ),
    ]
  })

function accountRows(world: World, economy: Economy, asset: Token): Row[] {
  const escrow = economy.escrows[asset]
  const terms = capTerms(escrow, economy.rateFeed, valuesNow(economy))
  const row = rowFor(world, asset)
  return world.cast.consumers.flatMap((consumer) => {
    const who = addressWith(consumer)
    const account = depositOf(escrow, consumer)
    return [
      row('accountOf', [who], account),
      row('consentNonceOf', [who], escrow.consentNonces.get(consumer) ?? 0n),
      row('periodCapOf', [account.balance], periodCap(account.balance, terms)),
    ]
  })
}

function rowFor(world: World, asset: Token) {
  return rowsFrom(holderOf(asset), escrowOf(world, asset), escrowAbi)
}
