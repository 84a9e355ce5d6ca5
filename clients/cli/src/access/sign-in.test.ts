import { describe, expect, test } from 'bun:test'
import { parseSiweMessage } from 'viem/siwe'
import type { Context } from '../context.ts'
import { signIn } from './sign-in.ts'

const address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const accounts = 'https://accounts.example.org'
const nonce = {
  ...{ nonce: 'abcdefgh12345678', expiresAt: 1, chainId: 31_337 },
  ...{ domain: 'accounts.example.org', uri: accounts },
}
const signedIn = { token: 'secret', csrf: 'x', session: { wallet: 'eip155:1:0x', endsAt: 9 } }

/** What a service answers, and what a wallet was asked to sign meanwhile. */
async function tryWith(given: Record<string, unknown>) {
  const signed: string[] = []
  const asked: string[] = []
  const context = {
    fetch: async (url: string) => {
      asked.push(url)
      return Response.json(url.endsWith('/nonce') ? { ...nonce, ...given } : signedIn)
    },
  } as unknown as Context
  const wallet = {
    address,
    signMessage: async ({ message }: { message: unknown }) => {
      signed.push(String(message))
      return '0x00' as const
    },
  } as const
  const session = await signIn(context, accounts, wallet).catch((error: Error) => error)
  return { session, signed, asked }
}

test('what is signed names the service, the account and the nonce', async () => {
  const { session, signed } = await tryWith({})
  expect(session).toEqual({ accounts, token: 'secret', account: 'eip155:1:0x', endsAt: 9 })
  expect(parseSiweMessage(signed[0] ?? '')).toMatchObject({
    ...{ address, chainId: 31_337, nonce: nonce.nonce, version: '1' },
    ...{ domain: 'accounts.example.org', uri: accounts },
  })
})

describe('nothing is signed for a service', () => {
  test.each<[string, Record<string, unknown>]>([
    ['that names another domain', { domain: 'accounts.other.org' }],
    ['that names another address', { uri: 'https://accounts.other.org' }],
    ['that names the same host without TLS', { uri: 'http://accounts.example.org' }],
    ['that names another port', { domain: 'accounts.example.org:81' }],
    ['whose nonce would be a line of its own', { nonce: 'abcdefgh\nResources:' }],
    ['whose chain is none', { chainId: 0 }],
    ['that says nothing', { nonce: undefined }],
    ['whose address is none', { uri: 'accounts' }],
  ])('%s', async (_what, given) => {
    const { session, signed, asked } = await tryWith(given)
    expect(session).toBeInstanceOf(Error)
    expect(signed).toEqual([])
    expect(asked).toHaveLength(1)
  })
})
