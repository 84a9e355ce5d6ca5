import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { privateKeyToAddress } from 'viem/accounts'
import { formatKeyFile, type KeyFile, parseKeyFile } from './key-file.ts'
import {
  commitmentOf,
  createAccessMaterial,
  createProofMaterial,
  type KeyMaterial,
  walletMaterial,
} from './key-material.ts'

const privateKey = `0x${'11'.repeat(32)}` as const
const materials: readonly KeyMaterial[] = [
  createAccessMaterial(),
  await createProofMaterial(),
  walletMaterial(privateKeyToAddress(privateKey), privateKey),
]
const fileOf = (material: KeyMaterial): KeyFile => ({
  ...{ name: 'mine', createdAt: 1_700_000_000, material, commitment: commitmentOf(material) },
  token: { raw: 'a.b.c', transactionHash: `0x${'22'.repeat(32)}` },
  registration: {
    ...{ accounts: 'https://accounts.example.org', keyId: 'k', projectId: 'p' },
    previous: { key: '33'.repeat(32), endsAt: 1_800_000_000 },
  },
})

test.each(materials)('a key of any kind is read as it was written', (material) => {
  const file = fileOf(material)
  expect(parseKeyFile(formatKeyFile(file))).toEqual(file)
})

describe('a file that is damaged is no key:', () => {
  test('cut off anywhere', () => {
    const text = formatKeyFile(fileOf(createAccessMaterial())).trimEnd()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(parseKeyFile(text.slice(0, length))).toBeUndefined()
      }),
    )
  })

  test('one digit of the key is another', () => {
    const material = createAccessMaterial()
    const text = formatKeyFile(fileOf(material))
    const key = material.delivery === 'key' ? material.key : ''
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), (at) => {
        const digit = key[at] === '0' ? '1' : '0'
        const other = `${key.slice(0, at)}${digit}${key.slice(at + 1)}`
        expect(parseKeyFile(text.replace(key, other))).toBeUndefined()
      }),
    )
  })

  test.each<[string, object]>([
    ['another version', { version: 2 }],
    ['no name', { name: 7 }],
    ['another commitment', { commitment: `0x${'00'.repeat(32)}` }],
    ['a token that is none', { token: { raw: 1 } }],
    ['a registration without its key', { registration: { accounts: 'x', projectId: 'y' } }],
    ['a key before that is none', { registration: { previous: { key: 'x', endsAt: 1 } } }],
    ['a delivery nobody knows', { material: { delivery: 'pigeon' } }],
    ['no object', { material: null }],
  ])('%s', (_what, change) => {
    const file = JSON.parse(formatKeyFile(fileOf(createAccessMaterial())))
    expect(parseKeyFile(JSON.stringify({ ...file, ...change }))).toBeUndefined()
  })

  test.each(['', 'null', '[]', '7', 'not JSON'])('%p', (text) => {
    expect(parseKeyFile(text)).toBeUndefined()
  })
})
