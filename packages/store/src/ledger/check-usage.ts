import type { Database, Queries } from '../database.ts'
import { type Discrepancy, discrepanciesMax } from './check.ts'
import { addUpMoves, addUpUsage, keepUsage, waitForProofs } from './proofs.ts'

/** Compares what was counted with what was told, what was charged, and what keys may use in a day. */
export async function checkUsage(database: Database): Promise<Discrepancy[]> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    await waitForProofs(queries)
    await addUpMoves(queries)
    const proof = await addUpUsage(queries)
    await queries`
      create temporary table counted on commit drop as
        select account, key, sum(requests) as requests, sum(credits) as credits from (
          select account, key, requests, credits from proven_usage
          union all select account, key, requests, credits from added_usage
        ) as parts group by account, key`
    const discrepancies = [
      ...(await usageCharges(queries)),
      ...(await framesUsage(queries)),
      ...(await keyDays(queries)),
    ]
    await keepUsage(queries, proof)
    return discrepancies
  })
}

async function usageCharges(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<{ account: string; used: string; told: string }[]>`
    select account, coalesce(used, 0) as used, coalesce(told, 0) as told
    from (
      select account, sum(amount) as used from (
        select account, amount from proven_balances where unit = 'credit' and place = 'used'
        union all select account, amount from added where unit = 'credit' and place = 'used'
        union all select account, credits from uncollected
      ) as parts group by account
    ) as charged full join (
      select account, sum(credits) as told from counted where account <> '' group by account
    ) as told using (account)
    where coalesce(used, 0) <> coalesce(told, 0) limit ${discrepanciesMax}`
  return rows.map(({ account, used, told }) => ({
    check: 'usage-charges',
    account,
    detail: `${told} credits were used, ${used} were charged or could not be`,
  }))
}

type Sums = Record<'requests' | 'credits', string>

async function framesUsage(queries: Queries): Promise<Discrepancy[]> {
  const [told] = await queries<Sums[]>`
    select coalesce(sum(requests), 0) as requests, coalesce(sum(credits), 0) as credits from meter_epochs`
  const [counted] = await queries<Sums[]>`
    select coalesce(sum(requests), 0) as requests, coalesce(sum(credits), 0) as credits from counted`
  if (told === undefined || counted === undefined) throw new Error('a sum has no row')
  return (['requests', 'credits'] as const)
    .filter((unit) => told[unit] !== counted[unit])
    .map((unit) => ({
      check: 'frames-usage',
      account: '',
      detail: `frames have told ${told[unit]} ${unit}, usage counts ${counted[unit]}`,
    }))
}

async function keyDays(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<{ account: string; key: string; used: string; told: string }[]>`
    select coalesce(account, '') as account, key, coalesce(used, 0) as used, coalesce(told, 0) as told
    from (
      select key, sum(used) as used from key_days group by key
    ) as days full join (
      select min(account) as account, key, sum(credits) as told from counted
      where account <> '' and key <> '' group by key
    ) as told using (key)
    where coalesce(used, 0) <> coalesce(told, 0) limit ${discrepanciesMax}`
  return rows.map(({ account, key, used, told }) => ({
    check: 'key-days',
    account,
    detail: `key ${key}: its days say ${used} credits, usage ${told}`,
  }))
}
