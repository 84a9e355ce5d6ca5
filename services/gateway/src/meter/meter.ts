import { type FailureCode, failures } from '@mooring/protocol/failures'
import { MarketError } from '@mooring/protocol/market-error'
import type { MeterReport } from '@mooring/protocol/reports/meter'
import { holdDirectory } from '@mooring/settings/held-directory'
import type { Clock } from '@mooring/telemetry/clock'
import type { MeterSettings } from '../config.ts'
import type { Events } from '../events.ts'
import { type Caller, type Exchange, errorAnswer, type RpcAnswer } from '../exchange.ts'
import { Batches } from './batch.ts'
import { type Cell, Cells } from './cells.ts'
import { Epochs } from './epochs.ts'
import { createLedger } from './ledger.ts'
import { type Disk, systemDisk } from './log/disk.ts'
import { readEpochs } from './log/segments.ts'
import { Outages } from './outages.ts'
import { Purses } from './purses.ts'
import { Recorder } from './recorder.ts'
import { RefundRooms } from './refund-room.ts'
import { ledgerAway, meterStopped, noPrices } from './refusals.ts'
import { Tariff } from './tariff.ts'

/** How often purses are looked through, and a disk that takes nothing is tried again. */
const sweepMs = 1_000

export type MeterContext = {
  clock: Clock
  events: Events
  /** Replies that waited for the log were sent. */
  onSent: () => void
  disk?: Disk
}

/**
 * Counts what is used, charges it to what the ledger has leased to this gateway, and writes it down before the reply
 * leaves. Nothing is served for credits while it cannot.
 */
export class Meter {
  readonly #settings: MeterSettings
  readonly #context: MeterContext
  /** Which prices are in force. */
  readonly tariff: Tariff
  readonly #outages = new Outages()
  readonly #refunds: RefundRooms
  readonly #cells: Cells
  readonly #purses = new Purses({ onUrgent: () => this.#epochs.wake() })
  readonly #recorder: Recorder
  readonly #epochs: Epochs
  readonly #aborting = new AbortController()
  readonly #release: () => void
  #running: Promise<unknown> | undefined

