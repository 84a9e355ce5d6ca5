import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { UnreadableFile } from './canonical-file.ts'
import { addressOf, keccak, smallInputs } from './epoch.fixtures.ts'
import { createEpochFile, encodeEpochFile, parseEpochFile } from './epoch-file.ts'
import { verifyEpoch } from './verify-epoch.ts'

const file = createEpochFile(smallInputs, keccak)
const text = encodeEpochFile(file)
const parse = (given: string) => parseEpochFile(new TextEncoder().encode(given), keccak)

/** Undefined when somebody took the bytes for a good file. */
function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    const { differences } = verifyEpoch(parseEpochFile(bytes, keccak), keccak)
    return differences[0]?.path
  } catch (error) {
    if (error instanceof UnreadableFile) return error.message
    throw error
  }
}

describe('an epoch file', () => {
  test('is read back as what was written', () => {
    const { dataHash, ...read } = parse(text)
    expect(read).toEqual(file)
    expect(dataHash).toBe(file.roots.dataHash)
    expect(refusalOf(new TextEncoder().encode(text))).toBeUndefined()
  })

  test('fails on any single byte that was changed, in every place', () => {
    const bytes = new TextEncoder().encode(text)
    for (let at = 0; at < bytes.length; at++) {
      // A digit becomes a digit, so that most of them are still well formed.
      bytes[at] = (bytes[at] ?? 0) ^ 1
      if (refusalOf(bytes) === undefined) throw new Error(`byte ${at} may be another`)
      bytes[at] = (bytes[at] ?? 0) ^ 1
    }
    expect(refusalOf(bytes)).toBeUndefined()
  }, 60_000)

  test('fails on any other byte in any place', () => {
    const bytes = new TextEncoder().encode(text)
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          expect(refusalOf(bytes.with(at, (bytes[at] ?? 0) ^ flip))).toBeDefined()
        },
      ),
      { numRuns: 1_000 },
    )
  }, 60_000)

  test('of hundreds of accounts fails on a changed byte as well', () => {
    const [example] = smallInputs.charges
    if (example === undefined) throw new Error('there is a charge')
    const charges = Array.from({ length: 300 }, (_, at) => ({
      ...{ ...example, account: addressOf(0x2000 + at), credits: 0n },
      tokens: example.tokens + BigInt(at),
    }))
    const inputs = { ...smallInputs, charges: [...smallInputs.charges.slice(0, 2), ...charges] }
    const last = smallInputs.charges.slice(2)
    const bytes = new TextEncoder().encode(
      encodeEpochFile(
        createEpochFile({ ...inputs, charges: [...inputs.charges, ...last] }, keccak),
      ),
    )
    expect(refusalOf(bytes)).toBeUndefined()
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          expect(refusalOf(bytes.with(at, (bytes[at] ?? 0) ^ flip))).toBeDefined()
          expect(refusalOf(bytes.with(at, (bytes[at] ?? 0) ^ 1))).toBeDefined()
        },
      ),
      { numRuns: 150 },
    )
  }, 60_000)

  test('fails on a byte that is missing or too many', () => {
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const bytes = [...new TextEncoder().encode(text)]
        expect(refusalOf(Uint8Array.from(bytes.toSpliced(at, 1)))).toBeDefined()
        expect(refusalOf(Uint8Array.from(bytes.toSpliced(at, 0, byte)))).toBeDefined()
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['{', 'it is JSON Parse error', 'not JSON'],
    [text.replace('"version":1', '"version":2'), 'data.version is 2, not 1'],
    [text.replace('"version":1', '"version":1,"version":1'), 'the text from character'],
    [text.replace('"version":1', '"extra":1,"version":1'), 'data.extra is 1, not absent'],
    [text.replace('"version":1', '"version": 1'), 'its only form'],
    [text.replace('"chainId":31337', '"chainId":31337.0'), 'the text from character'],
    [text.replace('"chainId":31337', '"chainId":-1'), 'deployment.chainId is -1'],
    [text.replace('"uncollected":"100"', '"uncollected":"-100"'), 'data.uncollected is "-100"'],
    [text.replace('"credits":"500"', '"credits":"0500"'), 'data.charges[2].credits is "0500"'],
    [text.replace('"credits":"500"', '"credits":500'), 'data.charges[2].credits is 500'],
    [text.replace('"credits":"500"', `"credits":"${2n ** 100n}"`), 'at most 100 bits'],
    [
      text.replace('"asset":"usd"', '"asset":"eur"'),
      'data.charges[2].asset is "eur", not ankr or usd',
    ],
    [text.replace('"nodeId":"5"', '"nodeId":"2"'), 'data.nodes[2] is'],
    [text.replace('"chain":"bsc"', '"chain":"zzz"'), 'in order and once'],
    [text.replace('"previous":{', '"previous":[],"x":{'), 'data.previous is [], not an object'],
    [text.replaceAll('0xab', '0xAB').replaceAll('b10c', 'B10C'), 'lower-case'],
    [`\ufeff${text}`, 'not JSON'],
  ])('%# that says something else is told by its place', (given, ...says) => {
    for (const part of says) expect(() => parse(given)).toThrow(part)
  })
})
