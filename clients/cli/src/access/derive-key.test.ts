import { expect, test } from 'bun:test'
import { privateKeyToAccount } from 'viem/accounts'
import { deriveMaterial } from './derive-key.ts'

const domain = { chainId: 31_337, ankrEscrow: `0x${'e5'.repeat(20)}` } as const
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)

test('the same wallet gives the same key, and another deployment another', async () => {
  const first = await deriveMaterial(domain, account)
  expect(await deriveMaterial(domain, account)).toEqual(first)
  expect(await deriveMaterial({ ...domain, chainId: 1 }, account)).not.toEqual(first)
})

test('a wallet that signs differently each time is refused', async () => {
  let count = 0
  const odd = {
    address: account.address,
    signTypedData: async () => `0x${(++count).toString(16).padStart(130, '0')}` as const,
  }
  await expect(deriveMaterial(domain, odd)).rejects.toThrow('signs the same text differently')
})
