import { getAddress, type Hex } from 'viem'
import { z } from 'zod'
import { callPart, type System } from './contracts.ts'
import type { Call } from './send.ts'

/**
 * Files in which services publish what they have signed or recomputed. Whoever has one may bring it to the chain; the
 * contracts check it. Numbers are decimal strings of base units and seconds.
 */

const wholeNumber = z
  .string()
  .regex(/^\d{1,78}$/, 'is no whole number as a decimal string')
  .transform(BigInt)
const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'is no hash: 0x and 64 hexadecimal digits')
  .transform((text) => text as Hex)
const signature = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/, 'is no signature: 0x and hexadecimal digits')
  .transform((text) => text as Hex)
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'is no address: 0x and 40 hexadecimal digits')
  .transform((text) => getAddress(text))

const itemsMax = 10_000
const signatures = z.array(signature).min(1).max(64)
const proof = z.array(hash).max(64)
const asset = z.enum(['ankr', 'usd'])
const escrowOf = { ankr: 'ankrEscrow', usd: 'stableEscrow' } as const

const chargeRoot = z.strictObject({
  asset,
  root: hash,
  dataHash: hash,
  periodEnd: wholeNumber,
  signatures,
})
const charges = z.strictObject({
  asset,
  rootId: wholeNumber,
  leaves: z
    .array(z.strictObject({ account: address, life: z.int().min(0), total: wholeNumber, proof }))
    .min(1)
    .max(itemsMax),
})
const epoch = z.strictObject({
  epoch: wholeNumber,
  chargesRoot: hash,
  payoutsRoot: hash,
  performanceRoot: hash,
  receiptsRoot: hash,
  tariffHash: hash,
  dataHash: hash,
  payoutsTotal: wholeNumber,
  withheldTotal: wholeNumber,
  signatures,
})
const payouts = z.strictObject({
  payouts: z
    .array(
      z.strictObject({
        providerId: wholeNumber,
        epoch: wholeNumber,
        cumulative: wholeNumber,
        proof,
      }),
    )
    .min(1)
    .max(itemsMax),
})
const rate = z.strictObject({
  observedAt: wholeNumber,
  quotes: z.array(wholeNumber).min(1).max(64),
  signatures,
})

/** What a file turns into: one call, or several where it is too long for one transaction. */
export type Brought = { label: string; call: Call }[]

/** Some 25,000 gas each, so that a transaction stays well under any block. */
const chargesEach = 200
/** Some 250,000 gas each. */
const payoutsEach = 20

type Kind = {
  /** What such a file holds, for people. */
  holds: string
  /** Throws what zod throws. */
  bring: (system: Pick<System, 'deployment'>, value: unknown) => Brought
}

function kind<Schema extends z.ZodType>(
  holds: string,
  schema: Schema,
  bring: (system: Pick<System, 'deployment'>, file: z.output<Schema>) => Brought,
): Kind {
  return { holds, bring: (system, value) => bring(system, schema.parse(value)) }
}

export const signedFiles = {
  'charge-root': kind('a charge root that verifiers signed', chargeRoot, (system, file) => {
    const { root, dataHash, periodEnd } = file
    const args = [root, dataHash, periodEnd, file.signatures] as const
    const call = callPart(system, escrowOf[file.asset], 'postChargeRoot', args)
    return [{ label: `post the charge root of ${file.asset}`, call }]
  }),
  charges: kind('leaves of a charge root', charges, (system, { asset: name, rootId, leaves }) =>
    batchesOf(leaves, chargesEach).map((batch) => ({
      label: `apply ${batch.length} charges of ${name}`,
      call: callPart(system, escrowOf[name], 'applyCharges', [rootId, batch]),
    })),
  ),
  epoch: kind('the roots of an epoch that verifiers signed', epoch, (system, file) => {
    const { signatures: signed, ...roots } = file
    const call = callPart(system, 'epochs', 'post', [roots, signed])
    return [{ label: `post epoch ${file.epoch}`, call }]
  }),
  payouts: kind('payouts of providers with their proofs', payouts, (system, file) =>
    batchesOf(file.payouts, payoutsEach).map((batch) => ({
      label: `push ${batch.length} payouts`,
      call: callPart(system, 'distributor', 'pushMany', [batch]),
    })),
  ),
  rate: kind('quotes of USD per ANKR that rate signers signed', rate, (system, file) => {
    const args = [file.observedAt, file.quotes, file.signatures] as const
    return [{ label: 'post the rate', call: callPart(system, 'rateFeed', 'post', args) }]
  }),
} as const satisfies Record<string, Kind>
export type SignedFileName = keyof typeof signedFiles

/**
 * @param text - JSON.
 * @throws With every problem at once when it is no such file.
 */
export function bringSignedFile(
  system: Pick<System, 'deployment'>,
  name: SignedFileName,
  text: string,
): Brought {
  const value: unknown = JSON.parse(text)
  try {
    return signedFiles[name].bring(system, value)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const problems = error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
    )
    throw new Error(problems.join('; '), { cause: error })
  }
}

function batchesOf<T>(items: readonly T[], each: number): T[][] {
  const count = Math.ceil(items.length / each)
  return Array.from({ length: count }, (_, at) => items.slice(at * each, (at + 1) * each))
}
