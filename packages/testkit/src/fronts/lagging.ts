import { encodeQuantity, parseBlockNumber } from '@mooring/protocol/quantity'
import type { NodeAnswer } from '../ask-node.ts'
import { type Ask, resultOf } from './ask.ts'
import {
  isBlockHash,
  numberOf,
  numberOfHash,
  numberOfTag,
  stateBlockPosition,
} from './block-references.ts'

/** The node asked, and how much of its chain may be seen through the lag. */
type View = { ask: Ask; lagBlocks: number; headBlock: number }
type Question = { method: string; params: readonly unknown[] }
type Rule = (view: View, question: Question) => Promise<NodeAnswer>

const nothing: NodeAnswer = { result: null }

/**
 * The node as it was `lagBlocks` ago: every way to look at the chain is held back alike, so no two
 * answers to one caller contradict each other. Sent transactions pass.
 *
 * @param ask - The node at its true head.
 */
export async function lagging(ask: Ask, lagBlocks: number): Promise<Ask> {
  const trueHeadBlock = parseBlockNumber(await resultOf(ask, 'eth_blockNumber', [])) ?? 0
  const view = { ask, lagBlocks, headBlock: Math.max(0, trueHeadBlock - lagBlocks) }
  return (method, params) => {
    const position = stateBlockPosition.get(method)
    if (position !== undefined) return readState(view, { method, params }, position)
    const rule = rules.get(method)
    return rule === undefined ? ask(method, params) : rule(view, { method, params })
  }
}

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['eth_blockNumber', async ({ headBlock }) => ({ result: encodeQuantity(headBlock) })],
  ['eth_feeHistory', (view, question) => readState(view, question, 1)],
  ['eth_getBlockByNumber', readBlock],
  ['eth_getHeaderByNumber', readBlock],
  ['eth_getBlockReceipts', readBlock],
  ['eth_getBlockTransactionCountByNumber', readBlock],
  ['eth_getTransactionByBlockNumberAndIndex', readBlock],
  ['eth_getUncleCountByBlockNumber', readBlock],
  ['eth_getUncleByBlockNumberAndIndex', readBlock],
  ['eth_getBlockByHash', readBlock],
  ['eth_getHeaderByHash', readBlock],
  ['eth_getBlockTransactionCountByHash', readBlock],
  ['eth_getTransactionByBlockHashAndIndex', readBlock],
  ['eth_getUncleCountByBlockHash', readBlock],
  ['eth_getUncleByBlockHashAndIndex', readBlock],
  ['eth_getTransactionByHash', readTransaction],
  ['eth_getTransactionReceipt', readReceipt],
  ['debug_traceTransaction', traceTransaction],
  ['trace_transaction', traceTransaction],
  ['debug_traceBlockByHash', (view, question) => readState(view, question, 0)],
  ['eth_getLogs', readLogs],
  ['eth_getFilterLogs', hideNewerItems],
  ['eth_getFilterChanges', hideNewerItems],
])

/** State of a block that is not there yet is an error, as in geth. */
async function readState(view: View, question: Question, position: number): Promise<NodeAnswer> {
  const { method, params } = question
  if (params.length < position) return view.ask(method, params)
  const block = await resolveBlock(view, params[position])
  if (block !== undefined && block > view.headBlock) return failed('header not found')
  return view.ask(method, pinned(params, position, block))
}

/** A block that is not there yet is null. */
async function readBlock(view: View, { method, params }: Question): Promise<NodeAnswer> {
  const block = await resolveBlock(view, params[0])
  if (block !== undefined && block > view.headBlock) return nothing
  return view.ask(method, pinned(params, 0, block))
}

/** A transaction of a block that is not there yet waits in the pool. */
async function readTransaction(view: View, { method, params }: Question): Promise<NodeAnswer> {
  const answer = await view.ask(method, params)
  if (!('result' in answer) || !isNewer(view, answer.result)) return answer
  const pending = { blockHash: null, blockNumber: null, transactionIndex: null }
  return { ...answer, result: Object.assign({}, answer.result, pending) }
}

async function readReceipt(view: View, { method, params }: Question): Promise<NodeAnswer> {
  const answer = await view.ask(method, params)
  return 'result' in answer && isNewer(view, answer.result) ? nothing : answer
}

async function traceTransaction(view: View, { method, params }: Question): Promise<NodeAnswer> {
  const receipt = await resultOf(view.ask, 'eth_getTransactionReceipt', params.slice(0, 1))
  return isNewer(view, receipt) ? failed('transaction not found') : view.ask(method, params)
}

async function readLogs(view: View, { method, params }: Question): Promise<NodeAnswer> {
  const [filter] = params
  if (typeof filter !== 'object' || filter === null) return view.ask(method, params)
  if ('blockHash' in filter && isBlockHash(filter.blockHash)) {
    const block = await numberOfHash(view.ask, filter.blockHash)
    const isHidden = block !== undefined && block > view.headBlock
    return isHidden ? failed('unknown block') : view.ask(method, params)
  }
  const { fromBlock, toBlock } = filter as { fromBlock?: unknown; toBlock?: unknown }
  const from = await resolveBlock(view, fromBlock)
  const to = await resolveBlock(view, toBlock)
  if (from === undefined || to === undefined) return view.ask(method, params)
  if (from > view.headBlock) return { result: [] }
  const range = {
    fromBlock: encodeQuantity(from),
    toBlock: encodeQuantity(Math.min(to, view.headBlock)),
  }
  return view.ask(method, [{ ...filter, ...range }, ...params.slice(1)])
}

async function hideNewerItems(view: View, { method, params }: Question): Promise<NodeAnswer> {
  const answer = await view.ask(method, params)
  if (!('result' in answer) || !Array.isArray(answer.result)) return answer
  return { ...answer, result: answer.result.filter((item) => !isNewer(view, item)) }
}

/**
 * The block a caller means by a tag, a number, a hash or an EIP-1898 object, by number; undefined when
 * that cannot be told and the node had better answer itself.
 */
async function resolveBlock(view: View, reference: unknown): Promise<number | undefined> {
  if (isBlockHash(reference)) return numberOfHash(view.ask, reference)
  if (typeof reference === 'object' && reference !== null) {
    const { blockNumber, blockHash } = reference as { blockNumber?: unknown; blockHash?: unknown }
    return isBlockHash(blockHash)
      ? numberOfHash(view.ask, blockHash)
      : parseBlockNumber(blockNumber)
  }
  switch (reference) {
    case undefined:
    case null:
    case 'latest':
    case 'pending':
      return view.headBlock
    case 'earliest':
      return 0
    case 'safe':
    case 'finalized': {
      const block = await numberOfTag(view.ask, reference)
      return block === undefined ? undefined : Math.max(0, block - view.lagBlocks)
    }
  }
  return parseBlockNumber(reference)
}

/** A hash stays as it is: it names one block whatever the head. */
function pinned(
  params: readonly unknown[],
  position: number,
  block: number | undefined,
): readonly unknown[] {
  const reference = params[position]
  const isByHash =
    isBlockHash(reference) ||
    (typeof reference === 'object' && reference !== null && 'blockHash' in reference)
  if (block === undefined || isByHash) return params
  return [...params.slice(0, position), encodeQuantity(block), ...params.slice(position + 1)]
}

function isNewer(view: View, value: unknown): boolean {
  const block = numberOf(value)
  return block !== undefined && block > view.headBlock
}

function failed(message: string): NodeAnswer {
  return { error: { code: -32000, message } }
}
