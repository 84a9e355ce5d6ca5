import { expect, test } from 'bun:test'
import type { RpcAnswer } from '../exchange.ts'
import { MemoryStore } from './answer-store.ts'

const answer = (resultJson: string): RpcAnswer => ({ kind: 'result', resultJson })
const block = (hash: string) => ({ number: 1, hash })

test('answers of blocks that were replaced are dropped, and no others', () => {
  const store = new MemoryStore(1_000_000)
  store.put('one', { answer: answer('1'), block: block('0xa') })
  store.put('two', { answer: answer('2'), block: block('0xa') })
  store.put('three', { answer: answer('3'), block: block('0xb') })
  store.put('four', { answer: answer('4') })
  // What stood under the key before was of another block.
  store.put('two', { answer: answer('5'), block: block('0xb') })
  store.dropBlocks(['0xa', '0xc'])
  expect(['one', 'two', 'three', 'four'].map((key) => store.get(key)?.answer)).toEqual([
    undefined,
    answer('5'),
    answer('3'),
    answer('4'),
  ])
  store.dropBlocks(['0xb'])
  expect(store.entries).toBe(1)
})

test('memory is bounded: what was not asked for longest goes, and what is too large is not taken', () => {
  const bytesMax = 100_000
  const store = new MemoryStore(bytesMax)
  for (let at = 0; at < 1_000; at++) {
    store.put(`key ${at}`, { answer: answer('x'.repeat(1_000)), block: block(`0x${at}`) })
    store.get('key 0')
    expect(store.bytes).toBeLessThanOrEqual(bytesMax)
  }
  expect(store.get('key 0')).toBeDefined()
  expect(store.get('key 1')).toBeUndefined()
  expect(store.get('key 999')).toBeDefined()
  store.put('large', { answer: answer('x'.repeat(50_000)) })
  expect(store.get('large')).toBeUndefined()
  // Nothing is left of what went before its block did.
  store.dropBlocks(['0x1', '0x999'])
  expect(store.get('key 999')).toBeUndefined()
})
