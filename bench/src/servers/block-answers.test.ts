import { expect, test } from 'bun:test'
import { BlockAnswer, fullBlock, headDigits, lightBlock } from './block-answers.ts'

const blockOf = (bytes: Buffer) => {
  const [head = '', body = ''] = bytes.toString('latin1').split('\r\n\r\n')
  expect(head).toContain(`Content-Length: ${body.length}`)
  return JSON.parse(body).result
}

test('an answer holds the block that was asked for, and its parent', () => {
  const answer = new BlockAnswer(lightBlock(), 7)
  const block = blockOf(answer.bytesFor('1000a00', '1234567'))
  expect(block.number).toBe('0x1000a00')
  expect(block.hash).toMatch(/^0x[0-9a-f]{64}$/)
  expect(blockOf(answer.bytesFor('10009ff', '1234567')).hash).toBe(block.parentHash)
  expect(blockOf(answer.bytesFor(headDigits, '1234567')).number).toBe('0xfffffff')
})

test('the answers have the sizes they are named after', () => {
  const light = new BlockAnswer(lightBlock(), 7).bodyBytes
  const full = new BlockAnswer(fullBlock(), 7).bodyBytes
  expect(Math.abs(light - 1_100)).toBeLessThan(200)
  expect(Math.abs(full - 51_200)).toBeLessThan(2_000)
})

test('the transactions of a block stand in it', () => {
  const block = blockOf(new BlockAnswer(fullBlock(), 7).bytesFor('2345678', '1234567'))
  expect(block.transactions.at(-1)).toMatchObject({
    blockNumber: '0x2345678',
    blockHash: block.hash,
  })
})

test('an answer carries the id it was asked with, of as many digits as it was made for', () => {
  const idOf = (bytes: Buffer) => JSON.parse(bytes.toString('latin1').split('\r\n\r\n')[1] ?? '').id
  expect(idOf(new BlockAnswer(lightBlock(), 7).bytesFor('1000a00', '1000007'))).toBe(1_000_007)
  expect(idOf(new BlockAnswer(lightBlock(), 1).bytesFor('1000a00', '1'))).toBe(1)
})
