import type { Queries } from '../database.ts'
import { arrayOf } from './positions.ts'

/**
 * Times here are the database's own: those who close epochs and those who keep them alive may run on machines whose clocks
 * differ.
 */

export type EpochState =
  | 'live'
  /** Another one has begun under the same name. */
  | 'fenced'
  /** What was leased to it is free. */
  | 'closed'

export type Epoch = {
  id: bigint
  instance: string
  state: EpochState
  lastFrame: bigint
  /** The newest try of a post whose leases were taken. */
  lastPost: bigint
  /** What its frames have told, all together. */
  told: { requests: bigint; credits: bigint }
}

/** Begins an epoch of an instance. Those it had before are granted nothing more. */
export async function beginEpoch(
  queries: Queries,
  instance: string,
  { leaseMs }: { leaseMs: number },
): Promise<bigint> {
  await queries`
    update meter_epochs set state = 'fenced' where instance = ${instance} and state = 'live'`
  const [row] = await queries<{ id: string }[]>`
    insert into meter_epochs (instance, began_at, leased_until)
    values (${instance}, now(), now() + ${intervalOf(leaseMs)}::interval) returning id`
  if (row === undefined) throw new Error('an epoch that was made has no number')
  return BigInt(row.id)
}

/** Locks an epoch until the transaction ends: its posts come one after the other. */
export async function lockEpoch(
  queries: Queries,
  id: bigint,
  instance: string,
): Promise<Epoch | undefined> {
  const [row] = await queries<EpochRow[]>`
    select * from meter_epochs where id = ${id} and instance = ${instance} for update`
  return row === undefined ? undefined : epochOf(row)
}

/** Whether it has said nothing for so long after its leases have ended. */
export async function isSilent(queries: Queries, id: bigint, graceMs: number): Promise<boolean> {
  const rows = await queries`
    select from meter_epochs where id = ${id} and leased_until < now() - ${intervalOf(graceMs)}::interval`
  return rows.length > 0
}

/** @param leaseMs - How long what is leased to it holds from now on, at least. */
export async function saveEpoch(
  queries: Queries,
  { id, state, lastFrame, lastPost, told }: Epoch,
  leaseMs: number,
): Promise<void> {
  await queries`
    update meter_epochs set state = ${state}, last_frame = ${lastFrame}, last_post = ${lastPost},
      requests = ${told.requests}, credits = ${told.credits},
      leased_until = greatest(leased_until, now() + ${intervalOf(leaseMs)}::interval)
    where id = ${id}`
}

/** Whether another process has begun under the same name since. */
export async function isSucceeded(queries: Queries, { id, instance }: Epoch): Promise<boolean> {
  const rows = await queries`
    select from meter_epochs where instance = ${instance} and id > ${id} limit 1`
  return rows.length > 0
}

export async function countLiveEpochs(queries: Queries): Promise<bigint> {
  const [row] = await queries<{ count: string }[]>`
    select count(*) from meter_epochs where state = 'live'`
  return BigInt(row?.count ?? 0)
}

/** Epochs that have said nothing for so long that they may be taken for gone, oldest first. */
export async function listSilentEpochs(
  queries: Queries,
  { graceMs, countMax }: { graceMs: number; countMax: number },
): Promise<Epoch[]> {
  const rows = await queries<EpochRow[]>`
    select * from meter_epochs where state <> 'closed' and leased_until < now() - ${intervalOf(graceMs)}::interval
    order by leased_until limit ${countMax}`
  return rows.map(epochOf)
}

/** Those of the named epochs that are closed. */
export async function listClosedEpochs(queries: Queries, ids: readonly bigint[]): Promise<Epoch[]> {
  const rows = await queries<EpochRow[]>`
    select * from meter_epochs
    where state = 'closed' and id = any(${arrayOf(queries, ids.map(String))}::bigint[])`
  return rows.map(epochOf)
}

function intervalOf(ms: number): string {
  return `${ms} milliseconds`
}

type EpochRow = {
  id: string
  instance: string
  state: EpochState
  last_frame: string
  last_post: string
  requests: string
  credits: string
}

function epochOf(row: EpochRow): Epoch {
  const { id, instance, state, last_frame, last_post, requests, credits } = row
  return {
    ...{ id: BigInt(id), instance, state },
    ...{ lastFrame: BigInt(last_frame), lastPost: BigInt(last_post) },
    told: { requests: BigInt(requests), credits: BigInt(credits) },
  }
}
