import { anvilAccount } from '@mooring/testkit/anvil'

/** Blocks that are there when the drill begins; a node that lags must not be asked for more than it has. */
export const minedBlocks = 40

type Ask = { method: string; params: readonly unknown[] }

/** What consumers ask, one after the other; `at` makes most of them differ from those in flight. */
const asks: readonly ((at: number) => Ask)[] = [
  () => ({ method: 'eth_blockNumber', params: [] }),
  (at) => ({ method: 'eth_getBalance', params: [`0x${hexOf(at, 40)}`, 'latest'] }),
  () => ({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
  (at) => ({ method: 'eth_getBlockByNumber', params: [`0x${(at % 30).toString(16)}`, true] }),
  (at) => ({
    method: 'eth_call',
    params: [{ to: anvilAccount.address, data: `0x${hexOf(at, 8)}` }, 'latest'],
  }),
  () => ({ method: 'eth_getLogs', params: [{ fromBlock: '0x1', toBlock: '0x20' }] }),
  (at) => ({ method: 'eth_getTransactionCount', params: [`0x${hexOf(at, 40)}`, 'latest'] }),
  () => ({ method: 'eth_gasPrice', params: [] }),
]

/** The request at one place of the load. */
export function requestAt(at: number): string {
  const { method, params } = asks[at % asks.length]?.(at) ?? { method: 'eth_chainId', params: [] }
  return JSON.stringify({ jsonrpc: '2.0', id: at, method, params })
}

/** What is wrong with an answer as a consumer sees it, if anything is. */
export function problemOf({ status, body }: { status: number; body: string }): string | undefined {
  const isRight = status === 200 && resultOf(body) !== null
  return isRight ? undefined : `${status} ${body.slice(0, 200)}`
}

/** Null when there is none: nothing that is asked here may be answered with null. */
function resultOf(body: string): unknown {
  try {
    // A member that is missing is undefined whatever the answer is, short of null.
    const answer = JSON.parse(body) as { result?: unknown; error?: unknown } | null
    return answer?.error === undefined ? (answer?.result ?? null) : null
  } catch {
    return null
  }
}

function hexOf(at: number, digits: number): string {
  return at.toString(16).padStart(digits, '0')
}
