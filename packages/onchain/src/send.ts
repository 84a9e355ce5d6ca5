import {
  type Abi,
  type Address,
  encodeFunctionData,
  type Hex,
  type TransactionReceipt,
  WaitForTransactionReceiptTimeoutError,
} from 'viem'
import type { Reader, Wallet } from './clients.ts'
import { type ChainFailure, failureFromData, failureOf } from './failures.ts'
import { createNonces, type Nonces } from './nonces.ts'

/** One call of a contract. `errors` are the ABIs of what it may call in turn, so that their refusals can be read. */
export type Call = {
  to: Address
  abi: Abi
  functionName: string
  args: readonly unknown[]
  errors?: readonly Abi[] | undefined
}

/** What a call will take, or why it would fail. */
export type Prepared =
  | {
      ok: true
      gas: bigint
      maxFeePerGas: bigint
      maxPriorityFeePerGas: bigint
      costWeiMax: bigint
    }
  | { ok: false; failure: ChainFailure }

/** What became of a call that was sent. */
export type Confirmed = {
  hash: Hex
  receipt: TransactionReceipt
  feeWei: bigint
}

/** A contract said no, before or after it was sent. */
export class ChainRefusal extends Error {
  override name = 'ChainRefusal'
  readonly failure: ChainFailure
  /** Known when it was refused on chain, and gas was spent. */
  readonly hash: Hex | undefined

  constructor(failure: ChainFailure, options: { hash?: Hex; cause?: unknown } = {}) {
    super(failure.sentence, { cause: options.cause })
    this.failure = failure
    this.hash = options.hash
  }
}

export type SenderOptions = {
  reader: Reader
  wallet: Wallet
  /** Blocks on top of the inclusion to wait for; 1 is inclusion itself. */
  confirmations?: number | undefined
  /** After so long without inclusion the fee is raised and the transaction sent again. */
  patienceMs?: number | undefined
  /** How often it is raised before the caller is told. */
  raisesMax?: number | undefined
  onSent?: ((hash: Hex) => void) | undefined
}

export type Sender = {
  readonly address: Address
  /** Simulates and prices a call; sends nothing. */
  prepare(call: Call): Promise<Prepared>
  /**
   * Simulates and prices calls that come one after the other, each on what those before it left; sends nothing. Where a
   * node cannot simulate several, only the first is told of. Ends with the first that fails.
   */
  rehearse(calls: readonly Call[]): Promise<Prepared[]>
  /** Sends and waits. Throws `ChainRefusal` when the contract refuses. */
  send(call: Call): Promise<Confirmed>
}

const patienceMsDefault = 60_000
const raisesMaxDefault = 3
/** Nodes take a replacement from 10 % on; this leaves room for their rounding. */
const raisePercent = 25n
/** What is used may be more than what was estimated a block earlier. */
const gasMarginPercent = 20n

/** Sends calls of one account one after the other. */
export function createSender(options: SenderOptions): Sender {
  const { reader, wallet } = options
  const address = wallet.account.address
  const nonces = createNonces(() => reader.getTransactionCount({ address, blockTag: 'pending' }))
  return {
    address,
    prepare: (call) => prepare(reader, address, call),
    rehearse: (calls) => rehearse(reader, address, calls),
    send: (call) => send(options, nonces, call),
  }
}

async function prepare(reader: Reader, from: Address, call: Call): Promise<Prepared> {
  try {
    await reader.simulateContract({
      account: from,
      address: call.to,
      abi: call.abi,
      functionName: call.functionName,
      args: call.args,
    })
    const estimated = await reader.estimateGas({ account: from, to: call.to, data: dataOf(call) })
    const gas = estimated + (estimated * gasMarginPercent) / 100n
    const { maxFeePerGas, maxPriorityFeePerGas } = await reader.estimateFeesPerGas()
    return { ok: true, gas, maxFeePerGas, maxPriorityFeePerGas, costWeiMax: gas * maxFeePerGas }
  } catch (error) {
    return { ok: false, failure: failureOf(error, abisOf(call)) }
  }
}

async function rehearse(
  reader: Reader,
  from: Address,
  calls: readonly Call[],
): Promise<Prepared[]> {
  const [first, ...rest] = calls
  if (first === undefined) return []
  if (rest.length === 0) return [await prepare(reader, from, first)]
  const played = await reader
    .simulateCalls({
      account: from,
      calls: calls.map((call) => ({ to: call.to, data: dataOf(call) })),
    })
    .catch(() => undefined)
  if (played === undefined) return [await prepare(reader, from, first)]
  const { maxFeePerGas, maxPriorityFeePerGas } = await reader.estimateFeesPerGas()
  const prepared: Prepared[] = []
  for (const [at, call] of calls.entries()) {
    const result = played.results[at]
    if (result?.status !== 'success') {
      const failure = failureFromData(result?.data ?? '0x', abisOf(call))
      return [...prepared, { ok: false, failure }]
    }
    const gas = result.gasUsed + (result.gasUsed * gasMarginPercent) / 100n
    prepared.push({
      ok: true,
      gas,
      maxFeePerGas,
      maxPriorityFeePerGas,
      costWeiMax: gas * maxFeePerGas,
    })
  }
  return prepared
}

