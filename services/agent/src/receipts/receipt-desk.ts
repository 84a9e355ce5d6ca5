import { breakInSums, noReceipts } from '@mooring/market/receipts/continues'
import { mergedLeaves, nextAccumulator, windowRootOf } from '@mooring/market/receipts/window'
import { type DigestSigner, recoverSigner } from '@mooring/onchain/digest-signer'
import { type RelayDomain, receiptData } from '@mooring/onchain/relay-statements'
import {
  leafBytes,
  type ParsedProposal,
  parseProposal,
  type Receipt,
  type ReceiptAnswer,
  windowRelaysMax,
} from '@mooring/protocol/relays/receipts'
import type { ReceiptRefusal } from '@mooring/protocol/relays/sessions'
import type { KeptReceipt, ReceiptBook } from '@mooring/receipts/receipt-book'
import { sha256 } from '@mooring/receipts/sha256'
import type { Clock } from '@mooring/telemetry/clock'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import type { Events } from '../events.ts'
import { Refusal } from '../refusal.ts'
import type { Node } from '../relays/node.ts'
import type { ServedRelays } from '../relays/served-relays.ts'
import type { Session, Sessions } from '../sessions/sessions.ts'
import type { Tariffs } from './tariffs.ts'

export type ReceiptDeskContext = {
  nodeId: bigint
  domain: RelayDomain
  signer: DigestSigner
  sessions: Sessions
  tariffs: Tariffs
  /** By the name of the chain as receipts have it. */
  nodes: ReadonlyMap<Hex, Node>
  book: ReceiptBook
  clock: Clock
  events: Events
}

/** What a receipt is about, once it is known to be about something here. */
type Subject = { session: Session; node: Node; served: ServedRelays }
/** The leaves of a proposal, all in order, and numbers of the methods of those that are paid for. */
type Leaves = { all: Uint8Array; paidMethods: readonly number[] }

/**
 * Signs what gateways say was served, where it is so. A receipt is written down before its signature leaves, and the book takes
 * one receipt of each number: so there are never two of them, whatever becomes of this process.
 */
export class ReceiptDesk {
  readonly #context: ReceiptDeskContext

  constructor(context: ReceiptDeskContext) {
    this.#context = context
  }

  /** Throws a `Refusal`. */
  async sign(text: string): Promise<ReceiptAnswer> {
    const proposal = parseProposal(text)
    try {
      if (proposal === undefined) {
        const detail = `the body is no proposal of up to ${windowRelaysMax} relays`
        throw new Refusal('malformed', detail)
      }
      return { signature: await this.#sign(proposal) }
    } catch (error) {
      if (error instanceof Refusal) {
        const gateway = proposal?.receipt.gateway ?? null
        this.#context.events.receiptRefused(error.code, { gateway, detail: error.message })
      }
      throw error
    }
  }

  async #sign(proposal: ParsedProposal): Promise<Hex> {
    const { domain, book, events } = this.#context
    const { receipt } = proposal
    const digest = receiptData(domain, receipt).digest
    const before = book.lastOf(receipt)
    if (before?.digest === bytesToHex(digest)) {
      events.repeated()
      await this.#stored()
      return before.nodeSignature
    }
    // No wait from here on until it is kept: what was checked is what is signed.
    const subject = this.#subjectOf(receipt)
    if (recoverSigner(digest, proposal.signature) !== subject.session.gateway) {
      throw new Refusal('wrong-signature', 'the receipt is not signed by the gateway it names')
    }
    this.#checkSums(receipt, before)
    const leaves = this.#checkLeaves(proposal, subject, before)
    this.#checkCredits(receipt, leaves, subject.node)
    const nodeSignature = this.#keep(proposal, { digest, leaves: leaves.all })
    subject.served.remove(leaves.all)
    const paid = leaves.paidMethods.length
    const counts = { paid, free: leaves.all.length / leafBytes - paid, credits: receipt.credits }
    events.proved(subject.node.definition.name, counts)
    await this.#stored()
    return nodeSignature
  }

