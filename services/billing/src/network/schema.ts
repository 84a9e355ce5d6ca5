import { z } from '@hono/zod-openapi'
import type {
  NetworkDemand,
  NetworkEpochs,
  NetworkProviderDetail,
  NetworkProviders,
} from '@mooring/protocol/reports/network'

/** The words of `/v1/network`, for its description; what is told is of the protocol's types. */

/** Digits of numbers of 64 bits and less. */
const idForm = /^(?:0|[1-9]\d{0,19})$/
const id = z.string().regex(idForm, 'a whole number as decimal digits')
const amount = z.string().regex(/^(?:0|[1-9]\d{0,77})$/, 'a whole number as decimal digits')
const ppm = amount.openapi({ description: 'Parts per million.', example: '100000' })
const seconds = z.int().min(0)

const at = z.object({ block: amount, seconds, epoch: id })
const span = {
  epoch: id,
  firstEpoch: id.openapi({ description: 'Lower where it closes epochs before it too.' }),
  ...{ from: seconds, to: seconds },
  state: z.enum(['made', 'posted', 'active']).openapi({
    description:
      '`made`: signed by nobody yet. `posted`: its roots are on chain and wait for their date. `active`: payouts are made by it.',
  }),
}

const work = z.object({
  ...{ chain: z.string(), credits: amount, asked: amount, answered: amount },
  ...{ failed: amount, late: amount, qualityPpm: ppm },
})

const provider = {
  id,
  name: z.string().max(64).nullable().openapi({ description: 'Anybody may take any name.' }),
  ...{ stake: amount, selfStake: amount, delegated: amount },
  ...{ countedDelegation: amount, delegationCap: amount, commissionPpm: ppm },
  announcedCommission: z.object({ ppm, fromEpoch: id }).nullable(),
  jailedUntil: seconds.nullable(),
  nodes: z.object({ active: z.int().min(0), total: z.int().min(0) }),
  chains: z.array(z.string()),
  qualityPpm: ppm.nullable().openapi({ description: 'Of the newest closed epoch.' }),
  earned: amount.nullable().openapi({ description: 'In the newest closed epoch.' }),
  aprPpm: ppm.nullable().openapi({
    description: "A year's return on the delegation that counted, at the rate of the last epochs.",
  }),
  delegatedAprPpm: ppm.nullable().openapi({
    description: 'The same on all that was delegated, counted or not.',
  }),
  missedEpochs: z.int().min(0),
}

export const providersSchema: z.ZodType<NetworkProviders> = z
  .object({
    ...{ at, total: z.int().min(0), known: z.int().min(0) },
    providers: z.array(z.object(provider)),
    next: z.string().nullable(),
  })
  .openapi('NetworkProviders')

export const providerSchema: z.ZodType<NetworkProviderDetail> = z
  .object({
    ...{ ...provider, at, owner: z.string(), rewardsTo: z.string() },
    nodeList: z.array(
      z.object({
        ...{ id, status: z.string(), statusSince: seconds, type: z.string() },
        ...{ region: z.string(), chains: z.array(z.string()), serving: z.boolean() },
      }),
    ),
    epochs: z.array(
      z.object({
        ...{ ...span, earned: amount },
        split: z
          .object({
            ...{ commissionPpm: ppm, toProvider: amount, toDelegators: amount },
            ...{ selfStake: amount, delegated: amount, countedDelegation: amount },
          })
          .nullable(),
        missed: z.enum(['no-relays', 'no-quality']).nullable(),
        work: z.array(work),
      }),
    ),
  })
  .openapi('NetworkProvider')

export const epochsSchema: z.ZodType<NetworkEpochs> = z
  .object({
    at,
    epochs: z.array(
      z.object({
        ...{ ...span, dataHash: z.string(), charged: amount, paid: amount, withheld: amount },
        chains: z.array(z.object({ chain: z.string(), charged: amount, relayed: amount })),
        providers: z.int().min(0),
      }),
    ),
  })
  .openapi('NetworkEpochs')

export const demandSchema: z.ZodType<NetworkDemand> = z
  .object({
    at,
    epoch: z.object(span).nullable(),
    chains: z.array(
      z.object({
        ...{ chain: z.string(), charged: amount, relayed: amount },
        ...{ plainPpm: ppm.nullable(), faultPpm: ppm.nullable() },
        ...{ nodes: z.int().min(0), providers: z.int().min(0), stake: amount },
        ...{ creditsPerNode: amount.nullable(), waiting: amount, waitingPpm: ppm },
        cause: z.enum(['none', 'no-nodes', 'plain', 'faults', 'load']),
        regions: z.array(
          z.object({
            ...{ region: z.string(), nodes: z.int().min(0), relayed: amount },
            creditsPerNode: amount.nullable(),
          }),
        ),
      }),
    ),
  })
  .openapi('NetworkDemand')

const limitDefault = 50

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(limitDefault),
  cursor: z
    .string()
    .regex(/^(?:0|[1-9]\d{0,38})-[1-9]\d{0,19}$/, 'what `next` of the page before said')
    .optional(),
})

export const idParams = z.object({ id: z.string().regex(/^[1-9]\d{0,19}$/, 'counted from 1') })
