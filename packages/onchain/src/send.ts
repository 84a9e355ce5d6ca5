import { type Abi, type Address, encodeFunctionData, type Hex, type TransactionReceipt } from 'viem'
import type { Reader, Wallet } from './clients.ts'
import { type ChainFailure, failureFromData, failureOf, isUnreachable } from './failures.ts'
import { type Broadcast, broadcast, included, type Patience } from './inclusion.ts'
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
export type Prepared = ({ ok: true } & Price) | { ok: false; failure: ChainFailure }

export type Price = {
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
  /** What it costs at the most, raised fees included. */
  costWeiMax: bigint
}

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

export type SenderOptions = Partial<Patience> & {
  reader: Reader
  wallet: Wallet
  /** Told before a transaction leaves, so that it can be looked for whatever happens then. */
  onSigned?: ((hash: Hex) => void) | undefined
}

export type SendOptions = {
  /** It is not sent when it could cost more. */
  costWeiMax?: bigint | undefined
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
  /** Sends and waits. Throws `ChainRefusal` when the contract refuses, `MaybeSent` when nobody knows. */
  send(call: Call, options?: SendOptions): Promise<Confirmed>
}

/**
 * What is used may be more than what was estimated a block earlier: stake keeps one entry for each second, and an
 * estimate in the second of another's change does not see the three new ones it will write.
 */
const gasMarginPercent = 20n
const gasMarginUnits = 80_000n
/** So far the fee may be raised over what it is now when nobody includes a transaction. */
const feeRaiseFactor = 2n

/** Sends calls of one account one after the other. */
export function createSender(options: SenderOptions): Sender {
  const { reader, wallet } = options
  const address = wallet.account.address
  const nonces = createNonces(() => reader.getTransactionCount({ address, blockTag: 'pending' }))
  return {
    address,
    prepare: (call) => prepare(reader, address, call),
    rehearse: (calls) => rehearse(reader, address, calls),
    send: (call, limits) => send(options, nonces, call, limits),
  }
}

async function prepare(reader: Reader, from: Address, call: Call): Promise<Prepared> {
  const request = { account: from, to: call.to, data: dataOf(call) }
  try {
    const code = await reader.getCode({ address: call.to })
    if (code === undefined) return { ok: false, failure: noContract }
    // Before the estimate, because nodes tell the reason of a refusal here and not always there.
    await reader.call(request)
    return { ok: true, ...(await priceOf(reader, await reader.estimateGas(request))) }
  } catch (error) {
    if (isUnreachable(error)) throw error
    return { ok: false, failure: failureOf(error, abisOf(call)) }
  }
}

const noContract: ChainFailure = {
  name: undefined,
  args: {},
  sentence: 'there is no contract at that address',
}

async function priceOf(reader: Reader, estimated: bigint): Promise<Price> {
  const gas = estimated + (estimated * gasMarginPercent) / 100n + gasMarginUnits
  const { maxFeePerGas, maxPriorityFeePerGas } = await reader.estimateFeesPerGas()
  const costWeiMax = gas * maxFeePerGas * feeRaiseFactor
  return { gas, maxFeePerGas, maxPriorityFeePerGas, costWeiMax }
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
    .catch((error: unknown) => {
      if (isUnreachable(error)) throw error
      // A node that does not know the method.
      return undefined
    })
  if (played === undefined) return [await prepare(reader, from, first)]
  const prepared: Prepared[] = []
  for (const [at, call] of calls.entries()) {
    const result = played.results[at]
    if (result?.status !== 'success') {
      const failure = failureFromData(result?.data ?? '0x', abisOf(call))
      return [...prepared, { ok: false, failure }]
    }
    prepared.push({ ok: true, ...(await priceOf(reader, result.gasUsed)) })
  }
  return prepared
}

async function send(
  options: SenderOptions,
  nonces: Nonces,
  call: Call,
  { costWeiMax }: SendOptions = {},
): Promise<Confirmed> {
  const { reader, wallet } = options
  const prepared = await prepare(reader, wallet.account.address, call)
  if (!prepared.ok) throw new ChainRefusal(prepared.failure)
  const limit = costWeiMax ?? prepared.costWeiMax
  if (prepared.gas * prepared.maxFeePerGas > limit) throw new ChainRefusal(tooDear)
  const lease = await nonces.take()
  const transaction: Broadcast = {
    to: call.to,
    data: dataOf(call),
    nonce: lease.nonce,
    gas: prepared.gas,
    maxFeePerGas: prepared.maxFeePerGas,
    maxPriorityFeePerGas: prepared.maxPriorityFeePerGas,
  }
  let receipt: TransactionReceipt
  try {
    const { hash, refusal } = await broadcast(options, transaction)
    if (refusal !== undefined) {
      lease.giveBack()
      throw new ChainRefusal(failureOf(refusal, abisOf(call)), { cause: refusal })
    }
    const feePerGasMax = limit / prepared.gas
    receipt = await included(options, { transaction, hash, feePerGasMax })
  } finally {
    lease.settled()
  }
  if (receipt.status !== 'success') {
    const failure = await reasonOf(reader, call, {
      transaction,
      receipt,
      from: wallet.account.address,
    })
    throw new ChainRefusal(failure, { hash: receipt.transactionHash })
  }
  return {
    hash: receipt.transactionHash,
    receipt,
    feeWei: receipt.gasUsed * receipt.effectiveGasPrice,
  }
}

/** Why nothing was sent when it could cost more than its caller agreed to. */
export const tooDear: ChainFailure = {
  name: undefined,
  args: {},
  sentence: 'fees have risen, and it could cost more now than was agreed to; nothing was sent',
}

/** A receipt says only that it failed; the same call at the block before says why. */
async function reasonOf(
  reader: Reader,
  call: Call,
  failed: { transaction: Broadcast; receipt: TransactionReceipt; from: Address },
): Promise<ChainFailure> {
  const { transaction, receipt, from } = failed
  const plain = (sentence: string): ChainFailure => ({ name: undefined, args: {}, sentence })
  if (receipt.gasUsed === transaction.gas) return plain('it ran out of gas; try again')
  try {
    await reader.call({
      account: from,
      to: call.to,
      data: transaction.data,
      blockNumber: receipt.blockNumber,
    })
  } catch (error) {
    if (!isUnreachable(error)) return failureOf(error, abisOf(call))
  }
  return plain('it failed on chain for a reason that is gone by now: something else changed first')
}

function dataOf({ abi, functionName, args }: Call): Hex {
  return encodeFunctionData({ abi, functionName, args })
}

function abisOf({ abi, errors = [] }: Call): readonly Abi[] {
  return [abi, ...errors]
}
