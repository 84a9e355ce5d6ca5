import { type RelayReport, reportLimits } from '@mooring/protocol/relays/reports'
import { z } from 'zod'

/** What gateways tell of nodes, as `packages/protocol/src/relays/reports.ts` says it. */

/** Numbers of 63 bits or less, so that the database can hold them. */
const decimal = z.string().regex(/^(?:0|[1-9]\d{0,17})$/, 'a decimal string of up to 18 digits')
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const signature = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{130}$/)])
const hash = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)])
const address = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{40}$/)])

const workLineSchema = z
  .strictObject({
    epoch: decimal,
    node: decimal,
    chain: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'the name of a chain'),
    ...{ asked: count, answered: count, failed: count, late: count, credits: count },
  })
  .refine(({ asked, answered, failed, late }) => asked >= answered + failed && late <= answered, {
    error: 'counts more of its relays than there were',
  })

const receiptSchema = z.strictObject({
  receipt: z.strictObject({
    ...{ session: hash, nodeId: decimal, gateway: address, chain: hash, epoch: decimal },
    ...{ number: decimal, relays: decimal, relaysSum: decimal, windowRoot: hash },
    ...{ credits: z.string().max(39), creditsSum: z.string().max(39) },
    ...{ accumulator: hash, tariff: hash },
  }),
  gatewaySignature: signature,
  nodeSignature: signature,
})

export const reportSchema = z.strictObject({
  run: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'a name of up to 64 letters'),
  work: z
    .array(workLineSchema)
    .max(reportLimits.work)
    .refine((work) => new Set(work.map(placeOf)).size === work.length, 'names a place twice'),
  receipts: z.array(receiptSchema).max(reportLimits.receipts),
}) satisfies z.ZodType<RelayReport>

function placeOf({ epoch, node, chain }: z.output<typeof workLineSchema>): string {
  return `${epoch} ${node} ${chain}`
}
