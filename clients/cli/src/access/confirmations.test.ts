import { describe, expect, test } from 'bun:test'
import { TransactionReceiptNotFoundError } from 'viem'
import type { Context } from '../context.ts'
import type { System } from '../economy/system.ts'
import { waitForDepth } from './confirmations.ts'

const hash = `0x${'de'.repeat(32)}` as const

/** A chain that is seen in one state after the other; undefined is a transaction in no block. */
function chainOf(states: readonly { block: number | undefined; head: number }[]): System {
  let at = 0
  const reader = {
    getBlockNumber: async () => BigInt(states[at]?.head ?? 0),
    getTransactionReceipt: async () => {
      const { block } = states[at] ?? {}
      // The head is asked for in the same round.
      queueMicrotask(() => {
        if (at < states.length - 1) at++
      })
      if (block === undefined) throw new TransactionReceiptNotFoundError({ hash })
      return { blockNumber: BigInt(block) }
    },
  }
  return { reader } as unknown as System
}

function waitOn(
  states: Parameters<typeof chainOf>[0],
  options: { isTerminal?: boolean; signal?: AbortSignal } = {},
) {
  const { isTerminal = false, signal = new AbortController().signal } = options
  const said: string[] = []
  const stderr = { write: (text: string) => void said.push(text), isTerminal }
  const context = { stderr } as unknown as Context
  const wait = { hash, depthBlocks: 12, signal, wayOn: 'go on' }
  return { said, done: waitForDepth(context, chainOf(states), wait) }
}

describe('waiting for blocks', () => {
  test('says how far it is, and starts over when a fork has taken the transaction away', async () => {
    const { said, done } = waitOn([
      { block: 5, head: 16 },
      { block: undefined, head: 17 },
      { block: 18, head: 18 },
      { block: 18, head: 30 },
    ])
    expect((await done).blockNumber).toBe(18n)
    expect(said).toEqual([
      '  11 of 12 blocks on top of the deposit\n',
      '  the transaction is in no block yet\n',
      '  0 of 12 blocks on top of the deposit\n',
      '  12 of 12 blocks on top of the deposit\n',
    ])
  })

  test('is one line on a terminal', async () => {
    const { said, done } = waitOn([{ block: 5, head: 17 }], { isTerminal: true })
    await done
    expect(said).toEqual(['\r\u001b[K  12 of 12 blocks on top of the deposit', '\n'])
  })

  test('ends when the user has had enough, and says how to go on', async () => {
    const { done } = waitOn([{ block: 5, head: 6 }], { signal: AbortSignal.abort() })
    await expect(done).rejects.toThrow('The deposit stands. To go on from here:\n  go on')
  })
})
