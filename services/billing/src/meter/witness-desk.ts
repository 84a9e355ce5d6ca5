import { mergedOf } from '@mooring/protocol/metering/merge'
import type { PostAnswer, PostRefusal, PostRequest } from '@mooring/protocol/metering/wire'
import type { Database } from '@mooring/store/database'
import { type Epoch, listClosedEpochs } from '@mooring/store/ledger/epochs'
import type { Clock } from '@mooring/telemetry/clock'
import type { BillingConfig } from '../config.ts'
import type { Events } from '../events.ts'
import type { CopyState } from '../witness/copy-state.ts'
import { mergeCopies } from '../witness/merge-copies.ts'
import { type Asked, createWitnessClient, type WitnessClient } from './witness-client.ts'

/** So long a witness that did not answer is not asked again. */
const silenceMs = 2_000

type Parts = {
  database: Database
  clock: Clock
  events: Events
  config: Pick<BillingConfig['meter'], 'witnesses' | 'witnessPatienceMs'>
  post: (request: PostRequest) => Promise<PostAnswer | PostRefusal>
}

type Witness = { number: number; client: WitnessClient; silentUntilMs: number }

type Named = Pick<Epoch, 'id' | 'instance' | 'lastFrame'>

/** Brings into the books what gateways that are gone have left with witnesses. */
export class WitnessDesk {
  readonly #parts: Parts
  readonly #witnesses: readonly Witness[]
  /** By epoch: since when it waits for a witness that does not answer. */
  #waitingSinceMs = new Map<bigint, number>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#witnesses = parts.config.witnesses.map((settings, at) => ({
      ...{ number: at + 1, client: createWitnessClient(settings) },
      silentUntilMs: Number.NEGATIVE_INFINITY,
    }))
  }

  /** Whoever is not among them waits no more. */
  waitOnlyFor(epochs: readonly Named[]): void {
    const ids = new Set(epochs.map(({ id }) => id))
    this.#waitingSinceMs = new Map([...this.#waitingSinceMs].filter(([id]) => ids.has(id)))
  }

  /**
   * Posts what witnesses have of an epoch after the last frame in the books.
   *
   * @returns Whether that was all; also where a witness was silent for longer than it is waited for.
   */
  async collect(epoch: Named): Promise<boolean> {
    const copies = await this.#copiesOf(epoch)
    const isWhole = copies.length === this.#witnesses.length
    if (!isWhole && this.#isWaitedFor(epoch)) return false
    const { events } = this.#parts
    const { instance, id } = epoch
    const isPosted = await this.#post(epoch, copies)
    if (isPosted && !isWhole) events.closedWithoutWitness({ instance, epoch: String(id) })
    return isPosted
  }

  /** Has witnesses forget epochs that are closed, once all that they have of them is in the books. */
  async forgetBooked(): Promise<void> {
    for (const witness of this.#witnesses) {
      const listed = await this.#ask(witness, (client) => client.list())
      if (listed.kind === 'failed') continue
      const ids = listed.value.map(({ epoch }) => BigInt(epoch))
      const closed = await listClosedEpochs(this.#parts.database.sql, ids)
      for (const { instance, epoch: number, last } of listed.value) {
        const epoch = closed.find(
          ({ id, instance: own }) => Number(id) === number && own === instance,
        )
        if (epoch === undefined) continue
        if (last > epoch.lastFrame && !(await this.#collectLate(epoch))) continue
        await this.#ask(witness, (client) => client.forget({ instance, epoch: number }, last))
      }
    }
  }

  async #collectLate(epoch: Named): Promise<boolean> {
    const copies = await this.#copiesOf(epoch)
    return copies.length === this.#witnesses.length && (await this.#post(epoch, copies))
  }

  /** Of the witnesses that answer. */
  async #copiesOf({ id, instance, lastFrame }: Named): Promise<(CopyState | undefined)[]> {
    const name = { instance, epoch: Number(id) }
    const asked = await Promise.all(
      this.#witnesses.map((witness) =>
        this.#ask(witness, (client) => client.copyOf(name, Number(lastFrame))),
      ),
    )
    return asked.flatMap((each) => (each.kind === 'answer' ? [each.value] : []))
  }

  /** @returns Whether all of it is in the books. */
  async #post(epoch: Named, copies: readonly (CopyState | undefined)[]): Promise<boolean> {
    const { events, post } = this.#parts
    const { instance, id } = epoch
    const last = Number(epoch.lastFrame)
    const frames = mergeCopies(
      copies.filter((copy) => copy !== undefined),
      last,
    )
    for (const { from, to, usage } of frames.length === 0 ? [] : mergedOf(frames, last)) {
      if (to < from) continue
      const frames = { from, to, usage, leases: [], closes: false }
      // It says nothing of leases, so that no try of the gateway is older than it.
      const request = { instance, epoch: Number(id), number: 0, ...frames }
      const answer = await post(request)
      // Somebody else posts the same; it is looked at again.
      if ('error' in answer) return false
      events.copiesBooked({ instance, epoch: String(id), from, to })
    }
    return true
  }

  #isWaitedFor({ id }: Named): boolean {
    const nowMs = this.#parts.clock.nowMs()
    const sinceMs = this.#waitingSinceMs.get(id) ?? nowMs
    this.#waitingSinceMs.set(id, sinceMs)
    return nowMs - sinceMs < this.#parts.config.witnessPatienceMs
  }

  async #ask<T>(
    witness: Witness,
    ask: (client: WitnessClient) => Promise<Asked<T>>,
  ): Promise<Asked<T>> {
    const { clock, events } = this.#parts
    if (clock.nowMs() < witness.silentUntilMs) return { kind: 'failed', why: 'silent a moment ago' }
    const asked = await ask(witness.client)
    if (asked.kind === 'failed') {
      witness.silentUntilMs = clock.nowMs() + silenceMs
      events.witnessSilent({ number: witness.number, why: asked.why })
    }
    return asked
  }
}