async function send(options: SenderOptions, nonces: Nonces, call: Call): Promise<Confirmed> {
  const { reader, wallet } = options
  const prepared = await prepare(reader, wallet.account.address, call)
  if (!prepared.ok) throw new ChainRefusal(prepared.failure)
  const { gas, maxFeePerGas, maxPriorityFeePerGas } = prepared
  const lease = await nonces.take()
  const transaction = {
    to: call.to,
    data: dataOf(call),
    gas,
    nonce: lease.nonce,
    maxFeePerGas,
    maxPriorityFeePerGas,
  }
  let hash: Hex
  try {
    hash = await wallet.sendTransaction(transaction)
  } catch (error) {
    lease.giveBack()
    throw new ChainRefusal(failureOf(error, abisOf(call)), { cause: error })
  }
  options.onSent?.(hash)
  // One that never gets in stays open: the nonces after it cannot be used before it either.
  const receipt = await included(options, transaction, hash)
  lease.settled()
  if (receipt.status !== 'success') {
    throw new ChainRefusal(await reasonOf(reader, wallet.account.address, call, receipt), {
      hash: receipt.transactionHash,
    })
  }
  return {
    hash: receipt.transactionHash,
    receipt,
    feeWei: receipt.gasUsed * receipt.effectiveGasPrice,
  }
}

type Transaction = Parameters<Wallet['sendTransaction']>[0] & {
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

/** Waits for inclusion, and raises the fee of the same nonce when it takes too long. */
async function included(
  options: SenderOptions,
  transaction: Transaction,
  firstHash: Hex,
): Promise<TransactionReceipt> {
  const { reader, wallet, confirmations = 1 } = options
  const { patienceMs = patienceMsDefault, raisesMax = raisesMaxDefault } = options
  const hashes = [firstHash]
  let { maxFeePerGas, maxPriorityFeePerGas } = transaction
  for (let raises = 0; ; raises++) {
    try {
      return await anyReceipt(reader, hashes, { confirmations, timeout: patienceMs })
    } catch (error) {
      if (!(error instanceof WaitForTransactionReceiptTimeoutError) || raises === raisesMax)
        throw error
    }
    maxFeePerGas = raised(maxFeePerGas)
    maxPriorityFeePerGas = raised(maxPriorityFeePerGas)
    try {
      const hash = await wallet.sendTransaction({
        ...transaction,
        maxFeePerGas,
        maxPriorityFeePerGas,
      })
      hashes.push(hash)
      options.onSent?.(hash)
    } catch {
      // The nonce was used meanwhile: one of those that were sent is in, and the next wait finds it.
    }
  }
}

/** The receipt of whichever of the competing transactions was included. */
async function anyReceipt(
  reader: Reader,
  hashes: readonly Hex[],
  wait: { confirmations: number; timeout: number },
): Promise<TransactionReceipt> {
  const waits = hashes.map((hash) =>
    reader.waitForTransactionReceipt({ hash, ...wait, checkReplacement: false }),
  )
  try {
    return await Promise.any(waits)
  } catch (error) {
    const [first] = error instanceof AggregateError ? error.errors : [error]
    throw first
  }
}

/** A receipt says only that it failed; the same call at the block before says why. */
async function reasonOf(
  reader: Reader,
  from: Address,
  call: Call,
  receipt: TransactionReceipt,
): Promise<ChainFailure> {
  try {
    await reader.call({
      account: from,
      to: call.to,
      data: dataOf(call),
      blockNumber: receipt.blockNumber,
      gas: receipt.gasUsed * 4n,
    })
  } catch (error) {
    return failureOf(error, abisOf(call))
  }
  return {
    name: undefined,
    args: {},
    sentence:
      'it failed on chain for a reason that is gone by now: something else changed in the same block',
  }
}

function dataOf({ abi, functionName, args }: Call): Hex {
  return encodeFunctionData({ abi, functionName, args })
}

function abisOf({ abi, errors = [] }: Call): readonly Abi[] {
  return [abi, ...errors]
}

function raised(fee: bigint): bigint {
  return fee + (fee * raisePercent) / 100n + 1n
}
