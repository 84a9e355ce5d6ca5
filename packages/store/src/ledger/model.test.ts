import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { PostRequest, UsageLine } from '@mooring/protocol/metering/wire'
import fc from 'fast-check'
import type { Database } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { archiveMonth, listMonths, MonthStays } from './archive.ts'
import { checkBooks, checkPeriods } from './check.ts'
import { checkEscrow } from './check-escrow.ts'
import { checkUsage } from './check-usage.ts'
import { attest, bookAll, chainId, type TestDeposit } from './deposits.fixtures.ts'
import { beginEpoch } from './epochs.ts'
import { bookEscrowEvents, type EscrowEvent, noteFinalBlocks, setHeld } from './escrow-events.ts'
import { listHoldings } from './holdings.ts'
import { hourOf, keepHours } from './hours.ts'
import { atOnce, claimOf, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import {
  come,
  holds,
  leasedOf,
  leave,
  leaveAccrued,
  type PaperAccount,
  paperAccount,
  use,
} from './model.fixtures.ts'
import { closeEpoch, type PostTerms, postUsage } from './post.ts'
import { proveAnew } from './proofs.ts'

// Anything that may happen to accounts, in any order, on the real store and on paper: both must say the same to the unit.

const runs = Number(process.env.MOORING_LEDGER_SEQUENCES ?? 10)
const length = Number(process.env.MOORING_LEDGER_LENGTH ?? 40)
// Room for a slow machine, and for longer runs.
setDefaultTimeout(60_000 + runs * length * 100)

const rate = 3n
const hourMs = 3_600_000
const periodMs = 12 * hourMs
const gatewayCount = 2

let store: ReturnType<typeof storeOn>
let database: Database
/** Goes on from run to run, as the hours of the books do. */
let clockMs: number
beforeAll(async () => {
  store = storeOn(await startPostgres())
  database = await store.open()
  // Shortly before the end of the first month, so that months end, and are archived, on the way.
  const [first] = await database.sql<
    { to_hour: number }[]
  >`select min(to_hour) as to_hour from book_months`
  clockMs = ((first?.to_hour ?? 0) - 3) * hourMs
})
afterAll(async () => {
  await database?.close()
  await store.stop()
})

const part = fc.bigInt({ min: 0n, max: 1_000n })
const at = fc.nat({ max: 5 })
const line = fc.record({ at, credits: fc.nat({ max: 3_000 }), hoursAgo: fc.nat({ max: 30 }) })
const claim = fc.record({ at, part, wants: fc.nat({ max: 5_000 }), needs: fc.nat({ max: 300 }) })
const action = fc.oneof(
  fc.record({ kind: fc.constant('deposit' as const), at, amount: fc.bigInt(1n, 4_000n) }),
  fc.record({ kind: fc.constant('settle' as const), at, isGone: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('ask out' as const, 'pay out' as const), at, part }),
  fc.record({ kind: fc.constant('root' as const), at, part, isWrong: fc.boolean() }),
  fc.record({
    kind: fc.constant('time passes' as const),
    hours: fc.constantFrom(1, 1, 5, 13, 20 * 24),
    isChecked: fc.boolean(),
  }),
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('post' as const),
      at,
      lines: fc.array(line, { maxLength: 3 }),
      claims: fc.uniqueArray(claim, { maxLength: 3, selector: (each) => each.at % accountCount }),
      fate: fc.constantFrom('taken', 'taken', 'sent twice', 'rolled back', 'restarts', 'closed'),
    }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never
type Kind<K extends Action['kind']> = Extract<Action, { kind: K }>

/** One with both assets: of it only the sums are compared, for what is taken from which is a matter of the rules. */
const assetsOf: readonly (readonly Asset[])[] = [['ankr'], ['usd'], ['ankr', 'usd']]
const accountCount = assetsOf.length

type Gateway = { instance: string; epoch: bigint; last: number }

/** A world of its own in the one database: accounts and gateways that no other run knows. */
class Run {
  readonly #id: number
  readonly #accounts: { name: string; assets: readonly Asset[]; paper: PaperAccount }[]
  readonly #gateways: Gateway[] = []
  readonly #open: TestDeposit[] = []
  /** What came into the escrows and went out of them, by account and asset. */
  readonly #escrow = new Map<string, bigint>()
  readonly #used = new Map<string, bigint>()
  #blocks: number

  constructor(id: number) {
    this.#id = id
    this.#blocks = id * 1_000
    this.#accounts = assetsOf.map((assets, place) => ({
      ...{ name: `eip155:1:0x${(id * 100 + place).toString(16).padStart(40, '0')}`, assets },
      paper: paperAccount(),
    }))
  }

  async begin(): Promise<void> {
    for (let count = 0; count < gatewayCount; count++) {
      const gateway = { instance: `gw-${this.#id}-${count}`, epoch: 0n, last: 0 }
      await this.#restart(gateway)
      this.#gateways.push(gateway)
    }
  }

  async act(given: Action): Promise<void> {
    switch (given.kind) {
      case 'deposit':
        return await this.#deposit(given)
      case 'settle':
        return await this.#settle(given)
      case 'ask out':
      case 'pay out':
        return await this.#payOut(given)
      case 'root':
        return await this.#root(given)
      case 'time passes':
        return await pass(given)
      case 'post':
        return await this.#post(given)
    }
  }

  /** A tenth counts until the block is final. */
  async #deposit({ at: place, amount }: Kind<'deposit'>): Promise<void> {
    const { name: account, assets, paper } = this.#account(place)
    const asset = assets[place % assets.length] ?? 'ankr'
    const block = ++this.#blocks
    const deposit = { account, asset, amount, block, name: `${account} ${block}` }
    const credited = amount / 10n
    await attest(database, deposit, { state: 'attested-capped', credited })
    await bookAll(database, rate)
    come(paper, credited, credited * rate)
    this.#move(account, asset, credited)
    this.#open.push(deposit)
  }

  /** A deposit becomes final, or a fork has undone it. */
  async #settle({ at: place, isGone }: Kind<'settle'>): Promise<void> {
    const [deposit] = this.#open.splice(place % Math.max(1, this.#open.length), 1)
    if (deposit === undefined) return
    const { account, asset, amount } = deposit
    const found = this.#accounts.find(({ name }) => name === account)
    if (found === undefined) throw new Error('a deposit of nobody')
    const { paper } = found
    const part = amount / 10n
    const state = isGone ? 'orphaned' : 'final'
    await attest(database, deposit, { state, credited: isGone ? 0n : amount })
    await bookAll(database, rate)
    if (isGone) {
      // What was paid out already cannot be taken back.
      this.#move(account, asset, -min(part, this.#inEscrow(account, asset)))
      leaveAccrued(paper, leave(paper, part, part * rate))
    } else {
      come(paper, amount - part, (amount - part) * rate)
      this.#move(account, asset, amount - part)
    }
  }

  async #payOut({ kind, at: place, part: share }: Kind<'ask out' | 'pay out'>): Promise<void> {
    const { name: account, assets, paper } = this.#account(place)
    const asset = assets[place % assets.length] ?? 'ankr'
    const amount = (this.#inEscrow(account, asset) * share) / 1_000n
    if (kind === 'ask out') {
      return await setHeld(database.sql, { account, asset }, { held: amount, nowMs })
    }
    await this.#onChain({ kind: 'withdraw', account, asset, amount })
    leaveAccrued(paper, leave(paper, amount))
  }

  /** A root of charges is applied: what is accrued, or more than that where the books are wrong. */
  async #root({ at: place, part: share, isWrong }: Kind<'root'>): Promise<void> {
    const { name: account, assets, paper } = this.#account(place)
    const asset = assets[place % assets.length] ?? 'ankr'
    const own = (await listHoldings(database.sql, account)).find((each) => each.asset === asset)
    const base = isWrong ? (own?.accrued ?? 0n) + (own?.tokens ?? 0n) : (own?.accrued ?? 0n)
    const amount = (base * share) / 1_000n
    await this.#onChain({ kind: 'charge', account, asset, amount })
    leave(paper, leaveAccrued(paper, amount))
  }

  async #post({ at: place, lines, claims, fate }: Kind<'post'>): Promise<void> {
    const gateway = this.#gateways[place % gatewayCount]
    if (gateway === undefined) throw new Error('there are no gateways')
    const { instance, epoch, last } = gateway
    const to = last + (lines.length > 0 ? 1 : 0)
    const usage = lines.map(({ at: who, credits, hoursAgo }) =>
      lineOf(this.#account(who).name, { credits, hour: hourOf(clockMs) - hoursAgo, ...keyOf(who) }),
    )
    const leases = claims.map(({ at: who, part: share, wants, needs }) => {
      const { name, paper } = this.#account(who)
      const lease = paper.leases.get(epoch) ?? 0n
      return claimOf(name, { holds: Number((lease * share) / 1_000n), wants, needs })
    })
    const request = { ...postOf(epoch), instance, from: last + 1, to, usage, leases }
    if (fate === 'rolled back') await this.#rollBack(request)
    const { grants, state } = await this.#answer(request)
    gateway.last = to
    // What an account used is charged once, whatever it was used for, so that it is rounded once.
    const used = Map.groupBy(lines, ({ at: who }) => who % accountCount)
    for (const [who, own] of used) {
      const credits = own.reduce((sum, each) => sum + each.credits, 0)
      this.#use(who, epoch, credits)
    }
    for (const { account, holds: held } of leases) holds(this.#paper(account), epoch, BigInt(held))
    for (const { account, granted } of grants) this.#grant(account, epoch, granted)
    expect(state).toBe('live')
    if (fate === 'sent twice') {
      // Its leases are told again as they are now, its frames are in the books.
      const again = leases.map((each) => ({ ...each, wants: 0, needs: 0, holds: 1_000_000 }))
      await this.#answer({ ...request, number: postOf(epoch).number, leases: again })
    }
    if (fate === 'restarts') await this.#restart(gateway, request)
    if (fate === 'closed') {
      await closeEpoch(database, { id: epoch, instance }, { ...atOnce(), ...termsNow() })
      this.#free(epoch)
      await this.#restart(gateway)
    }
  }

  /** Another process on the same log: what the older one posted last is posted once more, and closed. */
  async #restart(gateway: Gateway, posted?: PostRequest): Promise<void> {
    const times = { leaseMs: 30_000 }
    const before = gateway.epoch
    gateway.epoch = await beginEpoch(database.sql, gateway.instance, times)
    gateway.last = 0
    if (posted === undefined) return
    const { state, grants } = await this.#answer({ ...posted, leases: [], closes: true })
    expect({ state, grants }).toEqual({ state: 'fenced', grants: [] })
    this.#free(before)
  }

  async #rollBack(request: PostRequest): Promise<void> {
    const dying: Database = {
      ...database,
      transact: (work) =>
        database.transact(async (queries) => {
          await work(queries)
          throw new Error('killed')
        }),
    }
    expect(postUsage(dying, request, termsNow())).rejects.toThrow('killed')
  }

  async #answer(request: PostRequest) {
    const { answer } = await postUsage(database, request, termsNow())
    if ('error' in answer) throw new Error(`${answer.error}: ${answer.detail}`)
    return answer
  }

  #use(place: number, epoch: bigint, credits: number): void {
    const { name, paper } = this.#account(place)
    use(paper, epoch, BigInt(credits))
    this.#used.set(name, (this.#used.get(name) ?? 0n) + BigInt(credits))
  }

  #grant(account: string, epoch: bigint, granted: number): void {
    const paper = this.#paper(account)
    paper.leases.set(epoch, (paper.leases.get(epoch) ?? 0n) + BigInt(granted))
  }

  #free(epoch: bigint): void {
    for (const { paper } of this.#accounts) holds(paper, epoch, 0n)
  }

  async #onChain(event: Pick<EscrowEvent, 'kind' | 'account' | 'asset' | 'amount'>): Promise<void> {
    const number = ++this.#blocks
    const { account, asset } = event
    const own = (await listHoldings(database.sql, account)).find((each) => each.asset === asset)
    const place = { blockNumber: BigInt(number), logIndex: 0, life: own?.life ?? 0n }
    const transactionHash = hashNamed(`block ${number} of ${this.#id}`)
    const to = { number: BigInt(number), hash: hashNamed(`block ${number}`) }
    const noted = { to, events: [{ ...event, ...place, transactionHash }], rates: [] }
    // Whoever reads a block again notes and books nothing.
    for (let time = 0; time < 2; time++) {
      await noteFinalBlocks(database, noted)
      const terms = { chainId, nowMs, countMax: 100 }
      const booked = await bookEscrowEvents(database, terms)
      expect(booked.length).toBe(time === 0 ? 1 : 0)
      for (const { missing } of booked) {
        this.#move(account, asset, missing - event.amount)
        expect(missing).toBe(0n)
      }
    }
  }

  /** Every balance stands as it does on paper, and every sum is what came in less what went out. */
  async compare(): Promise<void> {
    for (const { name, assets, paper } of this.#accounts) {
      const holdings = await listHoldings(database.sql, name)
      for (const { asset, tokens, accrued } of holdings) {
        expect(tokens + accrued).toBe(this.#inEscrow(name, asset))
      }
      const [told] = await database.sql<{ charged: string; uncollected: string }[]>`
        select coalesce((select sum(amount) from (
              select account, unit, place, amount from entries
              union all select account, unit, place, amount from archived_balances
            ) as written where account = ${name} and unit = 'credit' and place = 'used'), 0) as charged,
          coalesce((select sum(credits) from uncollected where account = ${name}), 0) as uncollected`
      const paid = BigInt(told?.charged ?? 0) + BigInt(told?.uncollected ?? 0)
      expect(paid).toBe(this.#used.get(name) ?? 0n)
      const [own] = holdings
      if (assets.length > 1 || own === undefined) continue
      const { tokens, credits, accrued, leased } = own
      expect({ tokens, credits, accrued, leased, uncollected: told?.uncollected }).toEqual({
        ...{ tokens: paper.tokens, credits: paper.credits, accrued: paper.accrued },
        ...{ leased: leasedOf(paper), uncollected: String(paper.uncollected) },
      })
    }
    await expectSound()
    await database.transact(proveAnew)
    await expectSound()
  }

  #inEscrow(account: string, asset: Asset): bigint {
    return this.#escrow.get(`${account} ${asset}`) ?? 0n
  }

  #move(account: string, asset: Asset, tokens: bigint): void {
    const key = `${account} ${asset}`
    this.#escrow.set(key, (this.#escrow.get(key) ?? 0n) + tokens)
  }

  #account(place: number) {
    const found = this.#accounts[place % accountCount]
    if (found === undefined) throw new Error('there are no accounts')
    return found
  }

  #paper(account: string): PaperAccount {
    const found = this.#accounts.find(({ name }) => name === account)
    if (found === undefined) throw new Error(`${account} is nobody`)
    return found.paper
  }
}

