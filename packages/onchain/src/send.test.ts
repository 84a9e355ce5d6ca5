import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { ankrTokenBytecode } from '@mooring/abis/bytecode/ankr-token'
import { type Anvil, anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import type { Address } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createReader, createWallet, type Reader, type Wallet } from './clients.ts'
import { failureFromData } from './failures.ts'
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
      if (hashes.length === 2) anvil.mine(1)
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
