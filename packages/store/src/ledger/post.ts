import type { Credits } from '@mooring/market/metering/holding'
import { freeCredits } from '@mooring/market/metering/holding'
import { type Position, type Settled, settle } from '@mooring/market/metering/settle'
import type {
  LeaseClaim,
  LeaseGrant,
  LeaseReason,
  PostAnswer,
  PostRefusal,
  PostRequest,
  UsageLine,
} from '@mooring/protocol/metering/wire'
import type { Database, Queries } from '../database.ts'
import {
  countLiveEpochs,
  type Epoch,
  isSilent,
  isSucceeded,
  lockEpoch,
  saveEpoch,
} from './epochs.ts'
import { hourOf, lockOpenHour } from './hours.ts'
import { addCharges, type Booking } from './journal.ts'
import { addKeyUse, readKeyRooms } from './key-days.ts'
import { lockOpenEpoch, openOr } from './open-epoch.ts'
import {
  arrayOf,
  type Caps,
  listRecalls,
  lockPositions,
  recallLeases,
  savePositions,
} from './positions.ts'
import { addServed } from './served.ts'
import { addUsage } from './usage.ts'

/** What a post is judged by, at this moment. */
export type PostTerms = {
  nowMs: number
  leaseMs: number
  caps: Caps
  /** The charge period it is, and when the next one begins. */
  period: bigint
  periodEndsMs: number
  /** The epoch that the settlement chain is in. */
  chainEpoch: bigint
}

/** What of a post somebody should look at. Credits. */
export type PostFindings = { late: Credits; uncollected: Credits }

/** What the books have to say; prices are the chain's to tell. */
export type BookAnswer = Omit<PostAnswer, 'prices'>

export type Posted = { answer: BookAnswer | PostRefusal; findings: PostFindings }

/** So long gateways are asked to give back, once somebody has found nothing. */
const recallMs = 5_000
/** What is leased to others may be back by then, and what was just attested be credited. */
const soonMs = 500
const dayMs = 86_400_000

/**
 * Brings a gateway's post into the books: what was used is charged, what is not needed comes back, what is wanted is
 * leased. All or nothing. A post whose frames are in the books already charges nothing; its leases count all the same,
 * because they say how things stand and not what changes. They do not where a newer try has said how things stand.
 */
export async function postUsage(
  database: Database,
  request: PostRequest,
  terms: PostTerms,
): Promise<Posted> {
  return await database.transact(async (queries) => {
    const epoch = await lockEpoch(queries, BigInt(request.epoch), request.instance)
    if (epoch === undefined) return refused('unknown', 0n, 'there is no such epoch')
    const { lastFrame } = epoch
    const isKnown = BigInt(request.to) <= lastFrame
    const isLate = BigInt(request.number) <= epoch.lastPost
    if (!isKnown && BigInt(request.from) !== lastFrame + 1n) {
      return refused('gap', lastFrame, `frames come next from ${lastFrame + 1n}`)
    }
    const usage = isKnown ? [] : request.usage
    const after: Epoch = {
      ...epoch,
      told: toldBy(usage, epoch.told),
      lastFrame: isKnown ? lastFrame : BigInt(request.to),
      lastPost: isLate ? epoch.lastPost : BigInt(request.number),
      state: request.closes ? 'closed' : epoch.state,
    }
    const { closes } = request
    const leases = isLate ? [] : request.leases
    const work = { epoch: after, usage, request: { leases, closes }, terms }
    const { grants, findings } = await bring(queries, work)
    await saveEpoch(queries, after, terms.leaseMs)
    const recalls = request.closes ? [] : await listRecalls(queries, after.id, terms.nowMs)
    const answer = {
      last: Number(after.lastFrame),
      grants,
      recalls,
      state: (await isSucceeded(queries, after)) ? ('fenced' as const) : after.state,
    }
    return { answer, findings }
  })
}

/**
 * Frees what is leased to an epoch that is taken for gone. What it still tells is charged from what is there then.
 *
 * @returns Whether it did: not where it was closed already, or has been heard since.
 */
export async function closeEpoch(
  database: Database,
  { id, instance }: Pick<Epoch, 'id' | 'instance'>,
  { graceMs, ...terms }: PostTerms & { graceMs: number },
): Promise<boolean> {
  return await database.transact(async (queries) => {
    const epoch = await lockEpoch(queries, id, instance)
    if (epoch === undefined || epoch.state === 'closed') return false
    if (!(await isSilent(queries, id, graceMs))) return false
    const after: Epoch = { ...epoch, state: 'closed' }
    await bring(queries, { epoch: after, usage: [], request: { leases: [], closes: true }, terms })
    await saveEpoch(queries, after, 0)
    return true
  })
}

type Work = {
  epoch: Epoch
  usage: readonly UsageLine[]
  request: Pick<PostRequest, 'leases' | 'closes'>
  terms: PostTerms
}

