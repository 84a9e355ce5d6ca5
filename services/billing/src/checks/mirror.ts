import { readPart, type System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import type { Discrepancy } from '@mooring/store/ledger/check'
import { type Mirrored, markMirrored, readMirror } from '@mooring/store/ledger/mirror'
import type { Clock } from '@mooring/telemetry/clock'
import { addressOf } from '../chain/address.ts'
import { mapLimited } from './map-limited.ts'

type Parts = { system: System; database: Database; clock: Clock; accountsMax: number }

/** Questions to the node at once. */
const atOnceMax = 8

/**
 * Compares what the books say that the escrows hold for accounts with what they hold, at the newest block whose events
 * are in the books. Accounts of which something is on its way are left for the next time.
 *
 * @returns Undefined before any block is noted.
 */
export async function checkMirror({
  system,
  database,
  clock,
  accountsMax,
}: Parts): Promise<Discrepancy[] | undefined> {
  // Another process may have noted more than this one has read, so the database tells up to where.
  const mirror = await readMirror(database, accountsMax)
  if (mirror === undefined) return undefined
  const { blockNumber, accounts } = mirror
  const found = await mapLimited(accounts, atOnceMax, async (mirrored) => {
    const held = await heldBy(system, mirrored, blockNumber)
    return held === mirrored.expected ? [] : [differenceOf(mirrored, held)]
  })
  await markMirrored(database.sql, accounts, clock.wallMs())
  return found.flat()
}

async function heldBy(
  system: System,
  { account, asset }: Mirrored,
  blockNumber: bigint,
): Promise<bigint> {
  const part = asset === 'ankr' ? 'ankrEscrow' : 'stableEscrow'
  const { balance } = await readPart(system, part, 'accountOf', [addressOf(account)], {
    blockNumber,
  })
  return balance
}

function differenceOf({ account, asset, expected }: Mirrored, held: bigint): Discrepancy {
  const detail = `${asset}: the books expect ${expected} in the escrow, it holds ${held}`
  return { check: 'escrow-mirror', account, detail }
}
