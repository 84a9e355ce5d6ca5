import type { Keccak } from '@mooring/market/settlement/bytes'
import {
  type Receipt as MarketReceipt,
  problemsOfReceipt,
  receiptDigests,
} from '@mooring/market/settlement/receipts'
import type { System } from '@mooring/onchain/contracts'
import { recoverSigner } from '@mooring/onchain/digest-signer'
import { parseReceipt } from '@mooring/protocol/relays/receipts'
import type {
  RelayReport,
  RelayReportAnswer,
  SignedReceiptText,
} from '@mooring/protocol/relays/reports'
import type { Database } from '@mooring/store/database'
import { type NewReceipt, saveReceipts } from '@mooring/store/ledger/relay-receipts'
import { saveWork } from '@mooring/store/ledger/work'
import type { Clock } from '@mooring/telemetry/clock'
import { hexToString } from 'viem'
import type { Events } from '../events.ts'
import { Refusal } from '../refusal.ts'

export type ReportParts = {
  system: System
  database: Database
  clock: Clock
  events: Events
  keccak: Keccak
  /** The epoch that the settlement chain was in when it was last looked at. */
  chainEpoch: () => bigint
}

/** So often the event loop gets its turn: posts of gateways have to be answered meanwhile. */
const receiptsEach = 50

/**
 * Keeps what a gateway tells of nodes. Whose keys have signed a receipt is looked up when its epoch is closed; here it is
 * that both have, and what it can say at all.
 */
export async function takeReport(
  parts: ReportParts,
  { run, work, receipts }: RelayReport,
): Promise<RelayReportAnswer> {
  const { system, database, clock, events, keccak } = parts
  const { chainId, parts: contracts } = system.deployment
  const digestOf = receiptDigests({ chainId, registry: contracts.registry }, keccak)
  const refused: RelayReportAnswer['refused'] = []
  const good: NewReceipt[] = []
  for (const [at, signed] of receipts.entries()) {
    if (at % receiptsEach === receiptsEach - 1) await new Promise(setImmediate)
    const read = readReceipt(signed, digestOf)
    if (typeof read === 'string') refused.push({ at, why: read })
    else good.push(read)
  }
  // The chain is looked at now and then, so a gateway may be ahead by one.
  const newest = parts.chainEpoch() + 1n
  const epochs = [...work.map(({ epoch }) => BigInt(epoch)), ...good.map(({ epoch }) => epoch)]
  if (epochs.some((epoch) => epoch > newest)) {
    throw new Refusal(
      503,
      `of epochs after ${newest} nothing is known here yet: tell it again later`,
    )
  }
  const openEpoch = await database.transact(async (queries) => {
    const open = await saveWork(queries, run, work)
    const taken = good.filter(({ epoch }) => epoch >= open)
    await saveReceipts(queries, taken, clock.wallMs())
    return open
  })
  for (const { why } of refused) events.receiptRefused({ run, why })
  events.relaysReported({ work: work.length, receipts: good.length })
  return { openEpoch: String(openEpoch), refused }
}

/** @returns Why it is none that both have signed. */
function readReceipt(
  { receipt: text, gatewaySignature, nodeSignature }: SignedReceiptText,
  digestOf: (receipt: MarketReceipt) => Uint8Array,
): NewReceipt | string {
  const parsed = parseReceipt(text)
  if (parsed === undefined) return 'it has a member that is not what it has to be'
  const receipt: MarketReceipt = { ...parsed, chain: hexToString(parsed.chain, { size: 32 }) }
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(receipt.chain)) return 'it is of no chain'
  const [problem] = problemsOfReceipt(receipt)
  if (problem !== undefined) return `${problem.member} has to be ${problem.expected}`
  const digest = digestOf(receipt)
  if (recoverSigner(digest, gatewaySignature) !== receipt.gateway) {
    return `it is not signed by gateway ${receipt.gateway}`
  }
  if (recoverSigner(digest, nodeSignature) === undefined) return 'no node has signed it'
  const { session, nodeId, epoch, number, chain } = receipt
  const content = JSON.stringify({ ...text, chain })
  return {
    ...{ session, nodeId, epoch, number, chain, receipt: content },
    ...{ gatewaySignature, nodeSignature },
  }
}
