import { describe, expect, test } from 'bun:test'
import { evmMethods, policyOf } from '@mooring/chains/families/evm/methods'
import type { BlockNeed, ErrorClass, MethodPolicy } from '@mooring/chains/family'
import fc from 'fast-check'
import type { Upstream } from '../upstreams/upstream.ts'
import type { Outcome } from './outcome.ts'
import {
  bestOf,
  decide,
  hedgeAfterMs,
  mayHedge,
  mayRepeat,
  mayShare,
  mayTryAnother,
} from './rules.ts'

const anyMethod = fc.oneof(fc.constantFrom(...Object.keys(evmMethods)), fc.string())

const facts: fc.Arbitrary<ErrorClass> = fc.record({
  failure: fc.constantFrom('UPSTREAM_FAILED', 'EXECUTION_REVERTED'),
  elsewhere: fc.constantFrom('always', 'once', 'ifBehind', 'never'),
  later: fc.constant('no'),
  score: fc.constantFrom('success', 'neutral', 'minor', 'major'),
  learn: fc.constant('nothing'),
  cache: fc.constant('never'),
  native: fc.boolean(),
})

const outcome: fc.Arbitrary<Outcome> = fc
  .record({
    facts,
    sent: fc.boolean(),
    headBlock: fc.nat(20),
    result: fc.constantFrom(null, '0x1'),
  })
  .chain(({ facts, sent, headBlock, result }) =>
    fc.constantFrom(
      outcomeOf(headBlock, {
        kind: 'ok',
        result,
        resultJson: JSON.stringify(result),
        block: undefined,
        pending: false,
        strayed: false,
      }),
      outcomeOf(headBlock, {
        kind: 'failed',
        error: { class: 'ANY', facts, known: true },
        reply: { kind: 'transport', fault: 'lost' },
        sent,
      }),
    ),
  )

function outcomeOf(headBlock: number, verdict: Outcome['verdict']): Outcome {
  // The rules look at nothing else of an upstream.
  const upstream = { headBlock } as Upstream
  return { upstream, reason: 'first', startedMs: 0, tookMs: 1, verdict }
}

describe('the policy of any method', () => {
  test('a write is never hedged, shared or cached', () => {
    fc.assert(
      fc.property(anyMethod, (method) => {
        const policy = policyOf(method)
        if (policy.effect !== 'write') return
        expect(mayHedge(policy)).toBe(false)
        expect(mayShare(policy)).toBe(false)
        expect(policy.cache).toBe('never')
        expect(mayRepeat(policy)).toBe(policy.idempotent)
      }),
    )
  })

  test('a write whose repetition could change something ends with the attempt that may have arrived', () => {
    fc.assert(
      fc.property(
        anyMethod,
        outcome,
        fc.array(outcome, { maxLength: 2 }),
        (method, last, earlier) => {
          const policy = policyOf(method)
          if (policy.effect !== 'write' || policy.idempotent) return
          if (last.verdict.kind === 'failed' && !last.verdict.sent) return
          expect(
            decide(last, earlier, {
              policy,
              isRepeatable: mayRepeat(policy),
              need: { kind: 'none' },
              head: 10,
            }),
          ).toBe('final')
        },
      ),
    )
  })

  test('nothing but reads and idempotent writes is ever repeated', () => {
    for (const [method, policy] of Object.entries(evmMethods)) {
      const repeatable = policy.effect === 'read' || policy.idempotent
      expect([method, mayRepeat(policyOf(method))]).toEqual([method, repeatable])
    }
  })
})

