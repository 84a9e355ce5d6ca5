import {
  type Address,
  BaseError,
  type Hex,
  keccak256,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import type { Reader, Wallet } from './clients.ts'
import { isUnreachable } from './failures.ts'

/** How long is waited for what was sent, and what is done meanwhile. */
export type Patience = {
  /** Blocks on top of the inclusion to wait for; 1 is inclusion itself. */
  confirmations: number | undefined
  /** After so long without inclusion the fee is raised and the transaction sent again. */
  patienceMs: number | undefined
  /** How often it is raised before the caller is told. */
  raisesMax: number | undefined
}

export type Broadcast = {
  to: Address
  data: Hex
  nonce: number
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

/** A transaction left, and nobody knows what became of it: it may still happen. */
export class MaybeSent extends Error {
  override name = 'MaybeSent'
  readonly hashes: readonly Hex[]

  constructor(hashes: readonly Hex[], options: { cause?: unknown } = {}) {
    super(
      `nobody said yet what became of ${hashes.join(' or ')}: it may still happen, so look for it before you try again`,
      options,
    )
    this.hashes = hashes
  }
}

type Means = Partial<Patience> & {
  reader: Reader
  wallet: Wallet
  onSigned?: ((hash: Hex) => void) | undefined
}

const patienceMsDefault = 60_000
const raisesMaxDefault = 3
const pollMs = 250
/** Nodes take a replacement from 10 % on; this leaves room for their rounding. */
const raisePercent = 25n

/**
 * Signs here and sends, so that the hash is known whatever the answer is.
 *
 * @returns The hash, and what the node answered when it would not take it. No answer is none: it may have been taken.
 */
export async function broadcast(
  { wallet, onSigned }: Means,
  transaction: Broadcast,
): Promise<{ hash: Hex; refusal?: unknown }> {
  const signed = await wallet.account.signTransaction?.({
    ...transaction,
    type: 'eip1559',
    chainId: wallet.chain.id,
  })
  if (signed === undefined) throw new Error('this account cannot sign transactions by itself')
  const hash = keccak256(signed)
  onSigned?.(hash)
  try {
    await wallet.sendRawTransaction({ serializedTransaction: signed })
    return { hash }
  } catch (error) {
    return isUnreachable(error) || isKnownAlready(error) ? { hash } : { hash, refusal: error }
  }
}

/** A node that was asked twice has it from the first time. */
function isKnownAlready(error: unknown): boolean {
  return error instanceof BaseError && /already known|already imported/i.test(error.details)
}

/** Waits for inclusion, raises the fee of the same nonce when it takes too long, and waits for the depth. */
export async function included(
  means: Means,
  sent: { transaction: Broadcast; hash: Hex; feePerGasMax: bigint },
): Promise<TransactionReceipt> {
  const { patienceMs = patienceMsDefault, raisesMax = raisesMaxDefault } = means
  const hashes = [sent.hash]
  let { transaction } = sent
  for (let raises = 0; ; raises++) {
    const receipt = await receiptWithin(means, hashes, patienceMs)
    if (receipt !== undefined) return receipt
    const next = raised(transaction, sent.feePerGasMax)
    if (raises === raisesMax) throw new MaybeSent(hashes)
    if (next === undefined) continue
    transaction = next
    // Refused when one of those before it got in meanwhile, which the next wait finds.
    const { hash } = await broadcast(means, transaction)
    hashes.push(hash)
  }
}

function raised(transaction: Broadcast, feePerGasMax: bigint): Broadcast | undefined {
  const more = (fee: bigint) => fee + (fee * raisePercent) / 100n + 1n
  const maxFeePerGas = more(transaction.maxFeePerGas)
  if (maxFeePerGas > feePerGasMax) return undefined
  return {
    ...transaction,
    maxFeePerGas,
    maxPriorityFeePerGas: more(transaction.maxPriorityFeePerGas),
  }
}

/** The receipt of whichever of the competing transactions is deep enough; undefined when none was included in time. */
async function receiptWithin(
  { reader, confirmations = 1 }: Means,
  hashes: readonly Hex[],
  timeoutMs: number,
): Promise<TransactionReceipt | undefined> {
  for (let endMs = performance.now() + timeoutMs; ; await Bun.sleep(pollMs)) {
    const found = await findReceipt(reader, hashes)
    if (found !== undefined) {
      if (found.depth >= BigInt(confirmations)) return found.receipt
      // It is in: how long the chain takes to grow over it is not held against it.
      endMs = performance.now() + timeoutMs
    }
    if (performance.now() > endMs) return undefined
  }
}

/** Undefined when none is included, or nobody answers just now: what is out there stays out there. */
async function findReceipt(
  reader: Reader,
  hashes: readonly Hex[],
): Promise<{ receipt: TransactionReceipt; depth: bigint } | undefined> {
  for (const hash of hashes) {
    try {
      const receipt = await reader.getTransactionReceipt({ hash })
      const head = await reader.getBlockNumber()
      return { receipt, depth: head - receipt.blockNumber + 1n }
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError || isUnreachable(error))) throw error
    }
  }
  return undefined
}
