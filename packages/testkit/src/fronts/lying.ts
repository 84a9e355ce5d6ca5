import { encodeQuantity, parseQuantity } from '@mooring/protocol/quantity'
import type { NodeAnswer } from '../ask-node.ts'
import type { Ask } from './ask.ts'
import type { Lie } from './faults.ts'

/** How far ahead of the chain a lying node claims to be. */
export const claimedAheadBlocks = 1_000n
const ether = 10n ** 18n

type Twist = (result: unknown, params: readonly unknown[]) => unknown

/** Which results a lie twists, and into what. */
const twists: { readonly [lie in Lie]: ReadonlyMap<string, Twist> } = {
  none: new Map(),
  balance: new Map<string, Twist>([['eth_getBalance', (result) => raised(result, ether)]]),
  head: new Map<string, Twist>([
    ['eth_blockNumber', (result) => raised(result, claimedAheadBlocks)],
    [
      'eth_getBlockByNumber',
      (result, [block]) => (block === 'latest' ? withRaisedNumber(result) : result),
    ],
  ]),
  logs: new Map<string, Twist>([
    ['eth_getLogs', (result) => (Array.isArray(result) ? result.slice(1) : result)],
  ]),
  amounts: new Map<string, Twist>([['eth_getTransactionReceipt', withDoubledAmounts]]),
}

/** The node with results that are well formed and false. */
export function lying(ask: Ask, lie: Lie): Ask {
  return async (method, params): Promise<NodeAnswer> => {
    const answer = await ask(method, params)
    const twist = twists[lie].get(method)
    if (twist === undefined || !('result' in answer)) return answer
    return { ...answer, result: twist(answer.result, params) }
  }
}

/** The node with a chain id that is not its own. */
export function claimingChain(ask: Ask, chainId: number): Ask {
  return async (method, params) => {
    if (method === 'eth_chainId') return { result: encodeQuantity(chainId) }
    if (method === 'net_version') return { result: String(chainId) }
    return ask(method, params)
  }
}

function raised(quantity: unknown, by: bigint): unknown {
  const value = parseQuantity(quantity)
  return value === undefined ? quantity : encodeQuantity(value + by)
}

function withRaisedNumber(block: unknown): unknown {
  if (typeof block !== 'object' || block === null || !('number' in block)) return block
  return { ...block, number: raised(block.number, claimedAheadBlocks) }
}

/** Tokens and escrows tell an amount first of all that is not indexed. */
function withDoubledAmounts(receipt: unknown): unknown {
  if (typeof receipt !== 'object' || receipt === null || !('logs' in receipt)) return receipt
  const { logs } = receipt
  return { ...receipt, logs: Array.isArray(logs) ? logs.map(withDoubledAmount) : logs }
}

const wordDigits = 64

function withDoubledAmount(log: unknown): unknown {
  if (typeof log !== 'object' || log === null || !('data' in log)) return log
  const { data } = log
  if (typeof data !== 'string' || data.length < 2 + wordDigits) return log
  const amount = BigInt(data.slice(0, 2 + wordDigits)) * 2n
  const word = amount.toString(16).padStart(wordDigits, '0').slice(-wordDigits)
  return { ...log, data: `0x${word}${data.slice(2 + wordDigits)}` }
}