describe('what follows from an outcome', () => {
  const read: MethodPolicy = policyOf('eth_getTransactionByHash')
  const need: BlockNeed = { kind: 'hash' }

  test('a result is final, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 2 }), (earlier) => {
        const ok = outcomeOf(10, {
          kind: 'ok',
          result: '0x1',
          resultJson: '"0x1"',
          block: undefined,
          pending: false,
          strayed: false,
        })
        expect(decide(ok, earlier, { policy: read, isRepeatable: true, need, head: 10 })).toBe(
          'final',
        )
      }),
    )
  })

  test('a transaction that is in no block yet is asked elsewhere only where the node lags', () => {
    const pending = (headBlock: number) =>
      outcomeOf(headBlock, {
        kind: 'ok',
        result: { blockNumber: null },
        resultJson: '{"blockNumber":null}',
        block: undefined,
        pending: true,
        strayed: false,
      })
    const context = { policy: read, isRepeatable: true, need, head: 10 }
    expect(decide(pending(9), [], context)).toBe('ask elsewhere')
    expect(decide(pending(10), [pending(9)], context)).toBe('final')
  })

  test('what one node found goes before what others did not', () => {
    const found = outcomeOf(9, {
      kind: 'ok',
      result: { blockNumber: null },
      resultJson: '{"blockNumber":null}',
      block: undefined,
      pending: true,
      strayed: false,
    })
    const nothing = outcomeOf(10, {
      kind: 'ok',
      result: null,
      resultJson: 'null',
      block: undefined,
      pending: false,
      strayed: false,
    })
    expect(bestOf([nothing, found])).toBe(found)
    expect(bestOf([nothing])).toBe(nothing)
  })

  test('an error that is final for its class stays so', () => {
    fc.assert(
      fc.property(outcome, fc.array(outcome, { maxLength: 2 }), (last, earlier) => {
        if (last.verdict.kind === 'ok' || last.verdict.error.facts.elsewhere !== 'never') return
        expect(decide(last, earlier, { policy: read, isRepeatable: true, need, head: 10 })).toBe(
          'final',
        )
      }),
    )
  })

  test('an error that a lagging node may be wrong about is asked elsewhere only while it lags', () => {
    const verdict = (elsewhere: ErrorClass['elsewhere']): Outcome['verdict'] => ({
      kind: 'failed',
      error: {
        class: 'FUNDS',
        known: true,
        facts: {
          failure: 'TRANSACTION_REJECTED',
          elsewhere,
          later: 'no',
          score: 'neutral',
          learn: 'nothing',
          cache: 'never',
          native: true,
        },
      },
      reply: { kind: 'transport', fault: 'lost' },
      sent: true,
    })
    const context = { policy: read, isRepeatable: true, need, head: 10 }
    expect(decide(outcomeOf(9, verdict('ifBehind')), [], context)).toBe('ask elsewhere')
    expect(decide(outcomeOf(10, verdict('ifBehind')), [], context)).toBe('final')
    const once = outcomeOf(10, verdict('once'))
    expect(decide(once, [], context)).toBe('ask elsewhere')
    expect(decide(once, [once], context)).toBe('final')
  })

  test('of several without a decisive one the most telling is answered', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 3 }), (outcomes) => {
        const best = bestOf(outcomes)
        expect(best !== undefined && outcomes.includes(best)).toBe(true)
        if (outcomes.some(({ verdict }) => verdict.kind === 'ok')) {
          expect(best?.verdict.kind).toBe('ok')
        }
      }),
    )
  })
})

describe('how many upstreams one request may cost', () => {
  const ended = (sent: boolean) =>
    outcomeOf(10, {
      kind: 'failed',
      error: { class: 'ANY', facts: bad, known: true },
      reply: { kind: 'transport', fault: 'lost' },
      sent,
    })
  const bad: ErrorClass = {
    failure: 'UPSTREAM_FAILED',
    elsewhere: 'always',
    later: 'no',
    score: 'major',
    learn: 'nothing',
    cache: 'never',
    native: false,
  }
  const list = (sent: number, unsent: number) => [
    ...Array.from({ length: sent }, () => ended(true)),
    ...Array.from({ length: unsent }, () => ended(false)),
  ]

  test('three that it was sent to, whether they have answered or not', () => {
    expect(mayTryAnother(list(2, 0), 0)).toBe(true)
    expect(mayTryAnother(list(3, 0), 0)).toBe(false)
    expect(mayTryAnother(list(2, 0), 1)).toBe(false)
  })

  test('and some that could not be reached', () => {
    expect(mayTryAnother(list(2, 3), 0)).toBe(true)
    expect(mayTryAnother(list(0, 5), 0)).toBe(true)
    expect(mayTryAnother(list(0, 6), 0)).toBe(false)
    expect(mayTryAnother(list(3, 1), 0)).toBe(false)
  })
})

test('a hedge waits for the usual answer time, and never less than its minimum', () => {
  expect(hedgeAfterMs(400, 3_000)).toBe(400)
  expect(hedgeAfterMs(2, 3_000)).toBe(50)
  expect(hedgeAfterMs(undefined, 3_000)).toBe(450)
})