function termsNow(): PostTerms {
  return termsOf({ nowMs: clockMs, period: BigInt(Math.floor(clockMs / periodMs)) })
}

/** Of every other account all is used with one key. */
function keyOf(who: number): Partial<UsageLine> {
  return who % 2 === 0 ? {} : { key: `key-${who % accountCount}` }
}

/** Hours and months end; months that are over for long are taken out of the books. */
async function pass({ hours, isChecked }: Kind<'time passes'>): Promise<void> {
  clockMs += hours * hourMs
  await keepHours(database, clockMs)
  if (!isChecked) return
  await expectSound()
  const oldest = (await listMonths(database)).find(({ isArchived }) => !isArchived)
  await archiveMonth(database, oldest?.month ?? '', clockMs).catch((error: unknown) => {
    if (!(error instanceof MonthStays)) throw error
  })
  await expectSound()
}

async function expectSound(): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await checkUsage(database)).toEqual([])
  expect(await checkEscrow(database)).toEqual([])
  const since = { period: BigInt(Math.floor(clockMs / periodMs)) - 1n, hour: 0 }
  expect(await checkPeriods(database, since)).toEqual([])
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

let ids = 0

test('no token and no credit appears or goes, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: length / 2, maxLength: length }),
      async (actions) => {
        const run = new Run(++ids)
        await run.begin()
        for (const given of actions) await run.act(given)
        await run.compare()
      },
    ),
    { numRuns: runs },
  )
})
