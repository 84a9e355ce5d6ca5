import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PricedCall } from '@mooring/market/pricing/pricing'
import { createReader } from '@mooring/onchain/clients'
import { readPart } from '@mooring/onchain/contracts'
import { readPriceTableOf } from '@mooring/onchain/prices'
import { relayDomainOf } from '@mooring/onchain/relay-statements'
import { failures } from '@mooring/protocol/failures'
import { ReceiptBook } from '@mooring/receipts/receipt-book'
import { holdDirectory } from '@mooring/settings/held-directory'
import type { Clock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import { stringToHex } from 'viem'
import type { Events } from '../events.ts'
import type { Exchange, RpcAnswer } from '../exchange.ts'
import type { Tariff } from '../meter/tariff.ts'
import { type AgentAddress, AgentClient } from './agent-client.ts'
import { AgentLink } from './agent-link.ts'
import type { Identity } from './identity.ts'
import type { EpochTerms } from './relay-session.ts'
import { Reporter } from './reporter.ts'
import type { IdentitySettings } from './settings.ts'
import { WorkBook, type Worker } from './work-book.ts'

export type AgentsContext = {
  identity: Identity
  settings: IdentitySettings
  clock: Clock
  events: Events
  /** Undefined where nothing is charged. */
  tariff: Tariff | undefined
  /** Where the books are kept; undefined where there are none. */
  billing: { url: string; credential: string } | undefined
}

const epochPollMs = 2_000
const dayMs = 86_400_000

/** All that this gateway has with the agents of its upstreams: one identity, one book of receipts, a link for each. */
export class Agents {
  readonly #context: AgentsContext
  readonly #book: ReceiptBook
  readonly #release: () => void
  readonly #links = new Set<AgentLink>()
  readonly #work = new WorkBook()
  readonly #loop: Loop
  readonly #reporter: Reporter | undefined
  /** Undefined until the chain has told. */
  #terms: EpochTerms | undefined

  /** Takes the directory of the receipts. Throws `UnusableDirectory`. */
  constructor(context: AgentsContext) {
    const { settings, identity, clock, events } = context
    this.#context = context
    mkdirSync(settings.directory, { recursive: true, mode: 0o700 })
    this.#release = holdDirectory(settings.directory, 'identity.directory')
    this.#book = new ReceiptBook(join(settings.directory, 'receipts.sqlite'))
    this.#book.prune(Math.floor((clock.wallMs() - settings.keptDays * dayMs) / 1_000))
    const { deployment } = identity
    const reader = createReader({ url: settings.rpc, chainId: deployment.chainId })
    this.#loop = startLoop({
      pauseMs: epochPollMs,
      clock,
      onError: (error) => events.agentTroubled('the contracts', String(error)),
      round: async () => {
        const epoch = await readPart({ reader, deployment }, 'params', 'currentEpoch', [])
        if (epoch === this.#terms?.epoch) return
        const { hash: tariff } = await readPriceTableOf({ reader, deployment }, epoch)
        // What was delivered until now is of the epoch before, as in its receipts.
        this.#take()
        this.#terms = { epoch, tariff }
      },
    })
    const { billing } = context
    const reporting = { work: this.#work, book: this.#book, clock, events }
    if (billing !== undefined) {
      this.#reporter = new Reporter({ ...reporting, billing, take: () => this.#take() })
    }
  }

  /** Counts what an upstream does for a chain, from now on. @returns Ends it. */
  watch(worker: Worker): () => void {
    return this.#work.watch(worker)
  }

  /** @param onToken - Told what requests have to bear from now on. */
  link(
    id: string,
    address: AgentAddress & { chain: string },
    onToken: (token: string | undefined) => void,
  ): AgentLink {
    const { identity, clock, events } = this.#context
    const { signer, deployment } = identity
    const link: AgentLink = new AgentLink(id, address, {
      ...{ clock, events, book: this.#book, onToken, epoch: () => this.#terms?.epoch },
      onStopped: () => void this.#links.delete(link),
      client: new AgentClient(address, { domain: relayDomainOf(deployment), signer, clock }),
      gateway: signer.address,
      chain: stringToHex(address.chain, { size: 32 }),
    })
    this.#links.add(link)
    return link
  }

  /** Counts what was delivered towards the receipts of the nodes that served it. Called when the answer leaves. */
  delivered(exchange: Exchange, answer: RpcAnswer): void {
    const { relayed } = exchange
    const terms = this.#terms
    if (relayed === undefined || terms === undefined) return
    if (answer.kind === 'error' && !failures[answer.failure].charged) return
    const accepted = relayed.accepted ?? (relayed.answer === undefined ? [] : [relayed.answer])
    let charged = exchange.charged
    for (const { upstream, proof } of accepted) {
      const nowMs = this.#context.clock.nowMs()
      const method = proof?.method ?? exchange.request.method
      const call = { family: exchange.chain.family.name, method, transport: 'http' } as const
      const credits = charged > 0 ? this.#creditsOf(call, terms, nowMs) : undefined
      upstream.work.credits += credits ?? 0
      proof?.session.accept(proof, credits, { ...terms, nowMs })
      // A request that took several relays was charged once.
      charged = 0
    }
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
    await Promise.all([...this.#links].map((link) => link.stop()))
    await this.#reporter?.stop()
    await this.#book.close()
    this.#release()
  }

  /** Before the chain has told of an epoch nothing is delivered that counts. */
  #take(): void {
    if (this.#terms !== undefined) this.#work.take(String(this.#terms.epoch))
  }

  /** Undefined where the prices that are charged by are not those of the epoch: for the moment in which it begins. */
  #creditsOf(call: PricedCall, { tariff: hash }: EpochTerms, nowMs: number): number | undefined {
    const { tariff } = this.#context
    const pricing = tariff?.at(nowMs)
    return tariff?.named.hash === hash ? pricing?.priceOf(call) : undefined
  }
}

/** Only a node's own words are signed: an answer that was put together is not. */
export function signedAnswerOf({ relayed }: Exchange): string | undefined {
  return relayed?.accepted === undefined ? relayed?.answer?.signedAnswer : undefined
}
