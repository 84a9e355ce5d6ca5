import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import { padHex, toHex } from 'viem'
import { createReader } from './clients.ts'
import { readMany } from './read-many.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

let chain: DepositChain
beforeAll(async () => {
  chain = await openDepositChain()
})
afterAll(() => chain[Symbol.asyncDispose]())

const others = Array.from({ length: 700 }, (_, at) => padHex(toHex(0xabc_0000 + at), { size: 20 }))

test('many are asked in few questions, of one block and in their order', async () => {
  const { system, nodes, deposit } = chain
  const before = await system.reader.getBlockNumber()
  await deposit(1)
  const [node] = nodes
  const reader = createReader({ url: node.url, chainId: system.deployment.chainId })
  const accounts = [...others.slice(0, 350), player(1).address, ...others.slice(350)]
  const asked = { part: 'ankrEscrow', functionName: 'accountOf' } as const
  const all = accounts.map((account) => [account] as const)
  const blockNumber = await system.reader.getBlockNumber()
  const now = await readMany({ ...system, reader }, { ...asked, blockNumber }, all)
  expect(now).toHaveLength(701)
  expect(now.map(({ open }) => open).indexOf(true)).toBe(350)
  expect(now.filter(({ open }) => open)).toHaveLength(1)
  expect(node.requests.length).toBeLessThan(30)
  const then = await readMany(system, { ...asked, blockNumber: before }, all)
  expect(then.every(({ open }) => !open)).toBe(true)
})

test('a node that takes no code along is asked one by one', async () => {
  const { system, nodes } = chain
  const [, node] = nodes
  node.lie((method, result, [call]) => {
    // As one that wants an address to call.
    const isCode = method === 'eth_call' && !Object.hasOwn(Object(call), 'to')
    return isCode ? '0x' : result
  })
  const reader = createReader({ url: node.url, chainId: system.deployment.chainId })
  const blockNumber = await system.reader.getBlockNumber()
  const asked = { part: 'ankrEscrow', functionName: 'accountOf', blockNumber } as const
  const all = others.slice(0, 60).map((account) => [account] as const)
  expect(await readMany({ ...system, reader }, asked, all)).toHaveLength(60)
})
