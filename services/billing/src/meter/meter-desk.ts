import type {
  BeginAnswer,
  PostAnswer,
  PostRefusal,
  PostRequest,
  PriceTerms,
} from '@mooring/protocol/metering/wire'
import type { Database } from '@mooring/store/database'
import { beginEpoch, listSilentEpochs } from '@mooring/store/ledger/epochs'
import { closeEpoch, type PostTerms, postUsage } from '@mooring/store/ledger/post'
import type { Clock } from '@mooring/telemetry/clock'
import { type ChainTerms, priceTermsOf } from '../chain/terms.ts'
import type { BillingConfig } from '../config.ts'
import type { Events } from '../events.ts'
import { periodAt } from './charge-period.ts'
import { WitnessDesk } from './witness-desk.ts'

type Parts = {
  database: Database
  clock: Clock
  events: Events
  config: BillingConfig['meter']
  terms: () => ChainTerms
}

const silentAtOnceMax = 100

/** What gateways begin with, post, and leave behind. */
export class MeterDesk {
  readonly #parts: Parts
  /** Since when every gateway could have been heard, by the clock that never steps back. */
  #hearingSinceMs: number
  readonly #witnesses: WitnessDesk

  constructor(parts: Parts) {
    this.#parts = parts
    this.#hearingSinceMs = parts.clock.nowMs()
    const post = (request: PostRequest) => this.post(request)
    this.#witnesses = new WitnessDesk({ ...parts, post })
  }

  async begin(instance: string): Promise<BeginAnswer> {
    const { database, events, config } = this.#parts
    const { leaseMs, postMs } = config
    const begun = await database.transact((queries) => beginEpoch(queries, instance, { leaseMs }))
    const epoch = Number(begun)
    events.epochBegan({ instance, epoch })
    return { epoch, leaseMs, postMs, prices: this.#prices() }
  }

  async post(request: PostRequest): Promise<PostAnswer | PostRefusal> {
    const { database, events } = this.#parts
    const { instance } = request
    try {
      const { answer, findings } = await postUsage(database, request, this.#postTerms())
      const { late, uncollected } = findings
      if (late > 0n) events.usedWithoutLease({ instance, late, uncollected })
      if ('error' in answer) events.postRefused({ instance, error: answer.error })
      else events.posted(request.usage.length)
      return 'error' in answer ? answer : { ...answer, prices: this.#prices() }
    } catch (error) {
      this.wasAway()
      throw error
    }
  }

  /** Nobody could be heard until now, so that nobody is silent yet. */
  wasAway(): void {
    this.#hearingSinceMs = this.#parts.clock.nowMs()
  }

  /**
   * Frees what is leased to gateways that are gone. Whoever was silent while nobody could be heard is given the same
   * time again. What witnesses have of them and the books have not is charged before.
   */
  async closeSilent(): Promise<void> {
    const { database, clock, events, config } = this.#parts
    const { graceMs } = config
    const patienceMs = config.leaseMs + graceMs
    try {
      const wanted = { graceMs, countMax: silentAtOnceMax }
      const silent = await listSilentEpochs(database.sql, wanted)
      if (clock.nowMs() - this.#hearingSinceMs < patienceMs) return
      this.#witnesses.waitOnlyFor(silent)
      for (const epoch of silent) {
        if (!(await this.#witnesses.collect(epoch))) continue
        if (!(await closeEpoch(database, epoch, { ...this.#postTerms(), graceMs }))) continue
        events.epochClosed({ instance: epoch.instance, epoch: String(epoch.id) })
      }
    } catch (error) {
      this.wasAway()
      throw error
    }
  }

  /** Has witnesses forget what is in the books. */
  async forgetCopies(): Promise<void> {
    await this.#witnesses.forgetBooked()
  }

  #prices(): PriceTerms {
    return priceTermsOf(this.#parts.terms(), this.#parts.clock.nowMs())
  }

  #postTerms(): PostTerms {
    const { clock, config, terms } = this.#parts
    const { caps, periodSeconds, epoch } = terms()
    const nowMs = clock.wallMs()
    const { number, endsMs } = periodAt(nowMs, periodSeconds)
    return {
      ...{ nowMs, leaseMs: config.leaseMs, caps, chainEpoch: epoch },
      ...{ period: number, periodEndsMs: endsMs },
    }
  }
}
