import { z } from '@hono/zod-openapi'
import type { KeyRestrictions } from '@mooring/protocol/access/key-record'
import { parseAccountName } from '@mooring/protocol/access/names'
import { decodeBytes } from '@mooring/protocol/access/token'
import { roles } from '@mooring/store/team'
import ipaddr from 'ipaddr.js'

/** Words that several routes share. Times are seconds since 1970, amounts decimal strings in base units. */

export const id = z.uuid()
/** No control character, and nothing that turns the direction of what is shown. */
export const label = z
  .string()
  .regex(/^[^\p{C}]{1,64}$/u, '1 to 64 characters that can be seen')
  .refine((text) => text.trim() === text, 'no space at either end')
export const seconds = z.int().min(0).max(99_999_999_999)
export const accountName = z
  .string()
  .max(64)
  .refine((text) => parseAccountName(text) !== undefined, 'an account as CAIP-10, in lower case')
  .openapi({ example: 'eip155:1:0x0000000000000000000000000000000000000001' })
export const walletAddress = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'an address: 0x and 40 hexadecimal digits')
export const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'a hash: 0x and 64 hexadecimal digits')
export const amount = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,77})$/, 'a whole number as decimal digits')
  .refine((text) => text.length < 78 || BigInt(text) < 2n ** 256n, 'less than 2^256')
export const digest = z
  .string()
  .refine(
    (text) => decodeBytes(text)?.length === 32,
    'a SHA-256 digest as base64url, 43 characters',
  )
  .openapi({
    description:
      'SHA-256 of `mooring project key v1` and the 32 bytes of the key, as base64url. The hash that stands on chain of a key is another one, and opens nothing here.',
  })
export const asset = z.enum(['ankr', 'usd'])
export const role = z.enum(roles)

const entriesMax = 100
/** Of all lists of a key together: a gateway reads no more. */
const restrictionsLengthMax = 16_384
const list = (entry: z.ZodString) => z.array(entry).max(entriesMax).default([])
const entry = (pattern: RegExp, words: string) => z.string().max(255).regex(pattern, words)

/** Lists that are empty allow everything. */
export const restrictions = z
  .strictObject({
    origins: list(
      entry(
        /^(?:(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])$/,
        'a host in lower case, or *.host',
      ),
    ),
    addresses: list(z.string().max(64).refine(isAddressOrBlock, 'an IP address or a CIDR block')),
    contracts: list(entry(/^0x[0-9a-f]{40}$/, 'an address in lower case')),
    methods: list(entry(/^[A-Za-z0-9_]+\*?$/, 'a method, or the beginning of one and *')),
    chains: list(entry(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'the name of a chain')),
  })
  .refine(
    (lists) => JSON.stringify(lists).length <= restrictionsLengthMax,
    `at most ${restrictionsLengthMax} characters together`,
  )
  .openapi('KeyRestrictions') satisfies z.ZodType<KeyRestrictions>

function isAddressOrBlock(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text)
}

export function secondsOf(ms: number): number
export function secondsOf(ms: number | null): number | null
export function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1_000)
}

export function amountText(value: bigint): string
export function amountText(value: bigint | null): string | null
export function amountText(value: bigint | null): string | null {
  return value === null ? null : String(value)
}
