import { receiptText } from '@mooring/protocol/relays/receipts'
import {
  type RelayReport,
  type RelayReportAnswer,
  reportLimits,
} from '@mooring/protocol/relays/reports'
import type { KeptReceipt, ReceiptBook } from '@mooring/receipts/receipt-book'
import type { Clock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import { z } from 'zod'
import { fetchJson } from '../access/fetch-json.ts'
import type { Events } from '../events.ts'
import type { WorkBook } from './work-book.ts'

export type ReporterContext = {
  billing: { url: string; credential: string }
  work: WorkBook
  book: ReceiptBook
  clock: Clock
  events: Events
  /** Takes into the book what was counted until now. */
  take: () => void
}

const pauseMs = 1_000
/** While the service does not answer the pause is doubled up to this. */
const pauseMsMax = 30_000
const timeoutMs = 10_000
const answerBytesMax = 1_048_576

const answerSchema = z.object({
  openEpoch: z.string().regex(/^\d{1,19}$/),
  refused: z.array(z.object({ at: z.int().min(0), why: z.string() })),
})

/** Tells the billing service what nodes did and the receipts of it: what they are paid by. */
export class Reporter {
  readonly #context: ReporterContext
  /** Counts begin anew with each life of a gateway. */
  readonly #run = crypto.randomUUID()
  readonly #loop: Loop
  readonly #ending = new AbortController()
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #failures = 0

  constructor(context: ReporterContext) {
    this.#context = context
    const { clock, events } = context
    this.#loop = startLoop({
      ...{ pauseMs, clock },
      onError: (error) => events.broke(error, 'reports on nodes'),
      round: async () => {
        if (clock.nowMs() >= this.#notBeforeMs) await this.#tellAll()
      },
    })
  }

  /** Tells the rest, as far as the service listens. */
  async stop(): Promise<void> {
    await this.#loop.stop()
    await this.#tellAll()
    this.#ending.abort()
  }

  async #tellAll(): Promise<void> {
    this.#context.take()
    while (await this.#tellSome()) {}
  }

  /** @returns Whether there is more to tell. */
  async #tellSome(): Promise<boolean> {
    const { work, book, billing, clock, events } = this.#context
    const lines = work.grown(reportLimits.work)
    const receipts = book.untold(reportLimits.receipts)
    if (lines.length === 0 && receipts.length === 0) return false
    const report: RelayReport = { run: this.#run, work: lines, receipts: receipts.map(textOf) }
    const fetched = await fetchJson(`${billing.url.replace(/\/$/, '')}/v1/relays`, {
      ...{ credential: billing.credential, body: JSON.stringify(report) },
      ...{ timeoutMs, bytesMax: answerBytesMax, signal: this.#ending.signal },
    })
    const answer =
      fetched.kind === 'answer' ? answerSchema.safeParse(fetched.value).data : undefined
    if (answer === undefined) {
      events.reportFailed(fetched.kind === 'failed' ? fetched.why : 'no answer to a report')
      this.#notBeforeMs = clock.nowMs() + Math.min(pauseMs * 2 ** this.#failures, pauseMsMax)
      this.#failures++
      return false
    }
    this.#failures = 0
    events.reported()
    work.told(lines)
    book.markTold(receipts)
    this.#heed(answer, receipts)
    return lines.length === reportLimits.work || receipts.length === reportLimits.receipts
  }

  #heed({ openEpoch, refused }: RelayReportAnswer, receipts: readonly KeptReceipt[]): void {
    const { work, events } = this.#context
    work.forgetBefore(BigInt(openEpoch))
    for (const { at, why } of refused) {
      const { session } = receipts[at]?.receipt ?? {}
      events.receiptNotTaken(String(session), why)
    }
  }
}

function textOf({ receipt, gatewaySignature, nodeSignature }: KeptReceipt) {
  return { receipt: receiptText(receipt), gatewaySignature, nodeSignature }
}
