import { describe, expect, test } from 'bun:test'
import { localOne } from '@mooring/chains/definitions/local_one'
import type { ErrorClass } from '@mooring/chains/family'
import type { Exchange, RpcAnswer } from '../exchange.ts'
import type { Outcome, Verdict } from '../relay/outcome.ts'
import { questionOf } from '../relay/question.ts'
import { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { cachePlanOf, holds, storedOf } from './plan.ts'

const hashOf = (number: number, fork = 'a') =>
  `0x${`${fork}${number.toString(16)}`.padStart(64, '0')}`
const address = `0x${'11'.repeat(20)}`
const answer: RpcAnswer = { kind: 'result', resultJson: '"0x1"' }

/** A chain at block 100, whose answers are kept for good up to block 80, and followed from block 70 on. */
function chainAt100(): ServedChain {
  const clock = { nowMs: () => 0, wallMs: () => 0, sleep: () => Promise.resolve() }
  const chain = new ServedChain({ definition: localOne, pollIntervalMs: 1_000 }, [], { clock })
  chain.showHead(100)
  chain.raiseFinal(80 + localOne.lag.criticalBlocks)
  for (let number = 70; number <= 100; number++) {
    chain.canonical.join([{ number, hash: hashOf(number), parentHash: hashOf(number - 1) }])
  }
  return chain
}

function exchangeOf(chain: ServedChain, method: string, ...params: unknown[]): Exchange {
  const request = { id: 1, method, params }
  const { policy, need } = questionOf(request, chain.family)
  // What the rules of keeping look at.
  return { chain, request, policy, need, headBlock: 100 } as unknown as Exchange
}

type Ok = Verdict & { kind: 'ok' }
const ok = (facts: Partial<Ok> = {}): Verdict => ({
  kind: 'ok',
  result: '0x1',
  resultJson: '"0x1"',
  block: undefined,
  pending: false,
  strayed: false,
  ...facts,
})

function keptOf(
  exchange: Exchange,
  verdict: Verdict,
  { pin, type = 'full' }: { pin?: string; type?: 'full' | 'archive' } = {},
) {
  const plan = cachePlanOf(exchange)
  if (plan === undefined) return 'no plan'
  const outcome: Outcome = {
    upstream: { type } as Upstream,
    reason: 'first',
    startedMs: 0,
    tookMs: 1,
    pin,
    verdict,
  }
  exchange.relayed = { isRepeatable: true, answer: outcome, outcomes: [outcome], outrun: [] }
  return storedOf(plan, exchange, { answer, nowMs: 0 })
}

describe('an answer is kept', () => {
  const chain = chainAt100()
  const ask = (method: string, ...params: unknown[]) => exchangeOf(chain, method, ...params)
  const balanceAt = (number: number) => ask('eth_getBalance', address, `0x${number.toString(16)}`)

  test('for good where its block cannot be replaced any more', () => {
    expect(keptOf(balanceAt(80), ok())).toEqual({ answer })
    const found = ok({ block: { number: 80, hash: hashOf(80) } })
    expect(keptOf(ask('eth_getTransactionReceipt', '0xaa'), found)).toEqual({ answer })
  })

  test('while its block is canonical where it can be, and only when it is tied to that block', () => {
    const block = { number: 95, hash: hashOf(95) }
    expect(keptOf(balanceAt(95), ok())).toBeUndefined()
    expect(keptOf(balanceAt(95), ok(), { pin: hashOf(95, 'b') })).toBeUndefined()
    expect(keptOf(balanceAt(95), ok(), { pin: hashOf(95) })).toMatchObject({ answer, block })
    const receipt = ask('eth_getTransactionReceipt', '0xaa')
    expect(keptOf(receipt, ok({ block }))).toMatchObject({ answer, block })
    const stray = { number: 95, hash: hashOf(95, 'b') }
    expect(keptOf(receipt, ok({ block: stray, strayed: true }))).toBeUndefined()
    expect(keptOf(receipt, ok({ block: stray }))).toBeUndefined()
  })

  test('not for a block that nobody has seen, for what is pending, or for nothing', () => {
    expect(keptOf(balanceAt(101), ok())).toBe('no plan')
    expect(keptOf(ask('eth_getBalance', address, 'pending'), ok())).toBe('no plan')
    expect(keptOf(ask('eth_getTransactionByHash', '0xaa'), ok({ pending: true }))).toBeUndefined()
    const missing = ok({ result: null, resultJson: 'null' })
    expect(keptOf(ask('eth_getBlockByNumber', '0x10', false), missing)).toBeUndefined()
    expect(keptOf(ask('eth_getTransactionReceipt', '0xaa'), missing)).toBeUndefined()
    expect(keptOf(ask('eth_getUncleByBlockNumberAndIndex', '0x10', '0x0'), missing)).toBeUndefined()
  })

  test('that there is nothing, only from an archive or for a block named by its hash', () => {
    const empty = ok({ result: [], resultJson: '[]' })
    const receipts = ask('eth_getBlockReceipts', '0x10')
    expect(keptOf(receipts, empty)).toBeUndefined()
    expect(keptOf(receipts, empty, { type: 'archive' })).toEqual({ answer })
    const logs = ask('eth_getLogs', { fromBlock: '0x5f', toBlock: '0x5f' })
    expect(keptOf(logs, empty)).toBeUndefined()
    expect(keptOf(logs, empty, { pin: hashOf(95) })).toMatchObject({ block: { number: 95 } })
    const byHash = ask('eth_getLogs', { blockHash: hashOf(95) })
    expect(keptOf(byHash, empty, { type: 'archive' })).toBeUndefined()
  })

  test('for a moment where it changes with the head, which is part of its key', () => {
    expect(keptOf(ask('eth_gasPrice'), ok())).toEqual({ answer, untilMs: 1_000 })
    const later = { ...ask('eth_gasPrice'), headBlock: 101 }
    expect(cachePlanOf(later)?.key).not.toBe(cachePlanOf(ask('eth_gasPrice'))?.key)
  })

  test('never of a write or of a method nobody knows', () => {
    for (const method of ['eth_sendRawTransaction', 'eth_inventedTomorrow', 'txpool_content']) {
      expect(keptOf(ask(method, '0x10'), ok())).toBe('no plan')
    }
  })

  test('when it is an error, by the table of errors', () => {
    const failed = (cache: ErrorClass['cache']): Verdict => ({
      kind: 'failed',
      error: {
        class: 'ANY',
        known: true,
        facts: {
          failure: 'EXECUTION_REVERTED',
          elsewhere: 'never',
          later: 'no',
          score: 'success',
          learn: 'nothing',
          cache,
          native: true,
        },
      },
      reply: { kind: 'error', status: 200, code: 3, message: 'reverted', dataJson: undefined },
      sent: true,
    })
    const call = (number: number) => ask('eth_call', { to: address }, `0x${number.toString(16)}`)
    expect(keptOf(call(80), failed('likeResult'))).toEqual({ answer })
    expect(keptOf(call(95), failed('likeResult'))).toBeUndefined()
    expect(keptOf(call(95), failed('likeResult'), { pin: hashOf(95) })).toMatchObject({
      block: { number: 95 },
    })
    expect(keptOf(call(80), failed('never'))).toBeUndefined()
    expect(keptOf(call(80), failed('minutes'))).toEqual({ answer, untilMs: 60_000 })
  })

  test('not when the chain started anew while it was asked for', () => {
    const own = chainAt100()
    const exchange = exchangeOf(own, 'eth_getBalance', address, '0x10')
    const plan = cachePlanOf(exchange)
    own.replaced([{ number: 85, hash: hashOf(85) }])
    exchange.relayed = undefined
    expect(plan).toBeDefined()
    expect(keptOf(exchange, ok())).toBe('no plan')
  })
})

describe('what was kept holds', () => {
  const chain = chainAt100()
  const exchange = exchangeOf(chain, 'eth_getBalance', address, '0x5f')

  test('while its block is canonical and not final, and until its time', () => {
    const block = { number: 95, hash: hashOf(95) }
    expect(holds({ answer, block, untilMs: 10 }, exchange, 9)).toBe(true)
    expect(holds({ answer, block, untilMs: 10 }, exchange, 10)).toBe(false)
    const orphan = { number: 95, hash: hashOf(95, 'b') }
    expect(holds({ answer, block: orphan, untilMs: 10 }, exchange, 0)).toBe(false)
    // Asked again once it is final: it may have gained what its hash does not cover.
    const final = { number: 79, hash: hashOf(79) }
    expect(holds({ answer, block: final, untilMs: 10 }, exchange, 0)).toBe(false)
  })

  test('for good when nothing can change it', () => {
    expect(holds({ answer }, exchange, Number.MAX_SAFE_INTEGER)).toBe(true)
  })
})