async function bring(
  queries: Queries,
  { epoch, usage, request, terms }: Work,
): Promise<{ grants: LeaseGrant[]; findings: PostFindings }> {
  const { leases: claims, closes } = request
  const charges = chargesOf(usage)
  const closing = closes ? await accountsOf(queries, epoch.id) : []
  const accounts = [
    ...new Set([...charges.keys(), ...claims.map(({ account }) => account), ...closing]),
  ]
  const { period, caps, nowMs } = terms
  const positions = await lockPositions(queries, accounts, { epoch: epoch.id, caps, period })
  const claimsBy = Map.groupBy(claims, ({ account }) => account)
  const day = Math.floor(nowMs / dayMs)
  const keyRooms = await readKeyRooms(queries, claims, day)
  const gateways = await countLiveEpochs(queries)
  const settling = { isLive: epoch.state === 'live', closes, gateways, keyRooms }
  const result = createResult()
  for (const account of accounts) {
    const position = positions.get(account) ?? { pots: [], isFrozen: false }
    const own = claimsBy.get(account) ?? []
    const settled = settle(position, {
      ...settling,
      charges: charges.get(account) ?? noCharges,
      claims: own.map(bigClaim),
    })
    take(result, { account, position, settled, terms })
  }
  await savePositions(queries, positions, { epoch: epoch.id, period })
  await recallLeases(queries, result.recalled, nowMs + recallMs)
  await addKeyUse(queries, usage, day)
  const openHour = await lockOpenHour(queries)
  const bookHour = Math.max(hourOf(nowMs), openHour)
  await addUsage(queries, usage, { nowMs, openHour })
  const chainEpoch = openOr(terms.chainEpoch, await lockOpenEpoch(queries))
  await addCharges(queries, result.bookings, { bookHour, chainEpoch })
  await addServed(queries, usage, { epoch: chainEpoch, instance: epoch.instance })
  await addUncollected(queries, result.uncollected, bookHour)
  return result
}

const noCharges: ReadonlyMap<string, Credits> = new Map()

type Result = {
  bookings: Booking[]
  grants: LeaseGrant[]
  /** Accounts of which somebody got nothing because it is leased. */
  recalled: string[]
  uncollected: Map<string, Credits>
  findings: PostFindings
}

function createResult(): Result {
  const findings = { late: 0n, uncollected: 0n }
  return { bookings: [], grants: [], recalled: [], uncollected: new Map(), findings }
}

function take(
  result: Result,
  {
    account,
    position,
    settled,
    terms,
  }: { account: string; position: Position; settled: Settled; terms: PostTerms },
): void {
  for (const { asset, move } of settled.moves) result.bookings.push({ account, asset, move })
  const left = position.pots.reduce((sum, { holding }) => sum + freeCredits(holding), 0n)
  for (const { key, granted, reason } of settled.grants) {
    const retryAfterMs = reason === null ? null : retryAfterMsOf(reason, terms)
    result.grants.push({
      ...{ account, key, granted: Number(granted), left: String(left), reason, retryAfterMs },
    })
    if (reason === 'reserved') result.recalled.push(account)
  }
  if (settled.uncollected > 0n) result.uncollected.set(account, settled.uncollected)
  result.findings.late += settled.late
  result.findings.uncollected += settled.uncollected
}

async function addUncollected(
  queries: Queries,
  uncollected: ReadonlyMap<string, Credits>,
  bookHour: number,
): Promise<void> {
  if (uncollected.size === 0) return
  const accounts = arrayOf(queries, [...uncollected.keys()])
  const credits = arrayOf(queries, [...uncollected.values()].map(String))
  await queries`
    insert into uncollected (book_hour, account, credits)
    select ${bookHour}::int, account, credits::numeric
    from unnest(${accounts}::text[], ${credits}::text[]) as new (account, credits)
    on conflict (book_hour, account) do update set credits = uncollected.credits + excluded.credits`
}

async function accountsOf(queries: Queries, epoch: bigint): Promise<string[]> {
  const rows = await queries<{ account: string }[]>`
    select distinct account from leases where epoch = ${epoch}`
  return rows.map(({ account }) => account)
}

function toldBy(usage: readonly UsageLine[], before: Epoch['told']): Epoch['told'] {
  let { requests, credits } = before
  for (const line of usage) {
    requests += BigInt(line.requests)
    credits += BigInt(line.credits)
  }
  return { requests, credits }
}

/** Credits used, by account and purse. */
function chargesOf(usage: readonly UsageLine[]): Map<string, Map<string, Credits>> {
  const charges = new Map<string, Map<string, Credits>>()
  for (const { account, key, ownPurse, credits } of usage) {
    if (account === null || credits === 0) continue
    const purse = ownPurse ? key : ''
    const own = charges.get(account) ?? new Map<string, Credits>()
    charges.set(account, own)
    own.set(purse, (own.get(purse) ?? 0n) + BigInt(credits))
  }
  return charges
}

function bigClaim({ key, holds, wants, needs }: LeaseClaim) {
  return { key, holds: BigInt(holds), wants: BigInt(wants), needs: BigInt(needs) }
}

function retryAfterMsOf(reason: LeaseReason, { nowMs, periodEndsMs }: PostTerms): number | null {
  switch (reason) {
    case 'reserved':
    case 'uncredited':
      return soonMs
    case 'period-cap':
      return Math.max(0, periodEndsMs - nowMs)
    case 'key-cap':
      return dayMs - (nowMs % dayMs)
    case 'exhausted':
    case 'frozen':
      return null
  }
}

function refused(error: PostRefusal['error'], last: bigint, detail: string): Posted {
  const findings = { late: 0n, uncollected: 0n }
  return { answer: { error, last: Number(last), detail }, findings }
}
