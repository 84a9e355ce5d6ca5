import type { AccessChange, AccessChanges } from '@mooring/protocol/access/key-record'
import { timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'

/** What gateways hear of: the database itself notes every change of a key, an account or a token. */

/** Told at once; a gateway that is further behind asks again. */
export const changesAtOnceMax = 1_000
const channel = 'mooring_changes'
const cursorText = /^([0-9a-f-]{36})\.(\d{1,18})$/

/**
 * @param after - A cursor of before, or undefined for the cursor of now.
 * @returns What has changed since. `reset` when that cannot be told any more.
 */
export async function readChanges(
  queries: Queries,
  after: string | undefined,
): Promise<AccessChanges> {
  const [state] = await queries<{ feed: string; last: string; first: string | null }[]>`
    select feed, last, (select min(number) from changes) as first from change_feed`
  if (state === undefined) throw new Error('the feed of changes has lost its counter')
  const { feed, last } = state
  const now = { cursor: `${feed}.${last}`, changes: [] }
  if (after === undefined) return { ...now, reset: false }
  const [, ofFeed, number = ''] = cursorText.exec(after) ?? []
  const first = BigInt(state.first ?? BigInt(last) + 1n)
  const isKnown = ofFeed === feed && BigInt(number) >= first - 1n && BigInt(number) <= BigInt(last)
  if (!isKnown) return { ...now, reset: true }
  const rows = await queries<{ number: string; kind: AccessChange['kind']; subject: string }[]>`
    select number, kind, subject from changes where number > ${number}::bigint
    order by number limit ${changesAtOnceMax}`
  const cursor = `${feed}.${rows.at(-1)?.number ?? number}`
  return { cursor, reset: false, changes: rows.map(changeOf) }
}

/** Calls `wake` whenever something may have changed. Listens again by itself when the connection was lost. */
export async function listenForChanges(
  database: Database,
  wake: () => void,
): Promise<{ stop(): Promise<void> }> {
  // What happened while it was not listening is unknown, so being heard again counts as a change.
  const subscription = await database.sql.listen(channel, wake, wake)
  return { stop: () => subscription.unlisten() }
}

/** Forgets changes of long ago. The newest stays, so that it is known where the feed begins. */
export async function dropChangesBefore(queries: Queries, ms: number): Promise<void> {
  await queries`
    delete from changes where at < ${timeOf(ms)} and number < (select last from change_feed)`
}

function changeOf({
  kind,
  subject,
}: {
  kind: AccessChange['kind']
  subject: string
}): AccessChange {
  return kind === 'key' ? { kind, keyHash: subject } : { kind, account: subject }
}
