import { chargeFileLimits } from '@mooring/market/settlement/charge-file'
import { addSigned, isTaken, type SignedTotals } from '@mooring/market/settlement/charge-totals'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import type { ChargeLeaf } from '@mooring/market/settlement/plain-tree'
import type { StandingRoot } from '@mooring/onchain/charge-roots'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import type { Hex } from 'viem'
import { readAccounts } from './accounts.ts'
import { fetchFile } from './billing-files.ts'
import type { SettlementContext } from './context.ts'
import { type ReadChargeFile, readChargeFile } from './read-file.ts'
import { Unsigned } from './unsigned.ts'

/** When the totals of earlier roots are read. */
export type Moment = { block: bigint; seconds: bigint; signal: AbortSignal }

export type EarlierRoots = {
  /** @param standing - Those that count, newest first. Throws Unsigned where the file of one is not to be had. */
  signedTotals(
    asset: AssetName,
    standing: readonly StandingRoot[],
    moment: Moment,
  ): Promise<SignedTotals>
}

/** More than both escrows ever have to be looked at. */
const takenMax = 1_000

/** What standing roots have signed. Those of which all is taken say nothing any more, and are not fetched twice. */
export function createEarlierRoots(context: SettlementContext): EarlierRoots {
  const taken = new Set<Hex>()
  return {
    async signedTotals(asset, standing, moment) {
      const signed = new Map<string, bigint>()
      for (const { rootId, dataHash, applicableAt } of standing) {
        if (taken.has(dataHash)) continue
        const { leaves } = (await fetchChargeFile(context, dataHash, moment.signal)).file
        addSigned(signed, leaves)
        // One that waits may be disabled. The newest is needed most of the time, and has been applied least.
        if (rootId === standing[0]?.rootId || applicableAt > moment.seconds) continue
        if (!(await isAllTaken(context, { asset, leaves }, moment))) continue
        if (taken.size >= takenMax) taken.clear()
        taken.add(dataHash)
      }
      return signed
    },
  }
}

/** The file with this hash. Throws Unsigned where the billing service has none, or another one. */
export async function fetchChargeFile(
  { billingUrl, fileTimeoutMs }: SettlementContext,
  dataHash: Hex,
  signal: AbortSignal,
): Promise<ReadChargeFile> {
  const path = settlementPaths.chargeFile(dataHash)
  const limits = { timeoutMs: fileTimeoutMs, bytesMax: chargeFileLimits.bytes, signal }
  const read = await readChargeFile(await fetchFile({ billingUrl, path }, limits), signal)
  const found = read.roots.dataHash
  if (found === dataHash) return read
  throw new Unsigned(`the billing service sent the file ${found} in place of ${dataHash}`)
}

async function isAllTaken(
  context: SettlementContext,
  { asset, leaves }: { asset: AssetName; leaves: readonly ChargeLeaf[] },
  { block, signal }: Moment,
): Promise<boolean> {
  // So deep that no other branch brings it back.
  const blockNumber = block - BigInt(context.depthBlocks)
  if (blockNumber < 0n) return false
  const accounts = leaves.map(({ account }) => account)
  let at = 0
  for await (const found of readAccounts(context, { asset, accounts, blockNumber, signal })) {
    for (const account of found) {
      const leaf = leaves[at++]
      if (leaf !== undefined && !isTaken(leaf, account)) return false
    }
  }
  return true
}
