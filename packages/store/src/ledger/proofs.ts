import type { Queries } from '../database.ts'

/**
 * What the books have written down, added up. Hours that are closed are added up once and kept: a proof goes on from there.
 * Each adds up into a table of its own, for the rest of the transaction: `added` and `added_usage`.
 */

export type Proof = {
  /** The first hour that is open. */
  openHour: number
  /** The first hour that is not kept. */
  fromHour: number
}

/**
 * One proof after the other. A lock of the table and not of its row: it takes no view of the database, so that what the
 * one before has written is part of the view that is taken next. Behind a row's lock it would be a collision.
 */
export async function waitForProofs(queries: Queries): Promise<void> {
  await queries`lock table proven_until in share row exclusive mode`
}

async function readProof(queries: Queries, kept: 'moves_hour' | 'usage_hour'): Promise<Proof> {
  const [row] = await queries<{ open: number; kept: number }[]>`
    select open_hour as open, ${queries(kept)} as kept from book_hours cross join proven_until`
  if (row === undefined) throw new Error('the books have no hours')
  return { openHour: row.open, fromHour: row.kept }
}

/** Adds up the moves of the hours that are not kept, by place; `settled` are those of closed hours. */
export async function addUpMoves(queries: Queries): Promise<Proof> {
  const proof = await readProof(queries, 'moves_hour')
  await queries`
    create temporary table added on commit drop as
      select account, asset, unit, place, sum(amount) as amount, sum(settled) as settled
      from (
        select account, asset, verb, sum(tokens) as tokens, sum(credits) as credits,
          coalesce(sum(tokens) filter (where book_hour < ${proof.openHour}), 0) as settled_tokens,
          coalesce(sum(credits) filter (where book_hour < ${proof.openHour}), 0) as settled_credits
        from moves where book_hour >= ${proof.fromHour} group by account, asset, verb
      ) as summed join verbs using (verb)
        cross join lateral (values
          ('token', tokens_from, -tokens, -settled_tokens), ('token', tokens_to, tokens, settled_tokens),
          ('credit', credits_from, -credits, -settled_credits), ('credit', credits_to, credits, settled_credits)
        ) as leg (unit, place, amount, settled)
      where place is not null
      group by account, asset, unit, place`
  return proof
}

export async function keepMoves(queries: Queries, { openHour, fromHour }: Proof): Promise<void> {
  if (openHour <= fromHour) return
  await queries`
    insert into proven_balances (account, asset, unit, place, amount)
    select account, asset, unit, place, settled from added where settled <> 0
    on conflict (account, asset, unit, place) do update
      set amount = proven_balances.amount + excluded.amount`
  await queries`update proven_until set moves_hour = ${openHour}`
}

/** Adds up the usage of the hours that are not kept, by account and key. */
export async function addUpUsage(queries: Queries): Promise<Proof> {
  const proof = await readProof(queries, 'usage_hour')
  await queries`
    create temporary table added_usage on commit drop as
      select account, key, sum(requests) as requests, sum(credits) as credits,
        coalesce(sum(requests) filter (where book_hour < ${proof.openHour}), 0) as settled_requests,
        coalesce(sum(credits) filter (where book_hour < ${proof.openHour}), 0) as settled_credits
      from usage where book_hour >= ${proof.fromHour} group by account, key`
  return proof
}

export async function keepUsage(queries: Queries, { openHour, fromHour }: Proof): Promise<void> {
  if (openHour <= fromHour) return
  await queries`
    insert into proven_usage (account, key, requests, credits)
    select account, key, settled_requests, settled_credits from added_usage where settled_requests <> 0
    on conflict (account, key) do update set requests = proven_usage.requests + excluded.requests,
      credits = proven_usage.credits + excluded.credits`
  await queries`update proven_until set usage_hour = ${openHour}`
}

/** Everything is added up anew by the next checks, from what months say that were taken out of the books. */
export async function proveAnew(queries: Queries): Promise<void> {
  await waitForProofs(queries)
  await queries`delete from proven_balances`
  await queries`insert into proven_balances select * from archived_balances`
  await queries`delete from proven_usage`
  await queries`insert into proven_usage select * from archived_usage`
  await queries`update proven_until set moves_hour = 0, usage_hour = 0`
}
