import { assetNames } from '@mooring/market/settlement/epoch-data'
import type { SettlementWish } from '@mooring/protocol/settlement/signing-wire'
import type { Hex } from 'viem'
import { z } from 'zod'

const uint64Max = 2n ** 64n - 1n

/** One way to write a number, so that equal wishes are the same. */
const number = z
  .string()
  .regex(/^(0|[1-9]\d{0,19})$/, 'is no whole number in decimal digits')
  .refine((text) => BigInt(text) <= uint64Max, 'has more than 64 bits')
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'is no hash: 0x and 64 lower-case hexadecimal digits')
  .transform((text) => text as Hex)

export const settlementWish: z.ZodType<SettlementWish> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('charge-root'),
    ...{ asset: z.enum(assetNames), rootId: number, dataHash: hash },
  }),
  z.strictObject({ kind: z.literal('epoch'), epoch: number, attempt: number, dataHash: hash }),
])
