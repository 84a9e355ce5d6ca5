import type { ReceiptBook } from '@mooring/receipts/receipt-book'
import type { Clock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import type { Events } from '../events.ts'
import type { AgentAddress, AgentClient } from './agent-client.ts'
import { RelaySession } from './relay-session.ts'
import type { AnsweringNode } from './signed-answer.ts'

/** What a link needs of the gateway it is in. */
export type AgentLinkContext = {
  client: AgentClient
  book: ReceiptBook
  clock: Clock
  events: Events
  /** The epoch of now; undefined while the chain has not told. */
  epoch: () => bigint | undefined
  gateway: `0x${string}`
  chain: `0x${string}`
  /** Told what requests have to bear from now on. */
  onToken: (token: string | undefined) => void
  onStopped: () => void
}

const roundMs = 250
/** A session is replaced when less than this part of its life is left. */
const renewedPart = 0.1
/** Pauses between tries grow from the first to the second. */
const retryMs = { first: 500, last: 15_000 } as const
/** A node that signs nothing of what it should gets nothing for so long, and twice as long each time. */
const distrustMs = { first: 60_000, last: 3_600_000 } as const
/** How long what an ended session still has may wait for its receipts. */
const settleMs = 90_000

/**
 * The tie to the agent of one upstream: it opens sessions, and gets a receipt for what was accepted. An upstream whose agent
 * opens none, or refuses receipts, gets no traffic.
 */
export class AgentLink {
  readonly id: string
  readonly #context: AgentLinkContext
  readonly #nodeId: bigint
  #current: RelaySession | undefined
  /** Sessions that have ended or were replaced, and have windows without a receipt. */
  readonly #settling = new Map<RelaySession, number>()
  #opened = Promise.withResolvers<void>()
  #renewMs = 0
  #tries = 0
  #waitUntilMs = Number.NEGATIVE_INFINITY
  #offences = 0
  /** Why there is no session, in a sentence. */
  trouble: string | undefined = 'no session has been opened yet'
  readonly #loop: Loop
  #stopping: Promise<void> | undefined

  constructor(id: string, { nodeId }: Pick<AgentAddress, 'nodeId'>, context: AgentLinkContext) {
    this.id = id
    this.#nodeId = BigInt(nodeId)
    this.#context = context
    const { clock, events } = context
    const onError = (error: unknown) => events.broke(error, `receipts of ${id}`)
    this.#loop = startLoop({ pauseMs: roundMs, clock, onError, round: () => this.#round() })
  }

  /** Whose word an answer is. */
  get node(): AnsweringNode {
    return this.#context.client.node
  }

  /** Relays that were accepted and have no receipt yet. */
  get unproven(): number {
    return this.#sessions().reduce((sum, session) => sum + session.unproven, 0)
  }

  /** What a request that is sent now belongs to; undefined while nothing may be sent. */
  get session(): RelaySession | undefined {
    const current = this.#current
    const isOver = current === undefined || this.#context.clock.nowMs() >= current.facts.untilMs
    return isOver || current.isOver || current.isOverdue ? undefined : current
  }

  get isOpen(): boolean {
    return this.session !== undefined
  }

  /** Resolves when there is a session, or after that time. */
  async whenOpen(timeoutMs: number): Promise<void> {
    if (this.isOpen) return
    const stop = new AbortController()
    await Promise.race([this.#opened.promise, this.#context.clock.sleep(timeoutMs, stop.signal)])
    stop.abort()
  }

  /** The agent does not know the session of a request: it was started anew. */
  lost(session: RelaySession): void {
    if (session.isOver) return
    this.#give(session, 'the agent does not know the session any more')
    this.#waitUntilMs = Number.NEGATIVE_INFINITY
  }

  /** Asks once more for the receipts that are left, and ends. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    await this.#loop.stop()
    for (const session of this.#sessions()) {
      session.review(this.#context.clock.nowMs(), 0n, { isLast: true })
      while (session.draft() !== undefined && (await this.#propose(session))) {}
      this.#give(session, 'the gateway has stopped')
    }
    this.#context.client.close()
    this.#context.onStopped()
  }

  #sessions(): RelaySession[] {
    const current = this.#current === undefined ? [] : [this.#current]
    return [...this.#settling.keys(), ...current]
  }

  async #round(): Promise<void> {
    const { clock, epoch } = this.#context
    if (clock.nowMs() >= this.#waitUntilMs) {
      if (this.#isRenewalDue()) await this.#open()
      for (const session of this.#sessions()) {
        const now = epoch()
        const isLast = session !== this.#current
        if (now !== undefined) session.review(clock.nowMs(), now, { isLast })
        while (session.draft() !== undefined && (await this.#propose(session))) {}
      }
    }
    this.#forgetSettled()
  }

  #isRenewalDue(): boolean {
    // Without an epoch nothing could be accepted, so nothing is sent.
    if (this.#context.epoch() === undefined) return false
    return this.#current === undefined || this.#context.clock.nowMs() >= this.#renewMs
  }

  async #open(): Promise<void> {
    const { client, clock, gateway, chain, events, onToken } = this.#context
    const asked = await client.openSession()
    if (asked.kind !== 'ok') {
      this.trouble = `the agent opens no session: ${asked.detail}`
      events.agentTroubled(this.id, this.trouble)
      if (asked.kind === 'false') this.#distrust()
      else this.#waitLonger()
      return
    }
    const { id, token, expiresAt } = asked.value
    const lifeMs = expiresAt * 1_000 - clock.wallMs()
    const nowMs = clock.nowMs()
    const facts = { id, token, nodeId: this.#nodeId, gateway, chain, untilMs: nowMs + lifeMs }
    const before = this.#current
    if (before !== undefined) this.#settling.set(before, nowMs + settleMs)
    this.#current = new RelaySession(facts)
    this.#renewMs = nowMs + lifeMs * (1 - renewedPart)
    this.#tries = 0
    this.trouble = undefined
    onToken(token)
    this.#opened.resolve()
    events.agentSessionOpened(this.id)
  }

  /** @returns Whether it was signed, so that the next one may be proposed. */
  async #propose(session: RelaySession): Promise<boolean> {
    const { client, book, clock, events } = this.#context
    const draft = session.draft()
    if (draft === undefined) return false
    const asked = await client.propose(draft)
    if (asked.kind === 'ok') {
      const keptAt = Math.floor(clock.wallMs() / 1_000)
      book.keep({ receipt: draft.receipt, ...asked.value, leaves: draft.leaves, keptAt })
      await book.stored()
      session.signed(draft)
      this.#tries = 0
      this.#offences = 0
      events.relaysProven(this.id, draft.receipt)
      return true
    }
    if (asked.kind === 'silent') {
      this.#waitLonger()
      return false
    }
    events.agentTroubled(this.id, `the agent signs no receipt: ${asked.detail}`)
    const isForgotten = asked.kind === 'refused' && asked.code === 'no-session'
    this.#give(session, `the agent signs no receipt: ${asked.detail}`)
    if (!isForgotten) this.#distrust()
    return false
  }

  /** Ends a session: what has no receipt will never have one. */
  #give(session: RelaySession, why: string): void {
    const lost = session.end()
    if (lost > 0) this.#context.events.relaysUnproven(this.id, lost)
    this.#settling.delete(session)
    if (session !== this.#current) return
    this.#current = undefined
    this.trouble = why
    this.#opened = Promise.withResolvers()
    this.#context.onToken(undefined)
  }

  #distrust(): void {
    const { clock } = this.#context
    const waitMs = Math.min(distrustMs.first * 2 ** this.#offences, distrustMs.last)
    this.#offences++
    this.#waitUntilMs = clock.nowMs() + waitMs
  }

  #waitLonger(): void {
    const waitMs = Math.min(retryMs.first * 2 ** this.#tries, retryMs.last)
    this.#tries++
    this.#waitUntilMs = this.#context.clock.nowMs() + waitMs
  }

  #forgetSettled(): void {
    for (const [session, untilMs] of this.#settling) {
      if (session.isSettled) this.#settling.delete(session)
      else if (this.#context.clock.nowMs() >= untilMs) this.#give(session, 'its time was over')
    }
  }
}
