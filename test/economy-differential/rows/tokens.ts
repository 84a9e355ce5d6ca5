import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { balanceOf, heldBy, holders, tokens } from '@mooring/market/economy/ledger'
import { erc20Abi } from 'viem'
import { type RowsOf, rowsFrom } from './row.ts'

/** Every balance, every supply, and what each contract counts as held for others. */
export const tokenRows: RowsOf = (world, { ledger }) =>
  tokens.flatMap((token) => {
    const row = rowsFrom(token, world.parts[token], erc20Abi)
    return [
      row('totalSupply', [], ledger.supply[token]),
      ...world.accounts.map((account) =>
        row('balanceOf', [world.addressOf(account)], balanceOf(ledger, token, account)),
      ),
      ...holders.map((holder) => {
        // All that hold tokens count them alike.
        const custody = rowsFrom(holder, world.addressOf(holder), stakingPoolAbi)
        return custody('held', [world.parts[token]], heldBy(ledger, token, holder))
      }),
    ]
  })
