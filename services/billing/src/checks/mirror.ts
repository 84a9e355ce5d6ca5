import { readPart, type System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import { type Discrepancy, discrepanciesMax } from '@mooring/store/ledger/check'
import {
  type Mirrored,
  type MirrorName,
  markMirrored,
  readMirror,
} from '@mooring/store/ledger/mirror'
import type { Clock } from '@mooring/telemetry/clock'
import { addressOf } from '../chain/address.ts'
import { mapLimited } from './map-limited.ts'

type Parts = { system: System; database: Database; clock: Clock; accountsMax: number }

/** Questions to the node at once. */
const atOnceMax = 8

/**
 * Compares what the books say that the escrows hold for accounts with what they hold, at the newest block whose events
 * are in the books: some accounts each time. One that differs is compared each time from then on, and told until it agrees.
 */
export class MirrorCheck {
  readonly #parts: Parts
  /** By account and asset. */
  #found = new Map<string, { name: MirrorName; discrepancy: Discrepancy }>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Accounts of which something is on its way are left for the next time: what was found of them stays.
   *
   * @returns What is found to differ; undefined before any block is noted.
   */
  async compare(): Promise<Discrepancy[] | undefined> {
    const { system, database, clock, accountsMax } = this.#parts
    const wanted = [...this.#found.values()].map(({ name }) => name)
    // Another process may have noted more than this one has read, so the database tells up to where.
    const mirror = await readMirror(database, accountsMax, wanted)
    if (mirror === undefined) return undefined
    const { blockNumber, accounts } = mirror
    const held = await mapLimited(accounts, atOnceMax, (mirrored) =>
      heldBy(system, mirrored, blockNumber),
    )
    for (const [at, mirrored] of accounts.entries()) this.#note(mirrored, held[at] ?? 0n)
    await markMirrored(database.sql, accounts, clock.wallMs())
    return [...this.#found.values()].map(({ discrepancy }) => discrepancy)
  }

  #note(mirrored: Mirrored, held: bigint): void {
    const { account, asset, expected } = mirrored
    const key = `${account} ${asset}`
    if (held === expected) this.#found.delete(key)
    else if (this.#found.has(key) || this.#found.size < discrepanciesMax) {
      this.#found.set(key, { name: { account, asset }, discrepancy: differenceOf(mirrored, held) })
    }
  }
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
