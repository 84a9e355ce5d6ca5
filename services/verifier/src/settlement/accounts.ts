import type { AssetName } from '@mooring/market/settlement/epoch-data'
import {
  accountsPerCall,
  type EscrowAccount,
  readEscrowAccounts,
} from '@mooring/onchain/charge-roots'
import type { Hex } from 'viem'
import type { SettlementContext } from './context.ts'
import { agreedOn } from './unsigned.ts'

/** Calls that each source has to answer at a time. */
const callsAtOnce = 8

/**
 * Accounts of an escrow in one block, as every source has them, some at a time and in their order: the caller may leave
 * off.
 *
 * @throws Unsigned where sources are silent or apart.
 */
export async function* readAccounts(
  { sources, deployment }: Pick<SettlementContext, 'sources' | 'deployment'>,
  {
    asset,
    accounts,
    blockNumber,
    signal,
  }: { asset: AssetName; accounts: readonly Hex[]; blockNumber: bigint; signal: AbortSignal },
): AsyncGenerator<EscrowAccount[]> {
  const each = accountsPerCall * callsAtOnce
  for (let at = 0; at < accounts.length; at += each) {
    signal.throwIfAborted()
    const calls = Array.from({ length: callsAtOnce }, (_, call) => {
      const from = at + call * accountsPerCall
      return accounts.slice(from, from + accountsPerCall)
    })
    const answers = await Promise.all(
      calls
        .filter((asked) => asked.length > 0)
        .map((asked) =>
          sources.askBoth((reader) =>
            readEscrowAccounts({ reader, deployment }, { asset, accounts: asked, blockNumber }),
          ),
        ),
    )
    yield answers.flatMap(agreedOn)
  }
}