  /** Takes its directory. Throws `UnusableDirectory`. */
  constructor(settings: MeterSettings, context: MeterContext) {
    const { clock, events, disk = systemDisk, onSent } = context
    const batches = new Batches()
    this.#settings = settings
    this.#context = context
    this.#refunds = new RefundRooms(settings.freeFailures)
    this.#cells = new Cells(clock, this.#outages)
    this.tariff = new Tariff(events.pricesTaken)
    this.#recorder = new Recorder({
      waits: settings.durability !== 'none',
      onStored: (frame) => batches.add(frame),
      onWritten: events.usageWritten,
      onSent,
      onFailed: events.meterWriteFailed,
      refuse: ({ exchange, cell }) => {
        cell.purse?.revert(exchange.charged)
        exchange.charged = 0
        const answer = this.#refused(meterStopped())
        return { answer, cell: this.#cellOf(exchange, answer) }
      },
    })
    this.#release = holdDirectory(settings.directory, 'meter.directory')
    const ledger = createLedger(settings, this.#aborting.signal)
    const [purses, recorder, aborting] = [this.#purses, this.#recorder, this.#aborting]
    const own = { purses, recorder, aborting, tariff: this.tariff }
    const epochsContext = { settings, clock, events, disk, ledger, batches, ...own }
    try {
      this.#epochs = new Epochs(epochsContext, readEpochs(settings.directory))
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** From then on it is to be stopped. */
  start(): void {
    this.#running = Promise.all([this.#epochs.run(), this.#sweep()])
  }

  /** Tells the ledger the rest, as far as it listens, and gives the directory back. What is left is told at the next start. */
  async stop(): Promise<void> {
    this.#epochs.stop()
    await this.#running
    this.#release()
  }

  /**
   * Sets the price of a request aside.
   *
   * @returns A promise where credits must be waited for. Throws or rejects with the refusal.
   */
  reserve(exchange: Exchange): Promise<void> | undefined {
    const { caller, chain, request, startedMs } = exchange
    const { payer } = caller
    if (this.#epochs.isFenced || this.#recorder.isFailing) throw this.#counted(meterStopped())
    if (startedMs >= this.#purses.leasedUntilMs) throw this.#counted(ledgerAway())
    const pricing = this.tariff.at(startedMs)
    if (pricing === undefined) throw this.#counted(noPrices())
    const { method } = request
    const price = pricing.priceOf({ family: chain.family.name, method, transport: 'http' })
    let waiting: Promise<void> | undefined
    const purse = this.#purses.of(payer, startedMs)
    // It has an account.
    if (purse === undefined) return undefined
    try {
      waiting = this.#purses.reserve(purse, price, startedMs)
    } catch (error) {
      throw this.#counted(error)
    }
    if (waiting === undefined) {
      exchange.purse = purse
      exchange.reserved = price
      return undefined
    }
    this.#context.events.meterWaited()
    return waiting.then(
      () => {
        exchange.purse = purse
        exchange.reserved = price
      },
      (error) => {
        throw this.#counted(error)
      },
    )
  }

  /**
   * Charges what was answered as the table of failures says, and gives the rest back.
   *
   * @param send - Called once, when the answer may leave; with another one where what is charged could not be written.
   */
  finish(exchange: Exchange, answer: RpcAnswer, send: (answer: RpcAnswer) => void): void {
    const { purse, reserved } = exchange
    let cell = this.#cellOf(exchange, answer)
    if (exchange.relayed !== undefined) cell.tally.note(isAnswered(answer))
    const isCharged =
      reserved > 0 && (answer.kind === 'result' || this.#charges(answer.failure, exchange, cell))
    const isRefused = isCharged && this.#recorder.isFailing
    const told = isRefused ? this.#refused(meterStopped()) : answer
    if (isRefused) cell = this.#cellOf(exchange, told)
    const charged = isCharged && !isRefused ? reserved : 0
    exchange.charged = charged
    purse?.settle(reserved, charged)
    if (charged > 0) this.#recorder.charge({ exchange, answer: told, send, cell })
    else {
      this.#recorder.count(cell)
      send(told)
    }
  }

  /** What the account of a caller, or its key for today, has left; undefined where nobody has told yet. */
  leftOf({ payer }: Caller): bigint | undefined {
    const { purse } = payer
    if (purse?.ledgerLeft === undefined) return undefined
    return purse.ledgerLeft + BigInt(Math.max(0, purse.left))
  }

  report(): MeterReport {
    const { clock } = this.#context
    const leaseMs = this.#purses.leasedUntilMs - clock.nowMs()
    return {
      state: this.#state(leaseMs),
      instance: this.#settings.instance,
      epoch: this.#epochs.number ?? null,
      leaseMs: Math.max(0, Number.isFinite(leaseMs) ? Math.round(leaseMs) : 0),
      frames: { stored: this.#recorder.stored, confirmed: this.#epochs.confirmed },
      logBytes: this.#epochs.logBytes,
      copies: this.#epochs.copies,
      prices: this.tariff.named.hash ?? null,
      purses: { held: this.#purses.size, waitingRequests: this.#purses.waiting },
    }
  }

  #cellOf({ caller, chain, policy, request, startedMs }: Exchange, answer: RpcAnswer): Cell {
    const status = answer.kind === 'result' ? 'ok' : answer.failure
    // Names of methods that have no row are made up by callers: there is no end to them.
    const method = policy.known ? request.method : 'other'
    return this.#cells.of(caller.payer, { chain: chain.name, method, status }, startedMs)
  }

  #state(leaseMs: number): MeterReport['state'] {
    if (this.#epochs.isFenced) return 'fenced'
    if (this.#recorder.isFailing) return 'cannotWrite'
    if (leaseMs <= 0) return 'ledgerAway'
    return this.tariff.named.isKnown ? 'serving' : 'noPrices'
  }

  /** Whether a failure is charged: as its row says, or because its account has provoked too many. */
  #charges(failure: FailureCode, exchange: Exchange, { tally }: Cell): boolean {
    const { charged, provocable } = failures[failure]
    if (charged || !provocable) return charged
    const { clock, events } = this.#context
    if (this.#refunds.isFree({ exchange, tally }, clock.nowMs())) return false
    events.failureCharged(failure)
    return true
  }

  async #sweep(): Promise<void> {
    const { clock } = this.#context
    const { signal } = this.#aborting
    while (!signal.aborted) {
      await clock.sleep(sweepMs, signal)
      this.#purses.sweep(clock.nowMs())
      this.#outages.sweep(clock.nowMs())
      this.#epochs.mend()
    }
  }

  #refused(error: MarketError): RpcAnswer {
    this.#context.events.meterRefused(error.code)
    return errorAnswer(error)
  }

  #counted(error: unknown): unknown {
    if (error instanceof MarketError) this.#context.events.meterRefused(error.code)
    return error
  }
}

/** Whether nodes did what they were asked, were it only to say that it is wrong. */
function isAnswered(answer: RpcAnswer): boolean {
  if (answer.kind === 'result') return true
  const { charged, blame } = failures[answer.failure]
  return charged || blame === 'caller'
}
