import type { Hex } from './sessions.ts'

/**
 * Receipts: what a node has served for one chain in one session and one epoch, signed by both ends. A receipt holds the sums
 * of all receipts before it, so that the last one is enough. It covers a *window* of relays:
 *
 * leaf = sha256(sha256(request body) ‖ sha256(response body)), bodies as UTF-8 without any encoding of the transport;
 * root = Merkle tree of the leaves in ascending order: inner node = sha256(0x01 ‖ up to sixteen nodes below it), a lone node
 * goes up as it is;
 * accumulator = sha256(accumulator before ‖ root), where there was none before 32 zero bytes.
 */
export type Receipt = {
  session: Hex
  nodeId: bigint
  gateway: Hex
  /** Name of the chain as a short text in 32 bytes, as the registry of providers has it. */
  chain: Hex
  epoch: bigint
  /** Counted from 1. */
  number: bigint
  /** Relays of this window, and the credits of those that were charged. */
  relays: bigint
  credits: bigint
  /** The same of all windows up to this one. */
  relaysSum: bigint
  creditsSum: bigint
  windowRoot: Hex
  accumulator: Hex
  /** Hash of the table of prices of the epoch, by which the credits are counted. */
  tariff: Hex
}

/** With decimal strings for numbers, as JSON. */
export type ReceiptText = { [Name in keyof Receipt]: Receipt[Name] extends bigint ? string : Hex }

/**
 * `POST /mooring/v1/receipts`: answered with a `ReceiptAnswer` or a `Refused`. The same proposal may be sent again and is
 * answered the same.
 */
export type ReceiptProposal = {
  receipt: ReceiptText
  /** Of the gateway. */
  signature: Hex
  /** Leaves of relays that were charged, and of those that nobody pays for: each in ascending order, 32 bytes each, base64. */
  paid: string
  free: string
}

/** @param signature - Of the node, over the same receipt. */
export type ReceiptAnswer = { signature: Hex }

export const leafBytes = 32
/** Relays of one window, at most. */
export const windowRelaysMax = 1_024
/** Bytes of a proposal, at most. */
export const proposalBytesMax = 65_536

export const receiptNumbers = [
  'nodeId',
  'epoch',
  'number',
  'relays',
  'credits',
  'relaysSum',
  'creditsSum',
] as const satisfies (keyof Receipt)[]
const receiptHashes = [
  'session',
  'chain',
  'windowRoot',
  'accumulator',
  'tariff',
] as const satisfies (keyof Receipt)[]

export function receiptText(receipt: Receipt): ReceiptText {
  const numbers = receiptNumbers.map((name) => [name, receipt[name].toString()])
  // Every number is replaced by its text.
  return { ...receipt, ...Object.fromEntries(numbers) } as ReceiptText
}

const uint64Max = 2n ** 64n - 1n
const uint128Max = 2n ** 128n - 1n
const decimal = /^(?:0|[1-9][0-9]{0,38})$/
const hash = /^0x[0-9a-f]{64}$/
const address = /^0x[0-9a-f]{40}$/
const signature = /^0x[0-9a-f]{130}$/

/** @returns Undefined where it is none. Nothing is said of whether it is true. */
export function parseReceipt(value: unknown): Receipt | undefined {
  const given = Object(value) as Record<string, unknown>
  const receipt: Record<string, unknown> = {}
  for (const name of receiptNumbers) {
    const number = parseNumber(given[name])
    const max = name === 'credits' || name === 'creditsSum' ? uint128Max : uint64Max
    if (number === undefined || number > max) return undefined
    receipt[name] = number
  }
  for (const name of receiptHashes) {
    if (!isText(given[name], hash)) return undefined
    receipt[name] = given[name]
  }
  if (!isText(given.gateway, address)) return undefined
  // Every member was looked at.
  return { ...receipt, gateway: given.gateway } as Receipt
}

/** A proposal as it is worked on. Leaves are as long as leaves are, and their order is looked at by whoever checks it. */
export type ParsedProposal = {
  receipt: Receipt
  signature: Hex
  paid: Uint8Array
  free: Uint8Array
}

/** @returns Undefined where it is none, or over the limits. */
export function parseProposal(text: string): ParsedProposal | undefined {
  const given = Object(parsedJson(text)) as Record<string, unknown>
  const receipt = parseReceipt(given.receipt)
  const [paid, free] = [parseLeaves(given.paid), parseLeaves(given.free)]
  if (receipt === undefined || paid === undefined || free === undefined) return undefined
  const leaves = (paid.length + free.length) / leafBytes
  const isSized = leaves >= 1 && leaves <= windowRelaysMax && receipt.relays === BigInt(leaves)
  if (!isSized || !isText(given.signature, signature)) return undefined
  return { receipt, signature: given.signature as Hex, paid, free }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseNumber(value: unknown): bigint | undefined {
  return isText(value, decimal) ? BigInt(value) : undefined
}

function parseLeaves(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length > 2 * windowRelaysMax * leafBytes) return undefined
  try {
    const bytes = Uint8Array.fromBase64(value)
    return bytes.length % leafBytes === 0 ? bytes : undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}
