import { describe, expect, test } from 'bun:test'
import { UnreadableFile } from './canonical-file.ts'
import { type ChargeFile, encodeChargeFile, parseChargeFile } from './charge-file.ts'
import { addressOf, hashOf, keccak } from './epoch.fixtures.ts'
import { chargeTree } from './plain-tree.ts'

const file: ChargeFile = {
  version: 1,
  deployment: { chainId: 31_337, escrow: addressOf(0xe5) },
  ...{ asset: 'ankr', rootId: 7n, periodEnd: 1_800_000_000n },
  state: { block: 12n, hash: hashOf(0xb1) },
  previous: hashOf(0xf1),
  leaves: [
    { account: addressOf(1), life: 0, total: 40n },
    { account: addressOf(2), life: 3, total: 2n ** 127n },
  ],
}
const { text, roots } = encodeChargeFile(file, keccak)
const parse = (given: string) => parseChargeFile(new TextEncoder().encode(given), keccak)

describe('a charge file', () => {
  test('is read back as what was written, with the root that the contract checks', () => {
    expect(parse(text)).toEqual({ file, roots })
    expect(roots.root).toBe(chargeTree(file.leaves, keccak).root)
  })

  test('has another hash, or is refused, when any byte is another', () => {
    const bytes = new TextEncoder().encode(text)
    for (const at of bytes.keys()) {
      const other = bytes.with(at, (bytes[at] ?? 0) ^ 1)
      try {
        expect(parseChargeFile(other, keccak).roots.dataHash).not.toBe(roots.dataHash)
      } catch (error) {
        if (!(error instanceof UnreadableFile)) throw error
      }
    }
  })

  test.each([
    ['{', 'not JSON'],
    [text.replace('"version":1', '"version":2'), 'version is 2, not 1'],
    [text.replace('"rootId":"7"', '"rootId":7'), 'rootId is 7'],
    [text.replace('"rootId":"7"', '"rootId": "7"'), 'its only form'],
    [text.replace('"total":"40"', '"total":"-40"'), 'leaves[0].total is "-40"'],
    [text.replace('"total":"40"', '"total":"40","x":1'), 'leaves[0].x is 1, not absent'],
    [text.replace(addressOf(1), addressOf(2)), 'leaves[1] is'],
    [text.replace('"asset":"ankr"', '"asset":"eur"'), 'asset is "eur"'],
  ])('%# that says something else is told by its place', (given, says) => {
    expect(() => parse(given)).toThrow(says)
  })

  test('of no leaves is none', () => {
    expect(() => encodeChargeFile({ ...file, leaves: [] }, keccak)).toThrow('a list of 1 to')
  })
})