  #subjectOf({ session: id, nodeId, gateway, chain }: Receipt): Subject {
    const { sessions, nodes, nodeId: own } = this.#context
    const session = sessions.findById(id)
    if (session === undefined) throw new Refusal('no-session', 'there is no such session any more')
    const node = nodes.get(chain)
    const served = node && session.served.get(node.definition.name)
    if (served === undefined || nodeId !== own || gateway !== session.gateway) {
      throw new Refusal('other-session', 'node, gateway or chain is not that of the session')
    }
    return { session, node: node!, served }
  }

  #checkSums(receipt: Receipt, before: KeptReceipt | undefined): void {
    const broken = breakInSums(before?.receipt ?? noReceipts, receipt)
    if (broken === undefined) return
    const { number, relaysSum, creditsSum } = before?.receipt ?? noReceipts
    const detail = `the receipt before is number ${number}, of ${relaysSum} relays and ${creditsSum} credits in all`
    throw new Refusal(broken, detail)
  }

  #checkLeaves(
    { receipt, paid, free }: ParsedProposal,
    { served }: Subject,
    before: KeptReceipt | undefined,
  ): Leaves {
    const all = mergedLeaves(paid, free)
    if (all === undefined) {
      throw new Refusal('malformed', 'leaves have to be in ascending order, each once')
    }
    const paidMethods = served.methodsOf(paid)
    if (paidMethods === undefined || served.methodsOf(free) === undefined) {
      const detail = 'some relays were not served in this session, or have a receipt'
      throw new Refusal('unknown-leaf', detail)
    }
    const root = windowRootOf(all, sha256)
    const last = hexToBytes((before?.receipt ?? noReceipts).accumulator)
    const accumulator = bytesToHex(nextAccumulator(last, root, sha256))
    if (receipt.windowRoot !== bytesToHex(root) || receipt.accumulator !== accumulator) {
      throw new Refusal('wrong-root', 'the root or the accumulator does not follow from the leaves')
    }
    return { all, paidMethods }
  }

  #checkCredits(receipt: Receipt, { paidMethods }: Leaves, { definition, methods }: Node): void {
    const pricing = this.#context.tariffs.of(receipt)
    if (pricing === undefined && paidMethods.length > 0) {
      throw new Refusal('wrong-tariff', `the table ${receipt.tariff} is not known here`)
    }
    // Prices are whole numbers far below what so many of them could bring past the exact ones.
    let credits = 0
    if (pricing !== undefined) {
      const { family } = definition
      for (const id of paidMethods) {
        credits += pricing.priceOf({ family, method: methods.nameOf(id), transport: 'http' })
      }
    }
    if (BigInt(credits) === receipt.credits) return
    const detail = `the table of prices gives ${credits} credits for what was served`
    throw new Refusal('wrong-credits', detail)
  }

  #keep(
    { receipt, signature }: ParsedProposal,
    { digest, leaves }: { digest: Uint8Array; leaves: Uint8Array },
  ): Hex {
    const { book, signer, clock } = this.#context
    const nodeSignature = signer.sign(digest)
    const signatures = { gatewaySignature: signature, nodeSignature }
    const keptAt = Math.floor(clock.wallMs() / 1_000)
    const row = { receipt, digest: bytesToHex(digest), ...signatures, leaves, keptAt }
    try {
      book.keep(row)
    } catch (error) {
      throw this.#unkept(error)
    }
    return nodeSignature
  }

  async #stored(): Promise<void> {
    try {
      await this.#context.book.stored()
    } catch (error) {
      throw this.#unkept(error)
    }
  }

  #unkept(error: unknown): Refusal<ReceiptRefusal> {
    this.#context.events.broke(error)
    return new Refusal('later', 'the receipt cannot be written down: propose it again')
  }
}
