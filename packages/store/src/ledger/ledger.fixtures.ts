import { deposit } from '@mooring/market/metering/holding'
import type { LeaseClaim, PostRequest, UsageLine } from '@mooring/protocol/metering/wire'
import type { Database } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { nowMs } from '../store.fixtures.ts'
import { writeJournal } from './journal.ts'
import { lockHolding, saveHolding } from './positions.ts'
import type { PostTerms } from './post.ts'

const noCap = { min: 10n ** 40n, ppm: 100_000n }

export function termsOf(changes: Partial<PostTerms> = {}): PostTerms {
  return {
    nowMs,
    leaseMs: 30_000,
    caps: { ankr: noCap, usd: noCap },
    period: 7n,
    periodEndsMs: nowMs + 600_000,
    chainEpoch: 0n,
    ...changes,
  }
}

/** Closes an epoch although its leases hold for up to an hour. */
export function atOnce(): PostTerms & { graceMs: number } {
  return { ...termsOf(), graceMs: -3_600_000 }
}

export function lineOf(account: string | null, changes: Partial<UsageLine> = {}): UsageLine {
  return {
    account,
    key: '',
    ownPurse: false,
    chain: 'eth',
    method: 'eth_call',
    status: 'ok',
    hour: Math.floor(nowMs / 3_600_000),
    requests: 1,
    credits: 400,
    ...changes,
  }
}

export function claimOf(account: string, changes: Partial<LeaseClaim> = {}): LeaseClaim {
  return { account, key: '', holds: 0, wants: 0, needs: 0, ...changes }
}

let posts = 0

export function postOf(epoch: bigint, changes: Partial<PostRequest> = {}): PostRequest {
  return {
    instance: 'gw-1',
    epoch: Number(epoch),
    number: ++posts,
    from: 1,
    to: 0,
    usage: [],
    leases: [],
    closes: false,
    ...changes,
  }
}

/** Puts tokens and credits into an account, as a deposit that was credited does. */
export async function fund(
  database: Database,
  account: string,
  { asset = 'ankr', tokens, credits }: { asset?: Asset; tokens: bigint; credits: bigint },
): Promise<void> {
  await database.transact(async (queries) => {
    const { holding, moves } = deposit(await lockHolding(queries, account, asset), {
      tokens,
      credits,
    })
    await saveHolding(queries, { account, asset, holding })
    const bookings = moves.map((move) => ({ account, asset, move }))
    await writeJournal(queries, { cause: `test ${crypto.randomUUID()}`, nowMs }, bookings)
  })
}
