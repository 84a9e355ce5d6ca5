import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { judgeHead } from './head.ts'

const claim = (provider: string, headBlock: number) => ({ provider, headBlock })

describe('the head of a chain', () => {
  test('is unknown without claims', () => {
    expect(judgeHead([], 2, undefined)).toBeUndefined()
  })

  test('tells how many providers stand behind it', () => {
    const claims = [claim('a', 100), claim('b', 100), claim('c', 9_000)]
    expect(judgeHead(claims, 2, undefined)).toEqual({ headBlock: 100, providers: 2 })
  })

  test('is the claim of the only upstream', () => {
    expect(judgeHead([claim('a', 7)], 2, undefined)?.headBlock).toBe(7)
  })

  test('is the highest block that two providers have reached', () => {
    const claims = [claim('a', 102), claim('a', 102), claim('b', 101), claim('c', 100)]
    expect(judgeHead(claims, 2, undefined)?.headBlock).toBe(101)
  })

  test('does not follow one liar far ahead', () => {
    const claims = [claim('liar', 9_000_000), claim('a', 100), claim('b', 100), claim('c', 99)]
    expect(judgeHead(claims, 2, undefined)?.headBlock).toBe(100)
  })

  test('does not follow one provider with many nodes against two providers', () => {
    const claims = [...Array(9).fill(claim('many', 500)), claim('a', 100), claim('b', 100)]
    expect(judgeHead(claims, 2, undefined)?.headBlock).toBe(100)
  })

  test('of two lonely claims the one near the head judged before is believed', () => {
    expect(judgeHead([claim('a', 101), claim('liar', 5_000)], 2, 100)?.headBlock).toBe(101)
  })

  test('is always claimed by somebody, and a minority of one provider cannot raise it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 100, max: 1_000_000 }),
        (head, lags, ahead) => {
          const honest = lags.map((lag, at) => claim(`p${at}`, head - lag))
          const judged = judgeHead(
            [...honest, claim('liar', head + ahead)],
            3,
            undefined,
          )?.headBlock
          expect(honest.some(({ headBlock }) => headBlock === judged)).toBe(true)
        },
      ),
    )
  })
})
