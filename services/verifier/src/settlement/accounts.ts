import type { AssetName } from '@mooring/market/settlement/epoch-data'
import { type EscrowAccount, readEscrowAccounts } from '@mooring/onchain/charge-roots'
import type { Hex } from 'viem'
import type { SettlementContext } from './context.ts'
import { agreedOn } from './unsigned.ts'

/** Accounts that each source is asked for at a time. */
const accountsEach = 400

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
  for (let at = 0; at < accounts.length; at += accountsEach) {
    signal.throwIfAborted()
    const asked = { asset, accounts: accounts.slice(at, at + accountsEach), blockNumber }
    yield agreedOn(
      await sources.askBoth((reader) => readEscrowAccounts({ reader, deployment }, asked)),
    )
  }
}
