import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { projectKeyInput } from './project-key.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('the hash of a project key is the documented one, which other clients make as well', () => {
  // As `sha256sum` gives it for the label and 32 bytes 0xab.
  expect(sha256(projectKeyInput(new Uint8Array(32).fill(0xab)))).toBe(
    'cc3d7f438fa0af724e500012398161d00070b095dbda4c6ceaf55ac1a86498fd',
  )
})

test('no deposit key has the hash of a project key: what is hashed is never as long', () => {
  fc.assert(
    fc.property(key32, key32, (one, other) => {
      expect(projectKeyInput(one).length).not.toBe(other.length)
      expect(sha256(projectKeyInput(one))).not.toBe(sha256(one))
    }),
  )
})

test('two keys have two inputs', () => {
  fc.assert(
    fc.property(key32, key32, (one, other) => {
      const isSame = Buffer.compare(one, other) === 0
      expect(Buffer.compare(projectKeyInput(one), projectKeyInput(other)) === 0).toBe(isSame)
    }),
  )
})
