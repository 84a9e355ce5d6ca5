import type { Keccak } from '@mooring/market/settlement/bytes'
import { encodeChargeFile } from '@mooring/market/settlement/charge-file'
import { chargeTotals } from '@mooring/market/settlement/charge-totals'
import { type AssetName, assetNames } from '@mooring/market/settlement/epoch-data'
import { escrowOf, readCapTerms } from '@mooring/onchain/charge-roots'
import type { System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import {
  hasChargeFile,
  readChargeableBooks,
  readSignedTotals,
  saveChargeFile,
} from '@mooring/store/ledger/charge-files'
import type { Clock } from '@mooring/telemetry/clock'
import { addressOf } from '../chain/address.ts'
import type { ChainTerms } from '../chain/terms.ts'
import type { Events } from '../events.ts'
import { readNextRoot } from './next-root.ts'

type Parts = {
  system: System
  database: Database
  clock: Clock
  events: Events
  keccak: Keccak
  terms: ChainTerms
}

/**
 * Makes the file of each escrow's next charge root, once its period is over and somebody has used something. Of several
 * processes one keeps its file, and there is never another one for that root and period. A root that nobody posts within
 * a period can't be posted any more, and gets a file of the next one.
 */
export async function makeChargeFiles(parts: Parts): Promise<void> {
  for (const asset of assetNames) await makeChargeFile(parts, asset)
}

async function makeChargeFile(parts: Parts, asset: AssetName): Promise<void> {
  const { system, database, clock, events, keccak, terms } = parts
  const { periodSeconds } = terms
  const next = await readNextRoot(system, { asset, periodSeconds })
  if (next === undefined) return
  const { rootId, periodEnd, previous, earlier } = next
  const key = { asset, rootId, periodEndMs: Number(periodEnd) * 1_000 }
  if (await hasChargeFile(database.sql, key)) return
  const books = await readChargeableBooks(database, asset)
  if (books === undefined || books.accounts.length === 0) return
  const { readTo } = books
  const accounts = books.accounts.map(({ account, life, ...amounts }) => ({
    ...{ ...amounts, account: addressOf(account), life: Number(life) },
  }))
  // Of a root that was not made from a file of ours nothing is known: what it took is in the books once it is applied.
  const signed = await readSignedTotals(database.sql, earlier)
  // Of the block that the books are of, so that verifiers find the same.
  const cap = await readCapTerms(system, asset, { blockHash: readTo.hash })
  const { leaves, waiting } = chargeTotals(accounts, signed, cap)
  if (leaves.length === 0) return
  const { chainId, parts: contracts } = system.deployment
  // Lower-case digits, so that each address has one form.
  const escrow = contracts[escrowOf[asset]].toLowerCase() as `0x${string}`
  const { text, roots } = encodeChargeFile(
    {
      ...{ version: 1, deployment: { chainId, escrow }, asset, rootId, periodEnd },
      ...{ state: { block: readTo.number, hash: readTo.hash }, previous, leaves },
    },
    keccak,
  )
  const file = { ...key, dataHash: roots.dataHash, content: text }
  if (!(await saveChargeFile(database.sql, file, clock.wallMs()))) return
  events.chargeFileMade({ asset, rootId, leaves: leaves.length, waiting })
}
