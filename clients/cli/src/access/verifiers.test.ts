import { describe, expect, test } from 'bun:test'
import { deadUrl, serveJson } from '../context.fixtures.ts'
import type { Context } from '../context.ts'
import { greet, verifierUrls } from './verifiers.ts'

const context = {
  ...{ env: {}, cwd: '/', repository: undefined },
  fetch: (url: string, init: RequestInit) => fetch(url, init),
} as unknown as Context

describe('where verifiers are', () => {
  test('is what was said, and else what the environment says', () => {
    const env = { MOORING_VERIFIERS: 'https://a.example.org/' }
    const named = { verifiers: 'http://b:1, http://c:2/path/' }
    expect(verifierUrls({ ...context, env }, named)).toEqual(['http://b:1', 'http://c:2/path'])
    expect(verifierUrls({ ...context, env }, {})).toEqual(['https://a.example.org'])
  })

  test.each([
    ['', 'is not an http:// or https:// URL'],
    ['ftp://a', 'is not an http:// or https:// URL'],
    ['http://a,,http://b', 'is not an http:// or https:// URL'],
    ['http://a?x=1', 'is not an http:// or https:// URL'],
    [Array(33).fill('http://a').join(), 'At most 32'],
  ])('is not %p', (verifiers, says) => {
    expect(() => verifierUrls(context, { verifiers })).toThrow(says)
  })

  test('nobody said', () => {
    expect(() => verifierUrls(context, {})).toThrow('Nobody said where the verifiers are')
  })
})

test('those who answer come first, and one that lies about the depth moves it nowhere', async () => {
  const depthAt = (depthBlocks: unknown) => serveJson({ '/v1/network': { depthBlocks } })
  await using one = depthAt(12)
  await using liar = depthAt(1_000)
  await using other = depthAt(12)
  await using odd = depthAt('many')
  const dead = await deadUrl()
  const urls = [dead, liar.url, odd.url, one.url, other.url]
  expect(await greet(context, urls)).toEqual({
    urls: [liar.url, one.url, other.url, dead, odd.url],
    depthBlocks: 12,
  })
  expect((await greet(context, [dead])).depthBlocks).toBeUndefined()
})
