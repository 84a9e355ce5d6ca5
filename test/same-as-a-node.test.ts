import { afterAll, beforeAll, expect, test } from 'bun:test'
import { anvilAccount } from '@mooring/testkit/anvil'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'
import { chainPlans } from '@mooring/testkit/local-network/plan'

// What a consumer reads through the gateway is what the node itself says, in value, error and data, though of
// the nodes behind it one is slow, one is behind and one fails every fifth request. Blocks stand still.

let network: LocalNetwork
let nodeUrl: string
let gatewayUrl: string
const seen = { token: '', block: '', hash: '', transaction: '' }

beforeAll(async () => {
  network = await startLocalNetwork({ chains: chainPlans.slice(0, 1), actorIntervalMs: 3_600_000 })
  const chain = network.chains[0]
  if (chain === undefined) throw new Error('the network has no chain')
  await chain.anvil.mine(12)
  nodeUrl = chain.anvil.url
  gatewayUrl = `${network.gateway.url}/local_one`
  seen.token = chain.actor.tokenAddress
  // Every node has told its new head.
  await Bun.sleep(2_200)
  const block = (await ask(nodeUrl, 'eth_getBlockByNumber', ['0x1', false])).result as {
    hash: string
    transactions: string[]
  }
  seen.block = '0x1'
  seen.hash = block.hash
  seen.transaction = block.transactions[0] ?? ''
})

afterAll(() => network.stop())

type Answer = { result?: unknown; error?: { code: number; message: string; data?: unknown } }

async function ask(url: string, method: string, params: unknown): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const { result, error } = (await response.json()) as Answer
  return error === undefined ? { result } : { error }
}

const { address } = anvilAccount
const zeroHash = `0x${'00'.repeat(32)}`
const requests: [string, () => unknown][] = [
  ['eth_chainId', () => []],
  ['net_version', () => []],
  ['eth_blockNumber', () => []],
  ['eth_gasPrice', () => []],
  ['eth_syncing', () => []],
  ['eth_getBalance', () => [address, 'latest']],
  ['eth_getBalance', () => [address]],
  ['eth_getBalance', () => [address, '0x1']],
  ['eth_getBalance', () => [address, 'finalized']],
  ['eth_getBalance', () => [address, 'earliest']],
  ['eth_getBalance', () => [address, { blockHash: seen.hash }]],
  ['eth_getBalance', () => [address, { blockNumber: '0x2' }]],
  ['eth_getTransactionCount', () => [address, 'pending']],
  ['eth_getCode', () => [seen.token, 'latest']],
  ['eth_getStorageAt', () => [seen.token, '0x0', 'latest']],
  ['eth_getProof', () => [seen.token, ['0x0'], '0x2']],
  ['eth_getBlockByNumber', () => ['latest', false]],
  ['eth_getBlockByNumber', () => ['0x1', true]],
  ['eth_getBlockByNumber', () => ['earliest', false]],
  ['eth_getBlockByNumber', () => ['finalized', false]],
  ['eth_getBlockByNumber', () => ['safe', true]],
  ['eth_getBlockByNumber', () => ['0xffffff', false]],
  ['eth_getBlockByHash', () => [seen.hash, false]],
  ['eth_getBlockByHash', () => [zeroHash, false]],
  ['eth_getBlockReceipts', () => ['0x1']],
  ['eth_getBlockTransactionCountByNumber', () => ['latest']],
  ['eth_getBlockTransactionCountByHash', () => [seen.hash]],
  ['eth_getTransactionByHash', () => [seen.transaction]],
  ['eth_getTransactionByHash', () => [zeroHash]],
  ['eth_getTransactionByBlockNumberAndIndex', () => ['0x1', '0x0']],
  ['eth_getTransactionReceipt', () => [seen.transaction]],
  ['eth_getTransactionReceipt', () => [zeroHash]],
  ['eth_getLogs', () => [{ address: seen.token }]],
  ['eth_getLogs', () => [{ address: seen.token, fromBlock: '0x0' }]],
  ['eth_getLogs', () => [{ address: seen.token, fromBlock: '0x0', toBlock: 'latest' }]],
  ['eth_getLogs', () => [{ fromBlock: 'earliest', toBlock: '0x2' }]],
  ['eth_getLogs', () => [{ blockHash: seen.hash }]],
  ['eth_getLogs', () => [{ fromBlock: '0x5', toBlock: '0x1' }]],
  ['eth_call', () => [{ to: seen.token, data: '0x18160ddd' }, 'latest']],
  ['eth_call', () => [{ to: seen.token, data: '0x18160ddd' }]],
  ['eth_call', () => [{ to: seen.token, data: '0x18160ddd' }, '0x0']],
  ['eth_call', () => [{ to: seen.token, data: '0xffffffff' }, 'latest']],
  ['eth_call', () => [{ to: seen.token, data: `0x9b96eece${'11'.repeat(32)}` }, 'latest']],
  ['eth_estimateGas', () => [{ from: address, to: seen.token, value: '0x1' }]],
  ['eth_estimateGas', () => [{ from: address, to: zeroHash.slice(0, 42), value: '0x1' }]],
  ['eth_feeHistory', () => ['0x4', 'latest', [25, 75]]],
  ['eth_feeHistory', () => [4, '0x5', []]],
  ['web3_sha3', () => ['0x68656c6c6f']],
  ['eth_getBalance', () => ['not an address', 'latest']],
  ['eth_getBalance', () => []],
  ['eth_getBlockByNumber', () => ['yesterday', false]],
  ['eth_sendRawTransaction', () => ['0x1234']],
  ['eth_sendRawTransaction', () => []],
]

test.each(requests.map(([method, params], at) => [at, method, params] as const))(
  '%i: %s',
  async (_at, method, params) => {
    // What is sent but once fails with the node that it is sent to.
    const isSent = method.startsWith('eth_send')
    if (isSent) await network.front('local_one', 'charlie', 'two').set({ failRatio: 0 })
    const direct = await ask(nodeUrl, method, params())
    expect(await ask(gatewayUrl, method, params())).toEqual(direct)
    if (isSent) await network.front('local_one', 'charlie', 'two').reset()
  },
)
