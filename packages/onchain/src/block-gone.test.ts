import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { escrowAbi } from '@mooring/abis/escrow'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import { InvalidInputRpcError, numberToHex, padHex } from 'viem'
import { isBlockGone } from './block-gone.ts'
import { readPart } from './contracts.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

let chain: DepositChain
beforeAll(async () => {
  chain = await openDepositChain()
})
afterAll(() => chain[Symbol.asyncDispose]())

const failureOf = (asking: Promise<unknown>) =>
  asking.then(
    () => undefined,
    (error) => error,
  )

test('a block that a fork undid is gone, by its hash and by its number', async () => {
  const { system, anvil } = chain
  await anvil.mine(3)
  const { hash: blockHash, number: blockNumber } = await system.reader.getBlock()
  await chain.rollback(2, { forget: true })
  const read = (at: { blockHash: typeof blockHash } | { blockNumber: bigint }) =>
    readPart(system, 'ankrEscrow', 'chargeRootCount', [], at)
  expect(isBlockGone(await failureOf(read({ blockHash })))).toBe(true)
  expect(isBlockGone(await failureOf(read({ blockNumber })))).toBe(true)
  expect(isBlockGone(await failureOf(system.reader.getBlock({ blockNumber })))).toBe(true)
})

test.each(['header not found', 'header for hash not found', 'unknown block'])(
  'a node says "%s"',
  (words) => {
    expect(isBlockGone(new InvalidInputRpcError(new Error(words)))).toBe(true)
  },
)

test('a refusal is something else', async () => {
  const { system } = chain
  const args = [numberToHex(1n, { size: 32 }), padHex('0x1', { size: 32 }), 1n, []] as const
  const refused = await failureOf(
    system.reader.simulateContract({
      ...{ account: player(1).address, address: system.deployment.parts.ankrEscrow, args },
      ...{ abi: escrowAbi, functionName: 'postChargeRoot' },
    }),
  )
  expect(refused).toBeInstanceOf(Error)
  expect(isBlockGone(refused)).toBe(false)
})
