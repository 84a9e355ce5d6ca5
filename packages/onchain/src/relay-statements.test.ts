import { describe, expect, test } from 'bun:test'
import { receiptDigests } from '@mooring/market/settlement/receipts'
import type { Receipt } from '@mooring/protocol/relays/receipts'
import fc from 'fast-check'
import { bytesToHex, type Hex, hashTypedData, stringToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createDigestSigner, curves, recoverSigner } from './digest-signer.ts'
import { openKeccak } from './keccak.ts'
import { createSessionKey, sessionIdOf, sessionTokenOf } from './relay-sessions.ts'
import {
  answerData,
  type RelayStatement,
  receiptData,
  sessionGrantData,
  sessionOfferData,
} from './relay-statements.ts'

const hexOf = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => bytesToHex(value))
const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const domain = { chainId: 31_337, registry: `0x${'e5'.repeat(20)}` } as const
const [hash, address, uint64] = [hexOf(32), hexOf(20), uint(64)]
const seconds = fc.nat({ max: 2 ** 31 })
const decimal = uint64.map(String)

const statements: Record<string, fc.Arbitrary<RelayStatement>> = {
  SessionOffer: fc
    .record({ nodeId: decimal, gateway: address, key: hash, issuedAt: seconds, nonce: hash })
    .map((offer) => sessionOfferData(domain, offer)),
  SessionGrant: fc
    .record({
      ...{ nodeId: decimal, gateway: address, offered: hash, key: hash, session: hash },
      expiresAt: seconds,
    })
    .map((grant) => sessionGrantData(domain, grant)),
  Receipt: fc
    .record({
      ...{ session: hash, nodeId: uint64, gateway: address, chain: hash, epoch: uint64 },
      ...{ number: uint64, relays: uint64, credits: uint(128), relaysSum: uint64 },
      ...{ creditsSum: uint(128), windowRoot: hash, accumulator: hash, tariff: hash },
    })
    .map((receipt: Receipt) => receiptData(domain, receipt)),
  Answer: fc
    .record({
      ...{ nodeId: uint64, chainId: uint(256), blockHash: hash, method: fc.string() },
      params: fc.uint8Array({ maxLength: 200 }).map((value) => bytesToHex(value)),
      value: fc.uint8Array({ maxLength: 200 }).map((value) => bytesToHex(value)),
    })
    .map((answer) => answerData(domain, answer)),
}

describe.each(Object.entries(statements))('the statement %s', (_name, statement) => {
  test('has the digest that viem makes of it', () => {
    fc.assert(
      fc.property(statement, ({ typedData, digest }) => {
        expect(bytesToHex(digest)).toBe(hashTypedData(typedData as never))
      }),
      { numRuns: 50 },
    )
  })
})

test('a receipt has the digest by which epochs are settled', async () => {
  const digestOf = receiptDigests(domain, await openKeccak())
  fc.assert(
    fc.property(
      statements.Receipt!,
      fc.constantFrom('eth', 'local_one'),
      ({ typedData }, chain) => {
        // The message of such a statement.
        const receipt = { ...typedData.message, chain: stringToHex(chain, { size: 32 }) } as Receipt
        const { digest } = receiptData(domain, receipt)
        expect(bytesToHex(digest)).toBe(bytesToHex(digestOf({ ...receipt, chain })))
      },
    ),
  )
})

describe('a signature of a digest', () => {
  test('is the one that wallets make, by either library', async () => {
    for (let round = 0; round < 5; round++) {
      const key = generatePrivateKey()
      const account = privateKeyToAccount(key)
      const signer = createDigestSigner(key)
      const digest = crypto.getRandomValues(new Uint8Array(32))
      const signature = signer.sign(digest)
      expect(signature).toBe(await account.sign({ hash: bytesToHex(digest) }))
      expect(signer.address).toBe(account.address.toLowerCase() as Hex)
      expect(recoverSigner(digest, signature)).toBe(signer.address)
      const bytes = Uint8Array.fromHex(key.slice(2))
      const [chosen, other] = [curves.chosen, curves.inTypeScript].map((curve) => {
        const made = curve.sign(digest, bytes)
        const publicKey = curve.recover(digest, made.signature, made.recovery)
        return [bytesToHex(made.signature), made.recovery, bytesToHex(publicKey)]
      })
      expect(chosen).toEqual(other!)
    }
  })

  test('is none in its other form, nor when anything else is not as it should be', () => {
    const signer = createDigestSigner(generatePrivateKey())
    const digest = new Uint8Array(32).fill(7)
    const signature = signer.sign(digest)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const s = BigInt(`0x${signature.slice(66, 130)}`)
    const turned = signature.endsWith('1b') ? '1c' : '1b'
    const high = `${signature.slice(0, 66)}${(order - s).toString(16).padStart(64, '0')}${turned}`
    for (const wrong of [high, '0x', `${signature}00`, `${signature.slice(0, -2)}00`]) {
      expect(recoverSigner(digest, wrong as Hex)).toBeUndefined()
    }
    expect(recoverSigner(digest, `0x${'00'.repeat(64)}1b`)).toBeUndefined()
    expect(recoverSigner(new Uint8Array(32).fill(8), signature)).not.toBe(signer.address)
  })
})

test('both ends of a session have the same token, and another one for each session', () => {
  const [gateway, agent] = [createSessionKey(), createSessionKey()]
  const tokens = ['11', '22'].map((byte) => {
    const nonce: Hex = `0x${byte.repeat(32)}`
    const session = sessionIdOf({ offer: { key: gateway.publicKey, nonce }, key: agent.publicKey })
    const one = sessionTokenOf({ own: gateway, other: agent.publicKey, session })
    expect(sessionTokenOf({ own: agent, other: gateway.publicKey, session })).toBe(one)
    expect(one).toMatch(/^[\w-]{43}\.[\w-]{43}$/)
    return one
  })
  expect(tokens[0]).not.toBe(tokens[1]!)
  const session: Hex = `0x${'00'.repeat(32)}`
  expect(() => sessionTokenOf({ own: agent, other: session, session })).toThrow()
})
