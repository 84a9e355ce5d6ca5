import { afterAll, beforeAll, expect, test } from 'bun:test'
import { localOne } from '@mooring/chains/definitions/local_one'
import { anvilAccount } from '@mooring/testkit/anvil'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'
import { createPublicClient, createWalletClient, defineChain, http, parseAbiItem } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'

// Two of three providers lag, by different numbers of blocks, while new blocks come four times a second. What one
// client sees never steps back, and what it has sent is there in all that it reads afterwards.

let network: LocalNetwork
let url: string

beforeAll(async () => {
  const fronts = [
    { provider: 'alpha', node: 'one' },
    { provider: 'alpha', node: 'two' },
    { provider: 'bravo', node: 'one', faults: { lagBlocks: 2 } },
    { provider: 'bravo', node: 'two' },
    { provider: 'charlie', node: 'one', faults: { lagBlocks: 4 } },
  ]
  network = await startLocalNetwork({
    chains: [{ definition: localOne, fronts }],
    actorIntervalMs: 250,
  })
  url = `${network.gateway.url}/local_one`
})

afterAll(() => network.stop())

async function ask<T>(method: string, params: unknown[] = []): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = (await (await fetch(url, { method: 'POST', body })).json()) as {
    result?: unknown
    error?: unknown
  }
  if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error))
  // The test asks for what has this type.
  return answer.result as T
}

test('blocks never step back for one client, by whatever it reads them', async () => {
  let seen = 0
  const see = (block: string, how: string) => {
    const number = Number(block)
    if (number < seen) throw new Error(`${how} is ${number} after ${seen}`)
    seen = number
  }
  const account = anvilAccount.address
  for (let at = 0; at < 80; at++) {
    see(await ask('eth_blockNumber'), 'the head')
    const block = await ask<{ number: string; hash: string }>('eth_getBlockByNumber', [
      'latest',
      false,
    ])
    see(block.number, 'the latest block')
    const { oldestBlock } = await ask<{ oldestBlock: string }>('eth_feeHistory', [
      '0x1',
      'latest',
      [],
    ])
    see(oldestBlock, 'the fee history')
    // The actor sends with each block, so that its nonce grows with the head.
    await ask('eth_getTransactionCount', [account, 'latest'])
    const logs = await ask<{ blockNumber: string }[]>('eth_getLogs', [{ fromBlock: block.number }])
    if (logs.length > 0) see(logs.at(-1)?.blockNumber ?? '', 'the last log')
    await Bun.sleep(10)
  }
  expect(seen).toBeGreaterThan(3)
}, 20_000)

test('what a client has sent is there in all that it reads afterwards', async () => {
  const chain = defineChain({
    id: 31_337,
    name: 'local',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
  const account = mnemonicToAccount(anvilAccount.mnemonic, { addressIndex: 5 })
  const client = createPublicClient({ chain, transport: http(url), pollingInterval: 20 })
  const wallet = createWalletClient({ chain, transport: http(url), account })
  const to = `0x${'e1'.repeat(20)}` as const
  const token = network.chains[0]?.actor.tokenAddress
  if (token === undefined) throw new Error('there is no token')
  const event = parseAbiItem(
    'event Transfer(address indexed from, address indexed to, uint256 value)',
  )
  for (let sent = 1; sent <= 8; sent++) {
    const hash = await wallet.sendTransaction({ to, value: 1n })
    // Nobody but the node that took it may know of it yet.
    expect(
      await client.getTransactionCount({ address: account.address, blockTag: 'pending' }),
    ).toBe(sent)
    expect((await client.getTransaction({ hash })).hash).toBe(hash)
    const receipt = await client.waitForTransactionReceipt({ hash })
    const reads = await Promise.all([
      client.getBalance({ address: to }),
      client.getTransactionCount({ address: account.address }),
      client.getTransaction({ hash }).then(({ blockNumber }) => blockNumber),
      client.getBlock({ blockNumber: receipt.blockNumber }).then(({ hash: of }) => of),
      client.getBlockNumber({ cacheTime: 0 }).then((number) => number >= receipt.blockNumber),
      client.getLogs({ address: token, event, fromBlock: receipt.blockNumber }).then(() => 'read'),
    ])
    expect(reads).toEqual([
      BigInt(sent),
      sent,
      receipt.blockNumber,
      receipt.blockHash,
      true,
      'read',
    ])
  }
}, 20_000)
