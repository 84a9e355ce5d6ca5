import { getAddress, type Hex, isAddress } from 'viem'
import { z } from 'zod'

/** Fields of the files that people and services hand each other. Numbers are decimal strings: JSON's lose digits. */

const wholeNumber = z
  .string()
  .regex(/^\d{1,78}$/, 'is no whole number as a decimal string')
  .transform(BigInt)

const bounded = (bits: bigint) =>
  wholeNumber.refine((value) => value < 2n ** bits, `is larger than ${bits} bits hold`)
export const uint64 = bounded(64n)
export const uint128 = bounded(128n)
export const uint256 = bounded(256n)

export const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'is no hash: 0x and 64 hexadecimal digits')
  .transform((text) => text as Hex)

export const signature = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/, 'is no signature: 0x and hexadecimal digits')
  .transform((text) => text as Hex)

export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'is no address: 0x and 40 hexadecimal digits')
  // Letters of both cases are a checksum, and a wrong one is a mistyped address.
  .refine(
    (text) => text.slice(2) === text.slice(2).toLowerCase() || isAddress(text),
    'is mistyped: its checksum, the case of its letters, does not fit',
  )
  .transform((text) => getAddress(text))

export const assetName = z.enum(['ankr', 'usd'])

/** @throws With every problem at once, each with its place. */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the file'} ${wordsOf(issue)}`,
  )
  throw new Error(problems.join('; '))
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `has ${issue.keys.join(', ')}, which means nothing here`
  if (issue.code !== 'invalid_type') return issue.message
  if (issue.message.endsWith('received undefined')) return 'is missing'
  if (issue.expected === 'string') return 'is no text: put it in quotes'
  return `is no ${issue.expected}`
}
