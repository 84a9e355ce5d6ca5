import { readPart, type System } from '@mooring/onchain/contracts'
import { type Cursor, followEvents } from '@mooring/onchain/events/follow'
import { ensureAccount } from '@mooring/store/accounts'
import type { Database } from '@mooring/store/database'
import { tellSeenDeposit } from '@mooring/store/deposits'
import { holdAskedOut } from '@mooring/store/ledger/asked-out'
import {
  listHeld,
  listRates,
  listUntoldDeposits,
  noteFinalBlocks,
  noteRates,
  type PostedRate,
  readChainCursor,
  type UncreditedDeposit,
} from '@mooring/store/ledger/escrow-events'
import type { Clock } from '@mooring/telemetry/clock'
import type { BillingConfig } from '../config.ts'
import type { Events } from '../events.ts'
import { addressOf } from './address.ts'
import { type Asked, type EscrowLog, readEscrowLog } from './escrow-log.ts'
import { FinalBlock } from './final-block.ts'
import { readInitialRate } from './initial-rate.ts'

type Parts = {
  system: System
  database: Database
  clock: Clock
  events: Events
  config: BillingConfig['chain']
}

/** Blocks that a fork may still undo, and what the books are about in them. */
type OpenBlocks = EscrowLog & { cursor: Cursor }

const retryMs = 1_000
/** Deposits told again at a time. */
const toldAgainMax = 100

/**
 * Reads what the escrows and the rate feed do. Final blocks are noted in the database, each once. Of the others the
 * newest rates are known here, deposits are told, and what owners ask out is held at once.
 */
export class ChainFollower {
  readonly #parts: Parts
  readonly #finalBlock: FinalBlock
  readonly #stopping = new AbortController()
  #open: OpenBlocks[] = []
  #finalRates: PostedRate[] = []
  #read: Cursor | undefined
  #running: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#finalBlock = new FinalBlock(parts.system, parts.config.finalityBlocks)
  }

  /** The newest block that was read; undefined before the first. */
  get read(): Cursor | undefined {
    return this.#read
  }

  /** In the order of the chain. */
  get rates(): PostedRate[] {
    return [...this.#finalRates, ...this.#open.flatMap(({ rates }) => rates)]
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /**
   * Tells again of final deposits that nobody is asked about any more and that are not in the books.
   *
   * @returns How many.
   */
  async tellAgain(): Promise<number> {
    const { system, database } = this.#parts
    const { chainId } = system.deployment
    const terms = { chainId, countMax: toldAgainMax }
    const untold = await listUntoldDeposits(database.sql, terms)
    await this.#tell(untold)
    return untold.length
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { clock, events } = this.#parts
    while (!signal.aborted) {
      try {
        await this.#follow(signal)
      } catch (error) {
        if (!signal.aborted) events.roundFailed('chain', error)
      }
      // What was not final is read again.
      this.#open = []
      await clock.sleep(retryMs, signal)
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { system, database, config } = this.#parts
    const from = await readChainCursor(database.sql)
    if (from === undefined) await this.#noteInitialRate()
    this.#finalRates = await listRates(database.sql)
    this.#read = from
    // What was asked out in blocks that nobody has read on may have gone with them.
    let unsure = await listHeld(database.sql)
    const head = await system.reader.getBlockNumber()
    const stream = followEvents(system, { from, pollMs: config.pollIntervalMs, signal })
    for await (const item of stream) {
      if (item.kind === 'rollback') await this.#rollBack(item.cursor)
      else {
        const log = readEscrowLog(system.deployment.chainId, item.events)
        this.#open.push({ cursor: item.cursor, ...log })
        this.#read = item.cursor
        await this.#tell(log.events.filter(({ kind }) => kind === 'deposit'))
        for (const asked of lastOfEach(log.asked)) await this.#hold(asked, item.cursor)
        if (item.cursor.number >= head) {
          await this.#lookAt(unsure, item.cursor)
          unsure = []
        }
        await this.#settle()
      }
    }
  }

  async #noteInitialRate(): Promise<void> {
    const rate = await readInitialRate(this.#parts.system)
    if (rate !== undefined) await noteRates(this.#parts.database.sql, [rate])
  }

  async #rollBack(to: Cursor): Promise<void> {
    const gone = this.#open.filter(({ cursor }) => cursor.number > to.number)
    this.#open = this.#open.filter(({ cursor }) => cursor.number <= to.number)
    this.#read = to
    await this.#lookAt(
      gone.flatMap((blocks) => blocks.asked),
      to,
    )
  }

  /** Reads what is asked out at the end of a block, where no event tells it. The block is so new that nodes have its state. */
  async #lookAt(owners: readonly Owner[], at: Cursor): Promise<void> {
    const { system } = this.#parts
    for (const { account, asset } of lastOfEach(owners)) {
      const part = asset === 'ankr' ? 'ankrEscrow' : 'stableEscrow'
      const { withdrawing } = await readPart(system, part, 'accountOf', [addressOf(account)], {
        blockNumber: at.number,
      })
      await this.#hold({ account, asset, withdrawing }, at)
    }
  }

  async #hold({ account, asset, withdrawing }: Asked, at: Cursor): Promise<void> {
    const { database, clock } = this.#parts
    const paid = this.#open
      .flatMap(({ events }) => events)
      .filter((event) => event.kind === 'withdraw' && isOf(event, { account, asset }))
    const asked = { account, asset, withdrawing, blockNumber: at.number, paid }
    await holdAskedOut(database, asked, clock.wallMs())
  }

  /** Deposits are told to those who ask verifiers, also when their owners tell nobody. */
  async #tell(deposits: readonly UncreditedDeposit[]): Promise<void> {
    const { system, database, clock } = this.#parts
    const { chainId } = system.deployment
    const nowMs = clock.wallMs()
    for (const { account, transactionHash, logIndex } of deposits) {
      await ensureAccount(database, account, nowMs)
      const place = { chainId, transactionHash, logIndex }
      await tellSeenDeposit(database.sql, account, { place, nowMs })
    }
  }

  /** Notes what has become final. */
  async #settle(): Promise<void> {
    const number = await this.#finalBlock.number()
    const final = this.#open.filter(({ cursor }) => cursor.number <= number)
    const last = final.at(-1)
    if (last === undefined) return
    const events = final.flatMap((blocks) => blocks.events)
    const rates = final.flatMap((blocks) => blocks.rates)
    await noteFinalBlocks(this.#parts.database, { to: last.cursor, events, rates })
    // A deposit may have been undone and made again since it was told.
    await this.#tell(events.filter(({ kind }) => kind === 'deposit'))
    this.#finalRates.push(...rates)
    this.#open = this.#open.filter(({ cursor }) => cursor.number > number)
  }
}

type Owner = Pick<Asked, 'account' | 'asset'>

function isOf(one: Owner, { account, asset }: Owner): boolean {
  return one.account === account && one.asset === asset
}

function lastOfEach<T extends Owner>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [`${one.account} ${one.asset}`, one])).values()]
}
