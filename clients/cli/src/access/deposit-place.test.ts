import { describe, expect, test } from 'bun:test'
import { escrowAbi } from '@mooring/abis/escrow'
import { partNames } from '@mooring/onchain/deploy/plan'
import type { Deployment } from '@mooring/onchain/deployment'
import {
  type Address,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  type Log,
  type TransactionReceipt,
} from 'viem'
import type { System } from '../economy/system.ts'
import { findDeposit } from './deposit-place.ts'

const addressAt = (at: number): Address => getAddress(`0x${String(at).padStart(40, '0')}`)
const parts = Object.fromEntries(partNames.map((name, at) => [name, addressAt(at + 1)]))
const deployment = { chainId: 31_337, parts } as unknown as Deployment
const system = { deployment } as unknown as System
const [mine, yours] = [addressAt(91), addressAt(92)]
const transactionHash = `0x${'de'.repeat(32)}` as const

function depositLog(address: Address | undefined, account: Address, logIndex: number): Log {
  const args = { account, from: account }
  const topics = encodeEventTopics({ abi: escrowAbi, eventName: 'Deposited', args })
  const types = [{ type: 'uint256' }, { type: 'bytes32' }, { type: 'uint32' }] as const
  const data = encodeAbiParameters(types, [7n, transactionHash, 0])
  return { address, topics, data, blockNumber: 5n, transactionHash, logIndex } as Log
}

const receiptOf = (logs: Log[], status = 'success') =>
  ({ transactionHash, blockNumber: 5n, status, logs }) as TransactionReceipt
const { ankrEscrow, stableEscrow, pool } = deployment.parts

describe('the deposit of a transaction', () => {
  test('is found by itself, whatever else happened in it', () => {
    const logs = [depositLog(pool, mine, 1), depositLog(ankrEscrow, yours, 2)]
    const found = findDeposit(system, receiptOf([...logs, depositLog(stableEscrow, mine, 3)]), {
      account: mine,
    })
    expect(found).toEqual({
      ...{ transactionHash, logIndex: 3, account: mine, amount: 7n, blockNumber: 5n },
      asset: 'usd',
    })
  })

  test('has to be named where there are several', () => {
    const logs = [depositLog(ankrEscrow, mine, 1), depositLog(stableEscrow, mine, 4)]
    const find = (logIndex?: number) =>
      findDeposit(system, receiptOf(logs), { account: mine, logIndex })
    expect(() => find()).toThrow('say which with --log, one of 1, 4')
    expect(find(4).logIndex).toBe(4)
    expect(() => find(2)).toThrow('those are at 1, 4')
  })

  test('is none in one that failed, or that holds none of the account', () => {
    const logs = [depositLog(ankrEscrow, mine, 1)]
    const find =
      (receipt: TransactionReceipt, account = mine) =>
      () =>
        findDeposit(system, receipt, { account })
    expect(find(receiptOf(logs, 'reverted'))).toThrow('failed, so nothing was deposited')
    expect(find(receiptOf(logs), yours)).toThrow('sign as whose it is')
    expect(find(receiptOf([]))).toThrow('holds no deposit')
    expect(find(receiptOf([depositLog(addressAt(77), mine, 1)]))).toThrow('holds no deposit')
  })
})
