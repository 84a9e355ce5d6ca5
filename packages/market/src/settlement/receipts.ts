import { windowRelaysMax as relaysMax } from '@mooring/protocol/relays/receipts'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import type { Credits } from '../metering/holding.ts'
import {
  abiWords,
  fromHex,
  type Hex,
  hashText,
  type Keccak,
  shortText,
  toHex,
  zeroHash,
} from './bytes.ts'

/**
 * What a gateway and a node agree that the node has relayed. One covers a window of relays and says what all windows of
 * its series come to, so the last one of a series stands for all before it. A series is what one session relayed of one
 * chain in one epoch.
 */
export type Receipt = {
  session: Hex
  nodeId: bigint
  gateway: Hex
  /** By its name, e.g. `eth`. */
  chain: string
  epoch: bigint
  /** Counts the receipts of the series from 1. */
  number: bigint
  /** Of this window. */
  relays: bigint
  credits: Credits
  /** Of the series up to here. */
  relaysSum: bigint
  creditsSum: Credits
  /** Root over the window's relays. */
  windowRoot: Hex
  /** sha256 of the one before it and the window's root; 32 zero bytes come before the first. */
  accumulator: Hex
  /** Hash of the table that the credits were counted by. */
  tariff: Hex
}

export type SignedReceipt = Receipt & { gatewaySignature: Hex; nodeSignature: Hex }

/** A window is no longer than this. */
export const windowRelaysMax = BigInt(relaysMax)

/** Receipts are bound to one deployment by its chain and the registry, which holds the keys of the nodes that sign. */
export type ReceiptDomain = { chainId: number; registry: Hex }

/** No contract reads receipts yet: with a name of its own nothing that is signed for a contract passes for one. */
export const receiptDomainName = 'MooringReceipts'
export const receiptFields =
  'bytes32 session,uint64 nodeId,address gateway,bytes32 chain,uint64 epoch,uint64 number,uint64 relays,uint128 credits,uint64 relaysSum,uint128 creditsSum,bytes32 windowRoot,bytes32 accumulator,bytes32 tariff'

const domainFields = 'string name,string version,uint256 chainId,address verifyingContract'

/** What both sign: the EIP-712 digest of a receipt. Made once for a domain, because half of it is always the same. */
export function receiptDigests(
  { chainId, registry }: ReceiptDomain,
  keccak: Keccak,
): (receipt: Receipt) => Uint8Array {
  const separator = keccak(
    abiWords([
      hashText(keccak, `EIP712Domain(${domainFields})`),
      hashText(keccak, receiptDomainName),
      hashText(keccak, '1'),
      BigInt(chainId),
      registry,
    ]),
  )
  const type = hashText(keccak, `Receipt(${receiptFields})`)
  const prefix = Uint8Array.of(0x19, 0x01)
  return (receipt) => {
    const struct = keccak(
      abiWords([
        ...[type, receipt.session, receipt.nodeId, receipt.gateway, shortText(receipt.chain)],
        ...[receipt.epoch, receipt.number, receipt.relays, receipt.credits],
        ...[receipt.relaysSum, receipt.creditsSum],
        ...[receipt.windowRoot, receipt.accumulator, receipt.tariff],
      ]),
    )
    return keccak(concatBytes(prefix, separator, struct))
  }
}

/** The accumulator of a receipt: the one before it, undefined for the first, and the root of its window. */
export function accumulatorOf(before: Hex | undefined, windowRoot: Hex): Hex {
  return toHex(sha256(concatBytes(fromHex(before ?? zeroHash), fromHex(windowRoot))))
}

/** A member of a receipt that is not what it has to be. */
export type ReceiptProblem = { member: keyof Receipt; expected: string }

/** What is wrong with a receipt whose predecessor is not known; empty when it may be the last of some series. */
export function problemsOfReceipt(receipt: Receipt): ReceiptProblem[] {
  const { number, relays, credits, relaysSum, creditsSum } = receipt
  if (number === 1n) return problemsOfNext(undefined, receipt)
  const problems: ReceiptProblem[] = windowProblems(receipt)
  // Every window before this one had at least one relay and at most a whole window of them.
  const [least, most] = [relays + number - 1n, relays + (number - 1n) * windowRelaysMax]
  if (number < 1n) problems.push({ member: 'number', expected: '1 or more' })
  else if (relaysSum < least || relaysSum > most) {
    problems.push({ member: 'relaysSum', expected: `${least} to ${most}` })
  }
  if (creditsSum < credits) {
    problems.push({ member: 'creditsSum', expected: `${credits} or more` })
  }
  return problems
}

/** What is wrong with a receipt that follows another one of its series; undefined begins the series. */
export function problemsOfNext(before: Receipt | undefined, receipt: Receipt): ReceiptProblem[] {
  const same = ['session', 'nodeId', 'gateway', 'chain', 'epoch', 'tariff'] as const
  const expected = {
    number: (before?.number ?? 0n) + 1n,
    relaysSum: (before?.relaysSum ?? 0n) + receipt.relays,
    creditsSum: (before?.creditsSum ?? 0n) + receipt.credits,
    accumulator: accumulatorOf(before?.accumulator, receipt.windowRoot),
    ...(before === undefined
      ? {}
      : Object.fromEntries(same.map((member) => [member, before[member]]))),
  }
  const members = Object.entries(expected) as [keyof Receipt, bigint | string][]
  return [
    ...windowProblems(receipt),
    ...members
      .filter(([member, value]) => receipt[member] !== value)
      .map(([member, value]) => ({ member, expected: String(value) })),
  ]
}

function windowProblems({ relays }: Receipt): ReceiptProblem[] {
  return relays >= 1n && relays <= windowRelaysMax
    ? []
    : [{ member: 'relays', expected: `1 to ${windowRelaysMax}` }]
}
