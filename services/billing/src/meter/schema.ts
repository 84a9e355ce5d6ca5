import {
  leaseClaimsMax,
  leaseCreditsMax,
  type PostRequest,
  usageLinesMax,
} from '@mooring/protocol/metering/wire'
import { z } from 'zod'

/** What gateways send, as `packages/protocol/src/metering/wire.ts` says it. */

const instance = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of up to 64 letters')
const account = z
  .string()
  .regex(/^eip155:[1-9][0-9]{0,15}:0x[0-9a-f]{40}$/, 'an account as CAIP-10')
const key = z.string().regex(/^[A-Za-z0-9_-]{0,64}$/, 'the id of a key')
const word = (lengthMax: number) => z.string().min(1).max(lengthMax)
const credits = z.int().min(0).max(leaseCreditsMax)
const frame = z.int().min(0)

export const beginSchema = z.strictObject({ instance })

const usageLineSchema = z.strictObject({
  account: account.nullable(),
  key,
  ownPurse: z.boolean(),
  chain: word(64),
  method: word(128),
  status: word(64),
  hour: z.int().min(0).max(10_000_000),
  requests: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  credits,
})

/** Of a frame. */
export const usageSchema = z
  .array(usageLineSchema)
  .max(usageLinesMax)
  .refine((usage) => usage.every(isPaidByAccount), 'charges somebody who has no account')

const leaseClaimSchema = z.strictObject({
  account,
  key,
  holds: credits,
  wants: credits,
  needs: credits,
})

export const postSchema = z
  .strictObject({
    instance,
    epoch: z.int().min(1),
    number: z.int().min(0),
    from: frame.min(1),
    to: frame,
    usage: z.array(usageLineSchema).max(usageLinesMax),
    leases: z.array(leaseClaimSchema).max(leaseClaimsMax),
    closes: z.boolean(),
  })
  .refine(({ from, to }) => to >= from - 1, { path: ['to'], error: 'comes before `from`' })
  .refine(({ from, to, usage }) => to >= from || usage.length === 0, {
    path: ['usage'],
    error: 'is of frames, and there are none',
  })
  .refine(({ leases }) => new Set(leases.map(purseOf)).size === leases.length, {
    path: ['leases'],
    error: 'names a purse twice',
  })
  .refine(({ usage }) => usage.every(isPaidByAccount), {
    path: ['usage'],
    error: 'charges somebody who has no account',
  }) satisfies z.ZodType<PostRequest>

function isPaidByAccount({ account, credits }: z.output<typeof usageLineSchema>): boolean {
  return account !== null || credits === 0
}

function purseOf({ account, key }: { account: string; key: string }): string {
  return `${account} ${key}`
}
