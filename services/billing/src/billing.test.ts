import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { accountNameOf } from '@mooring/protocol/access/names'
import type { BeginAnswer } from '@mooring/protocol/metering/wire'
import { type Database, openDatabase } from '@mooring/store/database'
import { openDepositsOfAccountMax, tellDeposit } from '@mooring/store/deposits'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { listHoldings } from '@mooring/store/ledger/holdings'
import { systemClock } from '@mooring/telemetry/clock'
import {
  chainId,
  type Deposit,
  type DepositChain,
  firstDepositMin,
  keyOf,
  oneAnkr,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import { postRate } from '@mooring/testkit/economy/post-rate'
import { localUsdPerAnkr } from '@mooring/testkit/economy/start'
import {
  type AttestedDeposit,
  ask,
  attest,
  beginAs,
  startForTest,
  until,
} from './billing.fixtures.ts'
import type { Billing } from './billing.ts'
import type { CheckReport } from './checks/check-reports.ts'
import { MirrorCheck } from './checks/mirror.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const stack = new AsyncDisposableStack()
let chain: DepositChain
let database: Database
let billing: Billing
let postgres: Postgres
let settings: Parameters<typeof startForTest>[0]
beforeAll(async () => {
  postgres = stack.use(await startPostgres())
  chain = stack.use(await openDepositChain())
  const folder = await mkdtemp(join(tmpdir(), 'mooring-billing-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('billing')
  database = stack.use(await openDatabase(databaseUrl))
  settings = {
    databaseUrl,
    chain: { deployment, rpcUrl: chain.anvil.url },
    // Longer than all of this may take on a slow machine.
    meter: { graceMs: 600_000 },
  }
  billing = stack.use(await startForTest(settings))
})
afterAll(() => stack.disposeAsync())

const accountOf = (number: number) => accountNameOf(chainId, player(number).address)

function attested(
  number: number,
  { transactionHash, logIndex, receipt }: Deposit,
): AttestedDeposit {
  const { blockNumber, blockHash } = receipt
  return {
    ...{ account: accountOf(number), chainId, transactionHash, logIndex, blockNumber, blockHash },
    amount: firstDepositMin,
  }
}

/** For a first deposit of somebody who has none. */
async function giveTokens(number: number): Promise<void> {
  const args = [player(number).address, firstDepositMin]
  const { ankr: to } = chain.system.deployment.parts
  await chain.send(player(8).address, { to, abi: ankrTokenAbi, functionName: 'transfer', args })
}

/** What the account has in ANKR, once that is as it should be. */
function holding(
  number: number,
  is: (holding: Awaited<ReturnType<typeof listHoldings>>[0]) => boolean,
) {
  return until(`holding of player ${number}`, async () => {
    const [own] = await listHoldings(database.sql, accountOf(number))
    return own !== undefined && is(own) && own
  })
}

/** Every check was made since now, and holds. */
async function expectSound(): Promise<void> {
  const since = new Date().toISOString()
  const reports = await until('checks', async () => {
    const { body } = await ask<CheckReport[]>(billing.url, '/v1/checks')
    return body.every(({ checkedAt }) => checkedAt !== undefined && checkedAt > since) && body
  })
  expect(reports.flatMap(({ discrepancies }) => discrepancies)).toEqual([])
  expect(reports).toHaveLength(10)
}

describe('a deposit', () => {
  test('is credited at the rate of its block, a part at first, and taken back when it was none', async () => {
    const deposit = attested(1, await chain.deposit(1))
    await attest(database, deposit, 'attested-capped')
    const [rate] = await database.sql`select usd_per_ankr from rates`
    // Ten million credits for a dollar, and a tenth more for whoever pays in ANKR.
    const worth = (firstDepositMin * BigInt(rate.usd_per_ankr) * 11n) / 10n ** 30n
    const part = await holding(1, ({ tokens }) => tokens > 0n)
    expect(part).toMatchObject({ tokens: firstDepositMin / 10n, credits: worth / 10n })
    await attest(database, deposit, 'final')
    const whole = await holding(1, ({ tokens }) => tokens === firstDepositMin)
    expect(whole.credits).toBe(worth)
    await attest(database, deposit, 'orphaned')
    const none = await holding(1, ({ tokens }) => tokens === 0n)
    expect(none.credits).toBe(0n)
    // Its rate is gone with it: what comes again has that of its new block.
    const [kept] = await database.sql`
      select usd_per_ankr from deposits where account = ${accountOf(1)}`
    expect(kept.usd_per_ankr).toBeNull()
    await attest(database, deposit, 'final')
    await holding(1, ({ tokens }) => tokens === firstDepositMin)
    await chain.anvil.mine(4)
    await expectSound()
  })

  test('that a fork moves is credited at the rate of the block that is final', async () => {
    const feed = { ...chain.system, rpc: chain.anvil.url }
    await giveTokens(9)
    const made = await chain.deposit(9)
    await attest(database, attested(9, made), 'attested-capped')
    const part = await holding(9, ({ tokens }) => tokens > 0n)
    const raw = await chain.anvil.ask('eth_getRawTransactionByHash', [made.transactionHash])
    const usdPerAnkr = (localUsdPerAnkr * 9n) / 10n
    await chain.rollback(1, { forget: true })
    await postRate(feed, usdPerAnkr)
    await chain.anvil.ask('eth_sendRawTransaction', [raw])
    const { transactionHash: hash, logIndex } = made
    const receipt = await chain.system.reader.waitForTransactionReceipt({ hash })
    expect(receipt.blockHash).not.toBe(made.receipt.blockHash)
    await attest(database, attested(9, { transactionHash: hash, logIndex, receipt }), 'final')
    const whole = await holding(9, ({ tokens }) => tokens === firstDepositMin)
    expect(part.credits).toBe((firstDepositMin * localUsdPerAnkr * 11n) / 10n ** 31n)
    expect(whole.credits).toBe((firstDepositMin * usdPerAnkr * 11n) / 10n ** 30n)
    // The feed takes one rate a second, by the time of the chain.
    await chain.anvil.ask('evm_increaseTime', [1])
    await chain.anvil.mine(4)
    await expectSound()
    await postRate(feed, localUsdPerAnkr)
  })

  test('in whose block the rate was stale waits for the next one', async () => {
    await chain.anvil.ask('evm_increaseTime', [2 * 3_600])
    const deposit = attested(6, await chain.deposit(6))
    await attest(database, deposit, 'final')
    await Bun.sleep(300)
    expect(await listHoldings(database.sql, accountOf(6))).toEqual([])
    await postRate({ ...chain.system, rpc: chain.anvil.url }, (localUsdPerAnkr * 11n) / 10n)
    const own = await holding(6, ({ tokens }) => tokens > 0n)
    expect(own.credits).toBe((firstDepositMin * localUsdPerAnkr * 121n) / 10n ** 31n)
  })

  test('that is in the books of the chain alone is told as wrong when that lasts', async () => {
    const deposit = await chain.deposit(8)
    await chain.anvil.mine(1_010)
    const wrong = await until('the check', async () => {
      const { body } = await ask<CheckReport[]>(billing.url, '/v1/checks')
      const { discrepancies = [] } = body.find(({ check }) => check === 'deposits-booked') ?? {}
      return discrepancies.find(({ account }) => account === accountOf(8))
    })
    expect(wrong.detail).toMatch(
      /^ankr: 1000000000000000000000 of deposits since block \d+ are not in the books$/,
    )
    await attest(database, attested(8, deposit), 'final')
    await holding(8, ({ tokens }) => tokens === firstDepositMin)
  })

  test('that nobody told of is told to those who ask verifiers', async () => {
    const { transactionHash } = await chain.deposit(2)
    const [told] = await until('the deposit', async () => {
      const rows = await database.sql`select * from deposits where account = ${accountOf(2)}`
      return rows.length > 0 && rows
    })
    expect(told).toMatchObject({ state: 'seen' })
    expect(Buffer.from(told.transaction_hash).toString('hex')).toBe(transactionHash.slice(2))
  })

  test('is told again until it is credited, whatever else its account waits for', async () => {
    const account = accountOf(2)
    for (let at = 0; at < openDepositsOfAccountMax; at++) {
      const transactionHash = `0x${'0'.repeat(62)}${at + 10}`
      const place = { chainId, transactionHash, logIndex: 0 }
      await tellDeposit(database.sql, account, { place, nowMs: Date.now() })
    }
    const deposit = await chain.deposit(2)
    const hash = Buffer.from(deposit.transactionHash.slice(2), 'hex')
    const isAsked = async () => {
      const rows = await database.sql`
        select from deposits where transaction_hash = ${hash} and next_check_at is not null`
      return rows.length === 1
    }
    await until('the deposit', isAsked)
    await chain.anvil.mine(4)
    await until('its finality', async () => {
      const rows = await database.sql`select from escrow_events where transaction_hash = ${hash}`
      return rows.length === 1
    })
    const metric = async (name: string) => {
      const text = await (await fetch(`${billing.url}/metrics`)).text()
      return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
    }
    await until('it to be told again twice', async () => {
      const told = await metric('billing_deposits_told_again_total')
      if (told >= 2 && (await metric('billing_uncredited_deposits')) >= 1) return true
      // What follows the chain may have told of it as well, which counts as no telling again: until it is asked for once more.
      await until('the deposit once more', isAsked)
      await database.sql`update deposits set next_check_at = null where transaction_hash = ${hash}`
      return false
    })
    await database.sql`delete from deposits where account = ${account} and not is_seen`
  })
})

describe('a withdrawal', () => {
  test('is held when it is asked for, and leaves the books when it is paid', async () => {
    const deposit = await chain.deposit(3)
    await attest(database, attested(3, deposit), 'final')
    await holding(3, ({ tokens }) => tokens === firstDepositMin)
    const gateway = await beginAs(billing.url, 'gw-withdraw')
    const claim = { account: accountOf(3), key: '', holds: 0, wants: 2_000, needs: 400 }
    expect((await gateway.post({ leases: [claim] })).grants[0]?.granted).toBe(2_000)

    const from = player(3).address
    const to = chain.ankrEscrow
    const request = { to, abi: escrowAbi, functionName: 'requestWithdraw' } as const
    await chain.send(from, { ...request, args: [firstDepositMin] })
    await holding(3, ({ held }) => held === firstDepositMin)
    const recalled = await gateway.post({})
    expect(recalled.recalls).toEqual([{ account: accountOf(3), key: '' }])
    const returned = await gateway.post({ leases: [{ ...claim, wants: 0, needs: 0 }] })
    expect(returned.grants[0]).toMatchObject({ granted: 0, reason: null })
    const refused = await gateway.post({ leases: [claim] })
    expect(refused.grants[0]).toMatchObject({ granted: 0, reason: 'reserved' })

    await chain.anvil.ask('evm_increaseTime', [4 * 86_400])
    await chain.send(from, { to, abi: escrowAbi, functionName: 'withdraw', args: [from] })
    const { held } = await holding(3, () => true)
    expect(held).toBe(firstDepositMin)
    await chain.anvil.mine(4)
    // Days have passed, and what is deposited next wants a price that somebody stands behind.
    await postRate({ ...chain.system, rpc: chain.anvil.url }, localUsdPerAnkr)
    const after = await holding(3, ({ tokens }) => tokens === 0n)
    expect(after).toMatchObject({ credits: 0n, accrued: 0n, life: 1n })
    await holding(3, (own) => own.held === 0n)
    await expectSound()
  })

  test('of what was never attested settles both without a credit, and what comes next is booked', async () => {
    await giveTokens(2)
    await chain.deposit(2)
    const from = player(2).address
    const call = { to: chain.ankrEscrow, abi: escrowAbi }
    const { balance } = await readPart(chain.system, 'ankrEscrow', 'accountOf', [from])
    await chain.send(from, { ...call, functionName: 'requestWithdraw', args: [balance] })
    await chain.anvil.ask('evm_increaseTime', [4 * 86_400])
    await chain.send(from, { ...call, functionName: 'withdraw', args: [from] })
    await postRate({ ...chain.system, rpc: chain.anvil.url }, localUsdPerAnkr)
    await attest(database, attested(2, await chain.deposit(2)), 'final')
    await chain.anvil.mine(4)
    await until('the books of the account', async () => {
      const rows = await database.sql<{ booked_at: Date | null }[]>`
        select booked_at from escrow_events where account = ${accountOf(2)} order by block_number`
      return rows.length >= 3 && rows.every((row) => row.booked_at !== null)
    })
    const own = await holding(2, () => true)
    expect(own).toMatchObject({ tokens: firstDepositMin, life: 1n, held: 0n, missing: balance })
    await expectSound()
  })

  test('that is undone by a fork or taken back holds nothing any more', async () => {
    await attest(database, attested(4, await chain.deposit(4)), 'final')
    await holding(4, ({ tokens }) => tokens === firstDepositMin)
    await chain.anvil.mine(4)
    const from = player(4).address
    const request = { to: chain.ankrEscrow, abi: escrowAbi, functionName: 'requestWithdraw' }
    await chain.send(from, { ...request, args: [5n * oneAnkr] })
    await holding(4, ({ held }) => held === 5n * oneAnkr)
    await chain.rollback(1, { forget: true })
    await chain.anvil.mine(2)
    await holding(4, ({ held }) => held === 0n)
    await expectSound()
  })
})

test('what was asked out is held as of each block, whatever the chain says of later ones', async () => {
  await giveTokens(0)
  await chain.deposit(0, { key: keyOf(100) })
  const from = player(0).address
  const to = chain.ankrEscrow
  const ask = (amount: bigint) =>
    chain.send(from, { to, abi: escrowAbi, functionName: 'requestWithdraw', args: [amount] })
  await ask(5n * oneAnkr)
  await chain.send(from, { to, abi: escrowAbi, functionName: 'cancelWithdraw', args: [] })
  await ask(3n * oneAnkr)
  // Whoever begins now reads of the first request while the chain says the second.
  const databaseUrl = await postgres.createDatabase('late')
  await using late = await openDatabase(databaseUrl)
  await late.sql
    .unsafe(`create table told (at int generated always as identity, held numeric);
      create function tell_held() returns trigger language plpgsql as $$
      begin insert into told (held) values (new.held); return null; end $$;
      create trigger told_held after insert or update of held on holdings
        for each row when (new.account = '${accountOf(0)}') execute function tell_held()`)
    .simple()
  await using _ = await startForTest({ ...settings, databaseUrl })
  const told = await until('the last request', async () => {
    const rows = await late.sql<{ held: string }[]>`select held from told order by at`
    const held = rows.map((row) => BigInt(row.held) / oneAnkr)
    return held.at(-1) === 3n && held
  })
  expect(told).toEqual([5n, 0n, 3n])
})

test('what was asked out in a block that went while nobody looked is held no longer by who looks next', async () => {
  await attest(database, attested(7, await chain.deposit(7)), 'final')
  await holding(7, ({ tokens }) => tokens === firstDepositMin)
  await database.sql`update holdings set held = tokens where account = ${accountOf(7)}`
  await using _ = await startForTest(settings)
  await chain.anvil.mine(1)
  await holding(7, ({ held }) => held === 0n)
})

describe('what gateways say', () => {
  test('is refused without a credential, and where it is malformed, with what is wrong', async () => {
    const stranger = await ask(billing.url, '/v1/meter/begin', {
      body: { instance: 'gw' },
      token: 'a-stranger-of-32-characters-at-least',
    })
    expect(stranger.status).toBe(401)
    const begun = await ask<BeginAnswer>(billing.url, '/v1/meter/begin', {
      body: { instance: 'gw' },
    })
    expect(begun.body).toMatchObject({ leaseMs: 30_000, postMs: 1_000 })
    expect(begun.body.prices).toEqual({ hash: newestTable.hash, next: null })
    const frames = { from: 1, to: 1, usage: [], leases: [], closes: false }
    const post = { instance: 'gw', epoch: 1, number: 1, ...frames }
    const claim = { account: accountOf(1), key: '', holds: 0, wants: 0, needs: 0 }
    const wrong: [object, RegExp][] = [
      [{ ...post, from: 5 }, /to: comes before `from`/],
      [{ ...post, leases: [claim, claim] }, /leases: names a purse twice/],
      [{ ...post, leases: [{ ...claim, holds: -1 }] }, /leases\.0\.holds/],
      [{ ...post, leases: [{ ...claim, wants: 1.5 }] }, /leases\.0\.wants/],
      [{ ...post, more: 1 }, /means nothing here/],
      [{ ...post, epoch: 'x' }, /epoch/],
    ]
    for (const [body, words] of wrong) {
      const answer = await ask<{ error: string }>(billing.url, '/v1/meter/post', { body })
      expect(answer.status).toBe(400)
      expect(answer.body.error).toMatch(words)
    }
    const unknown = await ask(billing.url, '/v1/meter/post', { body: { ...post, epoch: 999 } })
    expect(unknown).toMatchObject({ status: 409, body: { error: 'unknown' } })
  })

  test('is charged and shows in checks, metrics and the chain’s mirror', async () => {
    await attest(database, attested(5, await chain.deposit(5)), 'final')
    await holding(5, ({ tokens }) => tokens === firstDepositMin)
    await chain.anvil.mine(4)
    const gateway = await beginAs(billing.url, 'gw-5')
    const account = accountOf(5)
    await gateway.post({ leases: [{ account, key: '', holds: 0, wants: 4_000, needs: 400 }] })
    const line = {
      account,
      key: '',
      ownPurse: false,
      chain: 'eth',
      method: 'eth_call',
      status: 'ok',
    }
    const hour = Math.floor(Date.now() / 3_600_000)
    const usage = [{ ...line, hour, requests: 10, credits: 4_000 }]
    await gateway.post({ from: 1, to: 9, usage })
    const { tokens, accrued } = await holding(5, (own) => own.accrued > 0n)
    expect(tokens + accrued).toBe(firstDepositMin)
    await expectSound()
    const metrics = await (await fetch(`${billing.url}/metrics`)).text()
    expect(metrics).toContain('billing_posts_total{result="booked"}')
    expect(metrics).toContain('billing_discrepancies{check="escrow-mirror"} 0')
  })
})

test('what differs from the chain is told each time until it agrees, however few are compared at a time', async () => {
  // Its deposit is of another test, and long in the books.
  await holding(4, ({ tokens }) => tokens > 0n)
  const parts = { system: chain.system, database, clock: systemClock, accountsMax: 1 }
  const check = new MirrorCheck(parts)
  const account = accountOf(4)
  const differing = async () => ((await check.compare()) ?? []).map((each) => each.account)
  await database.sql`update holdings set tokens = tokens + 1 where account = ${account}`
  await until('what differs', async () => {
    // It is its turn, until the service has compared it.
    await database.sql`update holdings set mirrored_at = null where account = ${account}`
    return (await differing()).includes(account)
  })
  for (let time = 0; time < 3; time++) expect(await differing()).toEqual([account])
  await database.sql`update holdings set tokens = tokens - 1 where account = ${account}`
  expect(await differing()).toEqual([])
})

test('a gateway that is gone is closed only after its time and the grace, counted while it could be heard', async () => {
  const epoch = await beginAs(billing.url, 'gw-gone')
  await database.sql`
    update meter_epochs set leased_until = now() - interval '1 day' where id = ${epoch.epoch}`
  await Bun.sleep(2_500)
  const [row] = await database.sql`select state from meter_epochs where id = ${epoch.epoch}`
  expect(row.state).toBe('live')
})
