import { creditsOfAnkr, creditsOfStable } from '@mooring/market/metering/credits'
import type { System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import {
  bookDeposit,
  listOpenDeposits,
  type OpenDeposit,
  type Rate,
} from '@mooring/store/ledger/credit'
import type { Clock } from '@mooring/telemetry/clock'
import type { ChainFollower } from '../chain/chain-follower.ts'
import { rateAt } from '../chain/rate-book.ts'
import type { ChainTerms } from '../chain/terms.ts'
import type { Events } from '../events.ts'

type Parts = {
  system: System
  database: Database
  clock: Clock
  events: Events
  follower: Pick<ChainFollower, 'rates' | 'read'>
  terms: ChainTerms
}

const atOnceMax = 200

/** Books what verifiers have attested of deposits, and takes back what was none. One that fails does not stop others. */
export async function creditDeposits(parts: Parts): Promise<void> {
  const { system, database, events } = parts
  const { chainId } = system.deployment
  for (const deposit of await listOpenDeposits(database.sql, chainId, atOnceMax)) {
    try {
      await creditDeposit(parts, deposit)
    } catch (error) {
      events.roundFailed('credit', error)
    }
  }
}

async function creditDeposit(parts: Parts, deposit: OpenDeposit): Promise<void> {
  const { database, clock, events } = parts
  const worth = await worthOf(parts, deposit)
  if (worth === undefined) return
  const { credits, rate } = worth
  if (!(await bookDeposit(database, deposit, { credits, rate, nowMs: clock.wallMs() }))) return
  const { account, asset, attested: tokens } = deposit
  events.depositBooked({ account, asset, tokens, credits })
}

/** What all that is attested is good for; undefined where its rate is not known yet. */
async function worthOf(
  parts: Parts,
  deposit: OpenDeposit,
): Promise<{ credits: bigint; rate: Rate | undefined } | undefined> {
  const { attested, asset, booked } = deposit
  const { stableUnit } = parts.terms
  if (asset === 'usd') return { credits: creditsOfStable(attested, stableUnit), rate: undefined }
  // Should it come again, it comes in another block, and at the rate of that one.
  if (attested === 0n) return { credits: 0n, rate: undefined }
  const rate = booked.rate ?? (await rateOf(parts, deposit))
  return rate === undefined ? undefined : { credits: creditsOfAnkr(attested, rate), rate }
}

/**
 * The rate of its block, which the node and the follower must both have: on another branch another rate may have been in
 * force by then.
 */
async function rateOf(
  { system, follower, terms }: Parts,
  { blockNumber, blockHash }: OpenDeposit,
): Promise<Rate | undefined> {
  const { read, rates } = follower
  // A rate that was not read yet may be the one.
  if (read === undefined || read.number < blockNumber) return undefined
  const block = await system.reader.getBlock({ blockNumber })
  const newest = await system.reader.getBlock({ blockNumber: read.number })
  if (block.hash !== blockHash || newest.hash !== read.hash) return undefined
  const moment = { blockNumber, timeMs: Number(block.timestamp) * 1_000 }
  const usdPerAnkr = rateAt(rates, moment, Number(terms.rateStaleSeconds) * 1_000)
  return usdPerAnkr === undefined ? undefined : { usdPerAnkr, discountPpm: terms.discountPpm }
}
