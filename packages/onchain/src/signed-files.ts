import { type Hex, hexToString } from 'viem'
import { z } from 'zod'
import { abiOfPart, callPart, type System } from './contracts.ts'
import { failureFromData } from './failures.ts'
import {
  address,
  assetName,
  hash,
  parseWith,
  signature,
  uint64,
  uint128,
  uint256,
} from './file-fields.ts'
import type { Call } from './send.ts'

/**
 * Files in which services publish what they have signed or recomputed. Whoever has one may bring it to the chain; the
 * contracts check it. Numbers are decimal strings of base units and seconds.
 */

const itemsMax = 10_000
const signatures = z.array(signature).min(1).max(64)
const proof = z.array(hash).max(64)
const escrowOf = { ankr: 'ankrEscrow', usd: 'stableEscrow' } as const

const chargeRoot = z.strictObject({
  asset: assetName,
  root: hash,
  dataHash: hash,
  periodEnd: uint64,
  signatures,
})
const charges = z.strictObject({
  asset: assetName,
  rootId: uint64,
  leaves: z
    .array(
      z.strictObject({
        account: address,
        life: z
          .int()
          .min(0)
          .max(2 ** 32 - 1),
        total: uint128,
        proof,
      }),
    )
    .min(1)
    .max(itemsMax),
})
const epoch = z.strictObject({
  epoch: uint64,
  chargesRoot: hash,
  payoutsRoot: hash,
  performanceRoot: hash,
  receiptsRoot: hash,
  tariffHash: hash,
  dataHash: hash,
  payoutsTotal: uint128,
  withheldTotal: uint128,
  signatures,
})
const payouts = z.strictObject({
  payouts: z
    .array(
      z.strictObject({
        providerId: uint64,
        epoch: uint64,
        cumulative: uint256,
        proof,
      }),
    )
    .min(1)
    .max(itemsMax),
})
const rate = z.strictObject({
  observedAt: uint64,
  quotes: z.array(uint256).min(1).max(64),
  signatures,
})

/** What a file turns into: one call, or several where it is too long for one transaction. */
export type Brought = { label: string; call: Call; skips?: Skips }[]

/** A call that leaves out what is not due and tells of it by an event, in place of failing. */
export type Skips = {
  event: string
  /** How many things it was asked to do. */
  items: number
  /** Which was left out and why, for people. */
  reasonOf: (args: Readonly<Record<string, unknown>>) => string
}

/** Some 25,000 gas each, so that a transaction stays well under any block. */
const chargesEach = 200
/** Some 250,000 gas each. */
const payoutsEach = 20

type Kind = {
  /** What such a file holds, for people. */
  holds: string
  /** @throws With every problem at once. */
  bring: (system: Pick<System, 'deployment'>, value: unknown) => Brought
}

function kind<Schema extends z.ZodType>(
  holds: string,
  schema: Schema,
  bring: (system: Pick<System, 'deployment'>, file: z.output<Schema>) => Brought,
): Kind {
  return { holds, bring: (system, value) => bring(system, parseWith(schema, value)) }
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
      skips: { event: 'ChargeSkipped', items: batch.length, reasonOf: chargeReason },
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
      skips: { event: 'PayoutSkipped', items: batch.length, reasonOf: payoutReason },
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
  return signedFiles[name].bring(system, JSON.parse(text))
}

function batchesOf<T>(items: readonly T[], each: number): T[][] {
  const count = Math.ceil(items.length / each)
  return Array.from({ length: count }, (_, at) => items.slice(at * each, (at + 1) * each))
}

/** `bytes32` of text. */
function chargeReason({ account, reason }: Readonly<Record<string, unknown>>): string {
  return `${account}: ${hexToString(reason as Hex, { size: 32 })}`
}

/** The error that a push of it alone would end in. */
function payoutReason(args: Readonly<Record<string, unknown>>): string {
  const { sentence } = failureFromData(args.reason as Hex, [abiOfPart.distributor])
  return `provider ${args.providerId}, epoch ${args.epoch}: ${sentence}`
}
