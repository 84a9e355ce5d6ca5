import { bigintOf, hashBytes, hashText, msOf, timeOf } from '../columns.ts'
import type { Queries } from '../database.ts'

/** Which epoch a file closes, for which post of the contract. */
export type EpochFileKey = { epoch: bigint; attempt: bigint }

/** @param previous - The epoch that was posted before it; null where it is the first. */
export type EpochFileFacts = EpochFileKey & { previous: bigint | null; dataHash: `0x${string}` }

export type StoredEpochFile = EpochFileFacts & { content: string }

/** Keeps a file for ever. @returns False when there is one for the same epoch and post already, which stays. */
export async function saveEpochFile(
  queries: Queries,
  { epoch, attempt, previous, dataHash, content }: StoredEpochFile,
  nowMs: number,
): Promise<boolean> {
  const saved = await queries`
    insert into epoch_files (epoch, previous, attempt, data_hash, content, made_at)
    values (${epoch}, ${previous}, ${attempt}, ${hashBytes(dataHash)}, ${content}, ${timeOf(nowMs)})
    on conflict do nothing`
  return saved.count > 0
}

export async function findEpochFileFacts(
  queries: Queries,
  { epoch, attempt }: EpochFileKey,
): Promise<EpochFileFacts | undefined> {
  const [row] = await queries<FactsRow[]>`
    select epoch, attempt, previous, data_hash from epoch_files
    where epoch = ${epoch} and attempt = ${attempt}`
  return row === undefined ? undefined : factsOf(row)
}

/** Newest epochs first. */
export async function listEpochFiles(
  queries: Queries,
  countMax: number,
): Promise<(EpochFileFacts & { madeAtMs: number })[]> {
  const rows = await queries<(FactsRow & { made_at: Date })[]>`
    select epoch, attempt, previous, data_hash, made_at from epoch_files
    order by epoch desc, attempt desc limit ${countMax}`
  return rows.map((row) => ({ ...factsOf(row), madeAtMs: msOf(row.made_at) }))
}

/** The text of the newest file of an epoch, or of the newest epoch that has one. */
export async function findNewestEpochFile(
  queries: Queries,
  epoch?: bigint,
): Promise<string | undefined> {
  const [row] = await queries<{ content: string }[]>`
    select content from epoch_files where ${epoch ?? null}::bigint is null or epoch = ${epoch ?? null}::bigint
    order by epoch desc, attempt desc limit 1`
  return row?.content
}

/** The text of the file with this hash of its data. */
export async function findEpochFile(
  queries: Queries,
  dataHash: string,
): Promise<string | undefined> {
  const [row] = await queries<{ content: string }[]>`
    select content from epoch_files where data_hash = ${hashBytes(dataHash)}`
  return row?.content
}

type FactsRow = { epoch: string; attempt: string; previous: string | null; data_hash: Uint8Array }

function factsOf({ epoch, attempt, previous, data_hash }: FactsRow): EpochFileFacts {
  return {
    ...{ epoch: BigInt(epoch), attempt: BigInt(attempt), previous: bigintOf(previous) },
    dataHash: hashText(data_hash),
  }
}
