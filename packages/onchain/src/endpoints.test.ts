import { describe, expect, test } from 'bun:test'
import { privateKeyToAccount } from 'viem/accounts'
import type { Deployment } from './deployment.ts'
import { endpointProblem, endpointUrlOf, urlForChain, urlHashOf } from './endpoints.ts'
import { endpointData } from './signed.ts'

const registry = `0x${'11'.repeat(20)}` as const
// Only what is signed for is looked at.
const deployment = { chainId: 1, parts: { registry } } as unknown as Deployment
const key = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const other = privateKeyToAccount(`0x${'33'.repeat(32)}`)
const url = 'https://node.example/{chain}'
const onChain = { signingKey: key.address, urlHash: urlHashOf(url) }
const how = { agent: true, community: false }
const sign = (nodeId: bigint, signedUrl = url, signer = key, for_ = deployment) =>
  signer.signTypedData(endpointData(for_, { nodeId, url: signedUrl, ...how }))

describe('the URL of a node', () => {
  test.each([
    ['https://node.example', 'https://node.example/'],
    ['HTTPS://Node.Example:443/rpc', 'https://node.example/rpc'],
    ['https://node.example/{chain}', 'https://node.example/{chain}'],
    ['https://node.example/?on={chain}', 'https://node.example/?on={chain}'],
    ['https://{chain}.example', 'https://{chain}.example/'],
    ['wss://node.example', 'wss://node.example/'],
  ])('%s is signed as %s', (text, signed) => {
    expect(endpointUrlOf(text)).toBe(signed)
    // It is the one form: what is signed is signed the same again.
    expect(endpointUrlOf(signed)).toBe(signed)
  })

  test.each(['node.example', 'ftp://node.example', 'https://', ''])('is not %p', (text) => {
    expect(endpointUrlOf(text)).toBeUndefined()
  })

  test('has a place for the name of the chain that is asked, or serves them all at one', () => {
    expect(urlForChain(url, 'eth')).toBe('https://node.example/eth')
    expect(urlForChain('https://node.example/', 'eth')).toBe('https://node.example/')
  })
})

describe('a signed endpoint', () => {
  test('is the node’s where its key has signed the URL that the chain has the hash of', async () => {
    const endpoint = { nodeId: 7n, url, ...how, signature: await sign(7n) }
    expect(await endpointProblem(deployment, endpoint, onChain)).toBeUndefined()
  })

  test.each([{ agent: false }, { community: true }])(
    'is nobody’s where the document says %p and the key has not',
    async (changes) => {
      const endpoint = { nodeId: 7n, url, ...how, ...changes, signature: await sign(7n) }
      expect(await endpointProblem(deployment, endpoint, onChain)).toContain('signature')
    },
  )

  test('is nobody’s for another URL', async () => {
    const elsewhere = 'https://other.example/'
    const signature = await sign(7n, elsewhere)
    const endpoint = { nodeId: 7n, url: elsewhere, ...how, signature }
    expect(await endpointProblem(deployment, endpoint, onChain)).toContain('another hash')
  })

  const elsewhere = {
    ...deployment,
    parts: { ...deployment.parts, registry: `0x${'44'.repeat(20)}` },
  } as const
  test.each([
    ['by another key', () => sign(7n, url, other)],
    ['for another node', () => sign(8n)],
    ['for another URL', () => sign(7n, 'https://other.example/')],
    ['for another registry', () => sign(7n, url, key, elsewhere)],
    ['for another chain', () => sign(7n, url, key, { ...deployment, chainId: 2 })],
    ['in bytes that are no signature', async () => '0x00' as const],
  ])('is nobody’s when it is signed %s', async (_how, signed) => {
    const endpoint = { nodeId: 7n, url, ...how, signature: await signed() }
    expect(await endpointProblem(deployment, endpoint, onChain)).toContain('signature')
  })
})
