import { describe, expect, test } from 'bun:test'
import { familyOf } from '@mooring/chains/families'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { answerData } from '@mooring/onchain/relay-statements'
import { answerHeader, parseAnswerHeader } from '@mooring/protocol/relays/answers'
import { generatePrivateKey } from 'viem/accounts'
import { type SignableRequest, verifiedAnswer } from './signed-answer.ts'

const domain = { chainId: 31_337, registry: `0x${'e5'.repeat(20)}` } as const
const key = createDigestSigner(generatePrivateKey())
const stranger = createDigestSigner(generatePrivateKey())
const node = { nodeId: 7n, signer: key.address, domain }
const hash = `0x${'ab'.repeat(32)}` as const
const other = `0x${'cd'.repeat(32)}` as const
const method = 'eth_getBalance'

function asked(account: string, blockHash: string | undefined = hash): SignableRequest {
  const request = { id: 1, method, params: [account, '0x10'] }
  const signable = familyOf('evm').signableOf(request)
  if (signable === undefined) throw new Error('it is not signable')
  return { method, chainId: 1, signable, blockHash }
}

const request = asked(`0x${'11'.repeat(20)}`)
const result = '0x5'

function headerOf({
  by = key,
  nodeId = 7n,
  chainId = 1n,
  blockHash = hash as string,
  of = request,
  says = result,
} = {}) {
  const read = of.signable.read(says)
  if (read === undefined) throw new Error('it has no value')
  const { params } = of.signable
  const statement = { blockHash: blockHash as typeof hash, method, params, value: read.value }
  const { digest } = answerData(domain, { ...statement, nodeId, chainId })
  const words = { nodeId: String(nodeId), chainId: String(chainId) }
  return answerHeader({ ...words, ...statement, signature: by.sign(digest) })
}

const verified = (header: string, given: SignableRequest = request, said: unknown = result) =>
  verifiedAnswer(header, { node, asked: given, result: said })

describe('a signed answer is passed on', () => {
  test('where the node has signed what it has answered', () => {
    expect(verified(headerOf())).toBe(headerOf())
  })

  test('of a block that the gateway has never seen', () => {
    const unseen = { ...request, blockHash: undefined }
    expect(verified(headerOf({ blockHash: other }), unseen)).toBeString()
  })

  test('with nothing in it but what was signed', () => {
    const padded = btoa(JSON.stringify({ ...parseAnswerHeader(headerOf()), more: 'words' }))
    expect(verified(padded)).toBe(headerOf())
  })
})

describe('a signed answer is not passed on', () => {
  test.each([
    ['by another key', headerOf({ by: stranger })],
    ['for another node', headerOf({ nodeId: 8n })],
    ['for another chain', headerOf({ chainId: 2n })],
    ['for another block', headerOf({ blockHash: other })],
    ['for another account', headerOf({ of: asked(`0x${'22'.repeat(20)}`) })],
    ['for another value', headerOf({ says: '0x6' })],
    ['in another form', 'e30='],
  ])('%s', (_how, header) => {
    expect(verified(header)).toBeUndefined()
  })

  test('beside a result that has no value', () => {
    expect(verified(headerOf(), request, null)).toBeUndefined()
  })
})
