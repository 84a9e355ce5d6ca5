import type { Database } from '../database.ts'
import {
  type Asset,
  type DepositState,
  loadDeposit,
  saveFinding,
  tellDeposit,
} from '../deposits.ts'
import { hashNamed, nowMs } from '../store.fixtures.ts'
import { bookDeposit, listOpenDeposits } from './credit.ts'

export const chainId = 1

export type TestDeposit = {
  account: string
  /** Its transaction, told apart by a name. */
  name: string
  asset: Asset
  amount: bigint
  block: number
}

/** Writes what the accounts service writes once verifiers have said something of a deposit. */
export async function attest(
  { sql }: Database,
  { account, name, asset, amount, block }: TestDeposit,
  { state, credited }: { state: DepositState; credited: bigint },
): Promise<void> {
  await sql`
    insert into accounts (name, created_at) values (${account}, now()) on conflict do nothing`
  const place = { chainId, transactionHash: hashNamed(name), logIndex: 0 }
  const told = await tellDeposit(sql, account, { place, nowMs })
  const now = told && (await loadDeposit(sql, account, told.id))
  if (!now) throw new Error(`the deposit ${name} was not taken`)
  const finding = {
    ...{ state, credited, amount, asset, life: 0, refusal: null },
    ...{ confirmations: null, confirmationsNeeded: null },
    ...{ blockNumber: block, blockHash: hashNamed(`block ${block}`) },
  }
  await saveFinding(sql, now, { finding, nextCheckAtMs: null })
}

/** Books all that is attested and not in the books. @param rate - Credits of a token. */
export async function bookAll(database: Database, rate: bigint): Promise<number> {
  const open = await listOpenDeposits(database.sql, chainId, 1_000)
  const booked = await Promise.all(
    open.map((deposit) =>
      bookDeposit(database, deposit, { credits: deposit.attested * rate, rate: undefined, nowMs }),
    ),
  )
  return booked.filter(Boolean).length
}
