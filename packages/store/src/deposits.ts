import type { SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import { bigintOf, hashBytes, hashText, msOf, timeOf } from './columns.ts'
import type { Queries } from './database.ts'

export type DepositState =
  /** Told of; no verifier has seen it. */
  | 'seen'
  | 'confirming'
  /** Enough verifiers attest it, and a part may be used until its block is final. */
  | 'attested-capped'
  | 'final'
  /** Its block was replaced. */
  | 'orphaned'
  /** Never a deposit of this account. */
  | 'refused'

export type Asset = 'ankr' | 'usd'

export type Deposit = {
  id: string
  account: string
  chainId: number
  transactionHash: `0x${string}`
  logIndex: number
  state: DepositState
  confirmations: number | null
  confirmationsNeeded: number | null
  refusal: string | null
  asset: Asset | null
  /** Base units. */
  amount: bigint | null
  credited: bigint
  life: number | null
  blockNumber: number | null
  blockHash: `0x${string}` | null
  toldAtMs: number
  /** In which enough verifiers said something of it. */
  checks: number
  revision: number
}

/** What a check changes. */
export type DepositFinding = Pick<
  Deposit,
  | 'state'
  | 'confirmations'
  | 'confirmationsNeeded'
  | 'refusal'
  | 'asset'
  | 'amount'
  | 'credited'
  | 'life'
  | 'blockNumber'
  | 'blockHash'
>

export type Place = { chainId: number; transactionHash: string; logIndex: number }

export const openDepositsOfAccountMax = 20
/** Constraint: a place is credited to one account. */
export const creditedOnce = 'credited_once'

/**
 * Notes a deposit that somebody says is there, or that one that was given up is to be looked at again.
 *
 * @returns The deposit; undefined when the account waits for as many as it may.
 */
export async function tellDeposit(
  queries: Queries,
  account: string,
  { place, nowMs }: { place: Place; nowMs: number },
): Promise<Deposit | undefined> {
  const { chainId, logIndex } = place
  const hash = hashBytes(place.transactionHash)
  await queries`
    insert into deposits (account, chain_id, transaction_hash, log_index, told_at, next_check_at)
    select ${account}::text, ${chainId}::bigint, ${hash}::bytea, ${logIndex}::int, ${timeOf(nowMs)}::timestamptz, ${timeOf(nowMs)}::timestamptz
    where (select count(*) from deposits where account = ${account} and state in ('seen', 'confirming')
        and next_check_at is not null and not is_seen)
      < ${openDepositsOfAccountMax}
    on conflict do nothing`
  await queries`
    update deposits set next_check_at = ${timeOf(nowMs)}
    where account = ${account} and chain_id = ${chainId} and transaction_hash = ${hash}
      and log_index = ${logIndex} and next_check_at is null and state <> 'final'`
  const [row] = await queries<DepositRow[]>`
    select * from deposits where account = ${account} and chain_id = ${chainId}
      and transaction_hash = ${hash} and log_index = ${logIndex}`
  return row === undefined ? undefined : depositOf(row)
}

/**
 * Notes a deposit that was read from the chain, so that it is checked whatever else its account waits for; also one that
 * was given up.
 */
export async function tellSeenDeposit(
  queries: Queries,
  account: string,
  { place, nowMs }: { place: Place; nowMs: number },
): Promise<void> {
  const { chainId, transactionHash, logIndex } = place
  const now = timeOf(nowMs)
  await queries`
    insert into deposits (account, chain_id, transaction_hash, log_index, told_at, next_check_at, is_seen)
    values (${account}, ${chainId}, ${hashBytes(transactionHash)}, ${logIndex}, ${now}, ${now}, true)
    on conflict (account, chain_id, transaction_hash, log_index) do update
      set is_seen = true, next_check_at = coalesce(deposits.next_check_at, excluded.next_check_at)
      where deposits.state <> 'final' and (not deposits.is_seen or deposits.next_check_at is null)`
}

export async function listDeposits(queries: Queries, account: string): Promise<Deposit[]> {
  const rows = await queries<DepositRow[]>`
    select * from deposits where account = ${account} order by told_at desc, id`
  return rows.map(depositOf)
}

export async function loadDeposit(
  queries: Queries,
  account: string,
  id: string,
): Promise<Deposit | undefined> {
  const [row] = await queries<DepositRow[]>`
    select * from deposits where account = ${account} and id = ${id}`
  return row === undefined ? undefined : depositOf(row)
}

/**
 * Checks that one may take for a deposit, however many others are due: nodes of verifiers may be a moment behind whoever
 * told of it.
 */
export const freshChecksMax = 3
/** So much later than those that verifiers know. They must get their turn, however many of the others there are. */
const freshDelaySeconds = 15
/** Whatever is known of finality, those that wait for it are looked at so late: a fork may have undone them. */
const unfinalPatienceMs = 300_000

/** A deposit to be checked, and since when. */
export type DueDeposit = Deposit & { dueAtMs: number }

/**
 * Takes deposits whose check is due, so that no other process takes them until the lease ends. Those that verifiers or the
 * chain know come before those that were just told. The rest, which anyone may have made up, has to wait until nothing
 * that is known is due.
 *
 * Of those that wait for finality only the lowest is taken, for none above it is final before it is.
 *
 * @param unfinalBlock - The lowest block that is known not to be final: what is in it or above has to wait, but for the
 * lowest that is due, and for what was due minutes ago.
 */
export async function takeDueDeposits(
  queries: Queries,
  {
    nowMs,
    leaseMs,
    countMax,
    unfinalBlock,
  }: { nowMs: number; leaseMs: number; countMax: number; unfinalBlock?: number | undefined },
): Promise<DueDeposit[]> {
  const now = timeOf(nowMs)
  const rows = await queries<(DepositRow & { due_at: Date })[]>`
    with able as (
      select deposits.id, next_check_at, state in ('confirming', 'attested-capped', 'orphaned') or is_seen as is_known, checks
      from deposits where next_check_at <= ${now} and (
        state <> 'attested-capped' or ${unfinalBlock ?? null}::bigint is null
        or block_number < ${unfinalBlock ?? null}::bigint
        or id = (
          select id from deposits where state = 'attested-capped' and next_check_at <= ${now}
          order by block_number, log_index, id limit 1)
        or next_check_at <= ${timeOf(nowMs - unfinalPatienceMs)})
    )
    update deposits set next_check_at = ${timeOf(nowMs + leaseMs)}
    from (
      select deposits.id as due_id, deposits.next_check_at as due_at from deposits join able using (id)
      where deposits.next_check_at <= ${now}
        and (is_known or able.checks < ${freshChecksMax} or not exists (select from able where is_known))
      order by deposits.next_check_at + case
        when is_known then interval '0' else make_interval(secs => ${freshDelaySeconds}) end
      limit ${countMax} for update of deposits skip locked
    ) as due where id = due_id returning deposits.*, due_at`
  return rows.map((row) => ({ ...depositOf(row), dueAtMs: msOf(row.due_at) }))
}

/**
 * Writes what a check found. `nextCheckAtMs` is null for what needs no other one.
 *
 * @returns Whether it did: not when somebody else wrote in the meantime. Throws when the place is credited to another
 * account.
 */
export async function saveFinding(
  queries: Queries,
  { id, account, revision }: Pick<Deposit, 'id' | 'account' | 'revision'>,
  { finding, nextCheckAtMs }: { finding: DepositFinding; nextCheckAtMs: number | null },
): Promise<boolean> {
  const blockHash = finding.blockHash === null ? null : hashBytes(finding.blockHash)
  const saved = await queries`
    update deposits set state = ${finding.state}, confirmations = ${finding.confirmations},
      confirmations_needed = ${finding.confirmationsNeeded}, refusal = ${finding.refusal},
      asset = ${finding.asset}, amount = ${finding.amount}, credited = ${finding.credited},
      life = ${finding.life}, block_number = ${finding.blockNumber}, block_hash = ${blockHash},
      next_check_at = ${timeOf(nextCheckAtMs)}, checks = checks + 1, revision = revision + 1
    where id = ${id} and account = ${account} and revision = ${revision}`
  return saved.count > 0
}

/** Puts off a check that could not be made; whoever wrote in the meantime knows better when the next one is due. */
export async function postponeCheck(
  queries: Queries,
  { id, revision }: Pick<Deposit, 'id' | 'revision'>,
  nextCheckAtMs: number | null,
): Promise<void> {
  await queries`
    update deposits set next_check_at = ${timeOf(nextCheckAtMs)}
    where id = ${id} and revision = ${revision}`
}

/** Keeps what verifiers signed, as the proof of a credit. */
export async function saveAttestations(
  queries: Queries,
  depositId: string,
  attestations: readonly SignedAttestation[],
): Promise<void> {
  for (const attestation of attestations) {
    const { verifier, isFinal } = attestation
    await queries`
      insert into attestations (deposit_id, verifier, is_final, statement)
      values (${depositId}, ${verifier.toLowerCase()}, ${isFinal}, ${attestation}::jsonb)
      on conflict (deposit_id, verifier, is_final) do update set statement = excluded.statement`
  }
}

/** The attestations that a deposit of an account was credited for. */
export async function listAttestations(
  queries: Queries,
  { account, id }: { account: string; id: string },
): Promise<SignedAttestation[]> {
  const rows = await queries<{ statement: SignedAttestation }[]>`
    select statement from attestations join deposits on deposits.id = deposit_id
    where account = ${account} and deposits.id = ${id} order by is_final desc, verifier`
  return rows.map(({ statement }) => statement)
}

/** Deposits that a token says it rests on, locked until the transaction ends: a check of one may be under way. */
export async function lockDepositsOfToken(queries: Queries, jti: string): Promise<Deposit[]> {
  const rows = await queries<DepositRow[]>`
    select deposits.* from deposits join tokens using (account, chain_id, transaction_hash, log_index)
    where jti = ${jti} for update of deposits`
  return rows.map(depositOf)
}

type DepositRow = {
  id: string
  account: string
  chain_id: string
  transaction_hash: Uint8Array
  log_index: number
  state: DepositState
  confirmations: number | null
  confirmations_needed: number | null
  refusal: string | null
  asset: Asset | null
  amount: string | null
  credited: string
  life: string | null
  block_number: string | null
  block_hash: Uint8Array | null
  told_at: Date
  checks: number
  revision: number
}

function depositOf(row: DepositRow): Deposit {
  const { id, account, state, confirmations, refusal, asset, checks, revision } = row
  return {
    ...{ id, account, state, confirmations, refusal, asset, checks, revision },
    confirmationsNeeded: row.confirmations_needed,
    chainId: Number(row.chain_id),
    transactionHash: hashText(row.transaction_hash),
    logIndex: row.log_index,
    amount: bigintOf(row.amount),
    credited: bigintOf(row.credited),
    life: row.life === null ? null : Number(row.life),
    blockNumber: row.block_number === null ? null : Number(row.block_number),
    blockHash: row.block_hash === null ? null : hashText(row.block_hash),
    toldAtMs: msOf(row.told_at),
  }
}

/**
 * Forgets what was told and never became a deposit: it was refused, or nobody is asked about it any more. What it gave
 * while it was taken for one must be out of the books before.
 */
export async function dropRefusedBefore(queries: Queries, beforeMs: number): Promise<void> {
  await queries`
    delete from deposits where told_at < ${timeOf(beforeMs)} and booked = 0
      and (state = 'refused' or state = 'seen' and next_check_at is null)`
}
