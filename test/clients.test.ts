import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { anvilAccount } from '@mooring/testkit/anvil'
import { demoTokenAbi } from '@mooring/testkit/demo-contract'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'
import { chainPlans } from '@mooring/testkit/local-network/plan'
import { Contract, isCallException, JsonRpcProvider, parseEther, Wallet } from 'ethers'
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  encodeErrorResult,
  http,
  parseAbiItem,
  zeroAddress,
} from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'

// Public clients as their users install them, over nodes of which one is slow, one behind and one flaky.
let network: LocalNetwork
let url: string
let token: `0x${string}`

beforeAll(async () => {
  network = await startLocalNetwork({ chains: chainPlans.slice(0, 1), actorIntervalMs: 250 })
  const chain = network.chains[0]
  if (chain === undefined) throw new Error('the network has no chain')
  url = `${network.gateway.url}/local_one`
  token = chain.actor.tokenAddress
})

afterAll(() => network.stop())

const recipient = '0x00000000000000000000000000000000000000aa'
const keyAt = (addressIndex: number) => mnemonicToAccount(anvilAccount.mnemonic, { addressIndex })

describe('viem', () => {
  const chain = defineChain({
    id: 31_337,
    name: 'local',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
  const reader = () => createPublicClient({ chain, transport: http(url), pollingInterval: 100 })

  test('reads the chain, its newest block and a balance', async () => {
    const client = reader()
    expect(await client.getChainId()).toBe(31_337)
    const number = await client.getBlockNumber({ cacheTime: 0 })
    const block = await client.getBlock({ blockNumber: number })
    expect(block.number).toBe(number)
    expect((await client.getBlock()).number).toBeGreaterThanOrEqual(number)
    expect(await client.getBalance({ address: anvilAccount.address })).toBeGreaterThan(0n)
  })

  test('reads logs', async () => {
    const logs = await reader().getLogs({
      address: token,
      event: parseAbiItem(
        'event Transfer(address indexed from, address indexed to, uint256 value)',
      ),
      fromBlock: 0n,
      toBlock: 'latest',
    })
    expect(logs.length).toBeGreaterThan(0)
    expect(logs[0]?.args.from).toBe(zeroAddress)
  })

  test('sends a transaction, sees its receipt and then its effect', async () => {
    const client = reader()
    const wallet = createWalletClient({ account: keyAt(1), chain, transport: http(url) })
    const before = await client.getBalance({ address: recipient })
    const hash = await wallet.sendTransaction({ to: recipient, value: 7n })
    const receipt = await client.waitForTransactionReceipt({ hash })
    expect(receipt.status).toBe('success')
    expect(await client.getBlockNumber({ cacheTime: 0 })).toBeGreaterThanOrEqual(
      receipt.blockNumber,
    )
    expect(await client.getBalance({ address: recipient })).toBe(before + 7n)
    expect((await client.getTransaction({ hash })).blockNumber).toBe(receipt.blockNumber)
  })

  test('decodes the data of a call that reverts', async () => {
    const call = reader().readContract({
      address: token,
      abi: demoTokenAbi,
      functionName: 'fail',
      args: [42n],
      account: anvilAccount.address,
    })
    const error: unknown = await call.catch((caught: unknown) => caught)
    if (!(error instanceof BaseError)) throw new Error(`not reverted: ${error}`)
    const revert = error.walk((each) => each instanceof ContractFunctionRevertedError)
    expect(revert).toMatchObject({
      data: { errorName: 'DemoTokenRefused', args: [anvilAccount.address, 42n] },
    })
  })

  test('follows new blocks and events by polling, without filters', async () => {
    const client = reader()
    const seen: bigint[] = []
    const stop = client.watchBlockNumber({ onBlockNumber: (number) => void seen.push(number) })
    const event = Promise.withResolvers<void>()
    const stopEvents = client.watchContractEvent({
      address: token,
      abi: demoTokenAbi,
      eventName: 'Transfer',
      onLogs: () => event.resolve(),
      onError: event.reject,
    })
    try {
      await event.promise
      while (seen.length < 3) await Bun.sleep(50)
      expect(seen).toEqual(seen.toSorted((a, b) => Number(a - b)))
    } finally {
      stop()
      stopEvents()
    }
  })
})

describe('ethers', () => {
  const withProvider = async <T>(use: (provider: JsonRpcProvider) => Promise<T>): Promise<T> => {
    const provider = new JsonRpcProvider(url, undefined, { pollingInterval: 100, cacheTimeout: -1 })
    try {
      return await use(provider)
    } finally {
      provider.destroy()
    }
  }

  test('reads the network, a block, a balance and logs, in batches of its own making', () =>
    withProvider(async (provider) => {
      const [network, block, balance, logs] = await Promise.all([
        provider.getNetwork(),
        provider.getBlock('latest'),
        provider.getBalance(anvilAccount.address),
        provider.getLogs({ address: token, fromBlock: 0, toBlock: 'latest' }),
      ])
      expect(network.chainId).toBe(31_337n)
      expect(block?.number).toBeGreaterThan(0)
      expect(balance > 0n).toBe(true)
      expect(logs.length).toBeGreaterThan(0)
    }))

  test('sends a transaction, sees its receipt and then its effect', () =>
    withProvider(async (provider) => {
      const key = keyAt(2).getHdKey().privateKey
      if (key === null) throw new Error('the account has no key')
      const wallet = new Wallet(Buffer.from(key).toString('hex'), provider)
      const before = await provider.getBalance(recipient)
      const sent = await wallet.sendTransaction({ to: recipient, value: parseEther('1') })
      const receipt = await sent.wait()
      expect(receipt?.status).toBe(1)
      expect(await provider.getBalance(recipient)).toBe(before + parseEther('1'))
    }))

  test('decodes the data of a call that reverts', () =>
    withProvider(async (provider) => {
      const contract = new Contract(token, demoTokenAbi, provider)
      const error: unknown = await contract
        .getFunction('fail')
        .staticCall(7)
        .catch((caught: unknown) => caught)
      if (!(error instanceof Error) || !isCallException(error))
        throw new Error(`not reverted: ${error}`)
      expect(error.revert?.name).toBe('DemoTokenRefused')
      expect([...(error.revert?.args ?? [])]).toEqual([zeroAddress, 7n])
    }))
})

describe('cast', () => {
  const program = new URL('../node_modules/.bin/cast', import.meta.url).pathname
  async function cast(...args: string[]) {
    const run = Bun.spawn([program, ...args, '--rpc-url', url], {
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: 20_000,
    })
    const [out, err] = await Promise.all([run.stdout.text(), run.stderr.text(), run.exited])
    return { out: out.trim(), err }
  }

  test('reads the chain, a block, a balance and logs', async () => {
    expect((await cast('chain-id')).out).toBe('31337')
    expect(Number((await cast('block-number')).out)).toBeGreaterThan(0)
    expect((await cast('block', 'latest', '--field', 'number')).out).toMatch(/^\d+$/)
    expect(BigInt((await cast('balance', anvilAccount.address)).out)).toBeGreaterThan(0n)
    const logs = await cast('logs', '--address', token, '--from-block', '0', '--json')
    expect(JSON.parse(logs.out).length).toBeGreaterThan(0)
  })

  test('sends a transaction and prints its receipt', async () => {
    const key = keyAt(3).getHdKey().privateKey
    if (key === null) throw new Error('the account has no key')
    const { out, err } = await cast(
      'send',
      recipient,
      '--value',
      '5',
      '--json',
      '--private-key',
      `0x${Buffer.from(key).toString('hex')}`,
    )
    if (out === '') throw new Error(err)
    expect(JSON.parse(out)).toMatchObject({ status: '0x1' })
    expect(privateKeyToAccount(`0x${Buffer.from(key).toString('hex')}`).address.toLowerCase()).toBe(
      JSON.parse(out).from.toLowerCase(),
    )
  })

  test('shows the data of a call that reverts', async () => {
    const { err } = await cast('call', token, 'fail(uint256)', '9')
    expect(err).toContain('error code 3: execution reverted')
    expect(err).toContain(
      encodeErrorResult({
        abi: demoTokenAbi,
        errorName: 'DemoTokenRefused',
        args: [zeroAddress, 9n],
      }),
    )
  })
})
