import { describe, expect, test } from 'bun:test'
import { createPublicClient, custom, HttpRequestError } from 'viem'
import { FinalBlock } from './final-block.ts'

/** A node at block 100 that answers so when it is asked for the final one. */
function finalBlockOf(answer: () => unknown): FinalBlock {
  const transport = custom(
    {
      async request({ method }: { method: string }) {
        return method === 'eth_blockNumber' ? '0x64' : answer()
      },
    },
    { retryCount: 0 },
  )
  return new FinalBlock({ reader: createPublicClient({ transport, cacheTime: 0 }) }, 30)
}

const refuse = () => {
  throw Object.assign(new Error('unknown block'), { code: -39_001 })
}
const fall = () => {
  throw new HttpRequestError({ url: 'http://node', status: 502 })
}

describe('the final block', () => {
  test('is the one that the chain calls so, or so deep where it knows none', async () => {
    expect(await finalBlockOf(() => ({ number: '0x32' })).number()).toBe(50n)
    expect(await finalBlockOf(refuse).number()).toBe(70n)
    expect(await finalBlockOf(() => null).number()).toBe(70n)
  })

  test('is not guessed when the node is silent, nor on a chain that has told it before', async () => {
    expect(finalBlockOf(fall).number()).rejects.toThrow('HTTP request failed')
    let answer: () => unknown = () => ({ number: '0x32' })
    const final = finalBlockOf(() => answer())
    expect(await final.number()).toBe(50n)
    answer = refuse
    expect(final.number()).rejects.toThrow('unknown block')
  })
})
