import { beforeAll, describe, expect, test } from 'bun:test'
import type { Keccak } from '@mooring/market/settlement/bytes'
import { keccak as plainKeccak } from '@mooring/market/settlement/epoch.fixtures'
import { receiptDigests } from '@mooring/market/settlement/receipts'
import type { EpochInputs } from '@mooring/market/settlement/settle-epoch'
import fc from 'fast-check'
import { hashTypedData, toHex } from 'viem'
import { keyNumber, receiptData, signedInputs, signReceipt } from './epoch.fixtures.ts'
import { openKeccak } from './keccak.ts'
import { wrongSignatures } from './receipt-statement.ts'

let inputs: EpochInputs
let keccak: Keccak

beforeAll(async () => {
  inputs = await signedInputs()
  keccak = await openKeccak()
})

test('keccak256 of the library is that of the other one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(toHex(keccak(bytes))).toBe(toHex(plainKeccak(bytes)))
    }),
  )
  // What was given out before stays what it was.
  const [one, other] = [keccak(Uint8Array.of(1)), keccak(Uint8Array.of(2))]
  expect(toHex(one)).not.toBe(toHex(other))
})

test('both sides sign what wallets call the same typed data', () => {
  const digestOf = receiptDigests(inputs.deployment, keccak)
  for (const receipt of inputs.receipts) {
    expect(toHex(digestOf(receipt))).toBe(hashTypedData(receiptData(inputs.deployment, receipt)))
  }
})

describe('signatures of receipts', () => {
  test('of their gateways and nodes are taken', async () => {
    expect(await wrongSignatures(inputs, { keccak })).toEqual([])
  })

  test('of anybody else, of nobody, and over anything else are told by their place', async () => {
    const [first, ...others] = inputs.receipts
    if (first === undefined) throw new Error('there are receipts')
    const stranger = keyNumber(9)
    const byStranger = await signReceipt(inputs.deployment, first, {
      gateway: stranger,
      node: stranger,
    })
    const cases = [
      [byStranger, 'gatewaySignature', 'nodeSignature'],
      [{ ...first, nodeSignature: first.gatewaySignature }, 'nodeSignature'],
      [{ ...first, gatewaySignature: `0x${'00'.repeat(65)}` as const }, 'gatewaySignature'],
      [{ ...first, creditsSum: first.creditsSum + 1n }, 'gatewaySignature', 'nodeSignature'],
    ] as const
    for (const [receipt, ...members] of cases) {
      const wrong = await wrongSignatures({ ...inputs, receipts: [receipt, ...others] }, { keccak })
      expect(wrong.map(({ path }) => path)).toEqual(
        members.map((member) => `data.receipts[0].${member}`),
      )
    }
  })

  test('for another deployment are none of this one', async () => {
    const elsewhere = { ...inputs.deployment, chainId: 1 }
    const wrong = await wrongSignatures({ ...inputs, deployment: elsewhere }, { keccak })
    expect(wrong).toHaveLength(2 * inputs.receipts.length)
  })
})
