import { expect, test } from 'bun:test'
import { BlockAnswer, fullBlock, headDigits, lightBlock } from './block-answers.ts'

const blockOf = (bytes: Buffer) => {
  const [head = '', body = ''] = bytes.toString('latin1').split('\r\n\r\n')
  expect(head).toContain(`Content-Length: ${body.length}`)
  return JSON.parse(body).result
}

test('an answer holds the block that was asked for, and its parent', () => {
  const answer = new BlockAnswer(lightBlock())
  const block = blockOf(answer.bytesFor('1000a00'))
  expect(block.number).toBe('0x1000a00')
  expect(block.hash).toMatch(/^0x[0-9a-f]{64}$/)
  expect(blockOf(answer.bytesFor('10009ff')).hash).toBe(block.parentHash)
  expect(blockOf(answer.bytesFor(headDigits)).number).toBe('0xfffffff')
})

test('the answers have the sizes they are named after', () => {
  const light = new BlockAnswer(lightBlock()).bodyBytes
  const full = new BlockAnswer(fullBlock()).bodyBytes
  expect(Math.abs(light - 1_100)).toBeLessThan(200)
  expect(Math.abs(full - 51_200)).toBeLessThan(2_000)
})

test('the transactions of a block stand in it', () => {
  const block = blockOf(new BlockAnswer(fullBlock()).bytesFor('2345678'))
  expect(block.transactions.at(-1)).toMatchObject({
    blockNumber: '0x2345678',
    blockHash: block.hash,
  })
})
