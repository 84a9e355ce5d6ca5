import { expect, test } from 'bun:test'
import { createTally, tallyAnswer } from '../upstreams/work-tally.ts'
import { WorkBook } from './work-book.ts'

function opened() {
  const book = new WorkBook()
  const work = createTally()
  const end = book.watch({ work, chain: 'eth', node: () => '7' })
  const relay = (credits: number, tookMs = 10) => {
    work.asked++
    tallyAnswer(work, tookMs)
    work.credits += credits
  }
  return { book, work, end, relay }
}

test('what an upstream did counts to the epoch that it was when it was taken', () => {
  const { book, work, relay } = opened()
  relay(200)
  book.take('5')
  relay(300, 2_001)
  work.asked++
  work.failed++
  book.take('5')
  relay(100)
  book.take('6')
  expect(book.grown(9)).toEqual([
    {
      epoch: '5',
      node: '7',
      chain: 'eth',
      asked: 3,
      answered: 2,
      failed: 1,
      late: 1,
      credits: 500,
    },
    {
      epoch: '6',
      node: '7',
      chain: 'eth',
      asked: 1,
      answered: 1,
      failed: 0,
      late: 0,
      credits: 100,
    },
  ])
})

test('a failure that is seen in the next epoch makes no line with more failures than relays', () => {
  const { book, work, relay } = opened()
  work.asked++
  book.take('5')
  work.failed++
  book.take('6')
  expect(book.grown(9)).toMatchObject([
    { epoch: '5', asked: 1, failed: 0 },
    { epoch: '6', asked: 0, failed: 0 },
  ])
  relay(100)
  work.asked++
  book.take('6')
  expect(book.grown(9)).toMatchObject([{ epoch: '5' }, { asked: 2, answered: 1, failed: 1 }])
})

test('two upstreams of one node and one chain are one line', () => {
  const { book, relay } = opened()
  const other = createTally()
  book.watch({ work: other, chain: 'eth', node: () => '7' })
  relay(200)
  Object.assign(other, { asked: 2, answered: 2, credits: 50 })
  book.take('5')
  expect(book.grown(9)).toMatchObject([{ asked: 3, answered: 3, credits: 250 }])
})

test('a line that is told is told again once it has grown, and not before', () => {
  const { book, relay } = opened()
  relay(200)
  book.take('5')
  const lines = book.grown(9)
  relay(200)
  book.take('5')
  book.told(lines)
  expect(book.grown(9)).toMatchObject([{ asked: 2, credits: 400 }])
  book.told(book.grown(9))
  book.take('5')
  expect(book.grown(9)).toEqual([])
})

test('what was counted until an upstream was left is not lost, and nothing is once it has gone', () => {
  const { book, end, relay } = opened()
  relay(200)
  end()
  book.take('5')
  relay(100)
  book.take('5')
  expect(book.grown(9)).toMatchObject([{ asked: 1, credits: 200 }])
})

test('an epoch whose books are closed is forgotten', () => {
  const { book, relay } = opened()
  relay(200)
  book.take('5')
  book.forgetBefore(6n)
  expect(book.grown(9)).toEqual([])
})
