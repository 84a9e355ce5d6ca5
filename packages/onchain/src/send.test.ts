import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { ankrTokenBytecode } from '@mooring/abis/bytecode/ankr-token'
import { type Anvil, anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import type { Address } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createReader, createWallet, type Reader, type Wallet } from './clients.ts'
import { failureFromData, isUnreachable } from './failures.ts'
import { MaybeSent } from './inclusion.ts'
import { type Call, ChainRefusal, createSender } from './send.ts'

const chainId = 31_337
const account = privateKeyToAccount(anvilAccount.privateKey)
const other: Address = '0x00000000000000000000000000000000000000aa'
let anvil: Anvil
let reader: Reader
let wallet: Wallet
let token: Address

beforeAll(async () => {
  anvil = await startAnvil({ chainId })
  reader = createReader({ url: anvil.url, chainId })
  wallet = createWallet({ url: anvil.url, chainId }, account)
  const hash = await wallet.deployContract({
    abi: ankrTokenAbi,
    bytecode: ankrTokenBytecode,
    args: [account.address, 1_000n],
  })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  // A receipt of a creation names what was created.
  token = receipt.contractAddress as Address
})
afterAll(() => anvil?.stop())

const transfer = (amount: bigint): Call => ({
  to: token,
  abi: ankrTokenAbi,
  functionName: 'transfer',
  args: [other, amount],
})

test('a call is priced without being sent, then sent and confirmed', async () => {
  const sender = createSender({ reader, wallet })
  const prepared = await sender.prepare(transfer(10n))
  expect(prepared.ok && prepared.costWeiMax > 0n).toBe(true)
  const { receipt, feeWei } = await sender.send(transfer(10n))
  expect(receipt.status).toBe('success')
  expect(feeWei).toBe(receipt.gasUsed * receipt.effectiveGasPrice)
})

test('calls sent at once each get their nonce', async () => {
  const sender = createSender({ reader, wallet })
  const sent = await Promise.all([1n, 2n, 3n, 4n].map((amount) => sender.send(transfer(amount))))
  expect(new Set(sent.map(({ hash }) => hash)).size).toBe(4)
})

test('a refusal is told by the name and the arguments the contract gave it, and costs no gas', async () => {
  const sender = createSender({ reader, wallet })
  const nonce = await reader.getTransactionCount({ address: account.address })
  const refused = await sender.send(transfer(5_000n)).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ChainRefusal)
  // Checked in the line above.
  const { failure } = refused as ChainRefusal
  expect(failure.name).toBe('ERC20InsufficientBalance')
  expect(failure.args.needed).toBe(5_000n)
  expect(failure.sentence).toMatch(/^erc20 insufficient balance \(sender 0x.*, needed 5000\)$/)
  expect(await reader.getTransactionCount({ address: account.address })).toBe(nonce)
})

test('a transaction that nobody includes is sent again with a higher fee, and counts once', async () => {
  await anvil.ask('evm_setAutomine', [false])
  const hashes: string[] = []
  const sender = createSender({
    reader,
    wallet,
    patienceMs: 300,
    onSigned: (hash) => {
      hashes.push(hash)
      // Only the second one finds a block being made.
      if (hashes.length === 2) setTimeout(() => void anvil.mine(1), 100)
    },
  })
  const nonce = await reader.getTransactionCount({ address: account.address })
  try {
    const { hash } = await sender.send(transfer(1n))
    expect(hashes).toHaveLength(2)
    expect(hash).toBe(hashes[1] as typeof hash)
    expect(await reader.getTransactionCount({ address: account.address })).toBe(nonce + 1)
  } finally {
    await anvil.ask('evm_setAutomine', [true])
  }
})

test('an error that nobody declared is told as unknown', () => {
  expect(failureFromData('0xdeadbeef', [ankrTokenAbi]).sentence).toContain(
    'does not know (0xdeadbeef)',
  )
})

/** A node on loopback that passes everything on, and whose answer to what was sent gets lost as told. */
function lossyNode(lose: (method: string) => 'answer' | 'question' | undefined) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    fetch: async (request) => {
      const body = await request.text()
      const { method } = JSON.parse(body) as { method: string }
      const lost = lose(method)
      if (lost === 'question') return new Response('', { status: 502 })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(anvil.url, { method: 'POST', body, headers })
      const text = await answer.text()
      return lost === 'answer' ? new Response('', { status: 502 }) : new Response(text, { headers })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

function senderOver(url: string, options: Partial<Parameters<typeof createSender>[0]> = {}) {
  return createSender({
    reader: createReader({ url, chainId }),
    wallet: createWallet({ url, chainId }, account),
    ...options,
  })
}

test('a transaction whose answer was lost is found by its hash, and counts once', async () => {
  await using node = lossyNode((method) =>
    method === 'eth_sendRawTransaction' ? 'answer' : undefined,
  )
  const nonce = await reader.getTransactionCount({ address: account.address })
  const { receipt } = await senderOver(node.url).send(transfer(1n))
  expect(receipt.status).toBe('success')
  expect(await reader.getTransactionCount({ address: account.address })).toBe(nonce + 1)
})

test('of a transaction that nobody tells anything the hash is told, and never that it failed', async () => {
  await using node = lossyNode((method) =>
    method === 'eth_sendRawTransaction' ? 'question' : undefined,
  )
  const hashes: string[] = []
  const onSigned = (hash: string) => void hashes.push(hash)
  const sender = senderOver(node.url, { onSigned, patienceMs: 50, raisesMax: 1 })
  const error = await sender.send(transfer(1n)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(MaybeSent)
  // Checked in the line above.
  expect((error as MaybeSent).hashes).toEqual(hashes as never)
  expect(hashes.length).toBe(2)
})

test('a node that answers nothing is told from a contract that refuses', async () => {
  await using node = lossyNode((method) => (method === 'eth_call' ? 'question' : undefined))
  const error = await senderOver(node.url)
    .prepare(transfer(1n))
    .catch((thrown: unknown) => thrown)
  expect(isUnreachable(error)).toBe(true)
})

test('depth is waited for as long as the chain takes, without raising the fee', async () => {
  const hashes: string[] = []
  const onSigned = (hash: string) => void hashes.push(hash)
  // This chain makes a block for each transaction and none else, so depth has to be made.
  const mining = setInterval(() => void anvil.mine(1), 120)
  try {
    const sender = createSender({ reader, wallet, onSigned, confirmations: 4, patienceMs: 100 })
    const { receipt } = await sender.send(transfer(1n))
    expect(hashes).toHaveLength(1)
    const head = await reader.getBlockNumber()
    expect(head - receipt.blockNumber).toBeGreaterThanOrEqual(3n)
  } finally {
    clearInterval(mining)
  }
})

test('what could cost more than was agreed to is not sent', async () => {
  const sender = createSender({ reader, wallet })
  const nonce = await reader.getTransactionCount({ address: account.address })
  const refused = sender.send(transfer(1n), { costWeiMax: 1n })
  expect(refused).rejects.toThrow('fees have risen')
  await refused.catch(() => undefined)
  expect(await reader.getTransactionCount({ address: account.address })).toBe(nonce)
})

test('an address without a contract is told as one', async () => {
  const sender = createSender({ reader, wallet })
  const prepared = await sender.prepare({ ...transfer(1n), to: other })
  expect(prepared).toMatchObject({
    ok: false,
    failure: { sentence: expect.stringContaining('no contract') },
  })
})
