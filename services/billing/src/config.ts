import { credential, listen, logLevel } from '@mooring/settings/fields'
import { z } from 'zod'

/**
 * Every setting of the billing service: shape, unit, default and meaning. `docs/reference/billing-config.md` is
 * generated from these descriptions.
 */
const count = z.int().positive()
const durationMs = z.int().positive().max(86_400_000)
const webUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })

const chainSchema = z.strictObject({
  deployment: z.string().min(1).describe('File that says where the contracts are.'),
  rpcUrl: webUrl.describe('A node of their chain. Never logged.'),
  pollIntervalMs: durationMs.default(1_000).describe('Pause between looks at the head.'),
  finalityBlocks: count
    .max(10_000)
    .default(64)
    .describe('Depth at which a block is final, where the node knows no finality.'),
  termsIntervalMs: durationMs
    .default(30_000)
    .describe('Pause between looks at caps and periods of charges.'),
  tellIntervalMs: durationMs
    .default(60_000)
    .describe(
      'Pause between looks for final deposits that are not in the books and that verifiers are not asked about any more.',
    ),
})

const witnessSchema = z.strictObject({
  url: webUrl.describe('A witness. Never logged.'),
  credential: credential.describe('What is shown there. Write ${VARIABLE}; never logged.'),
})

export type WitnessSettings = z.output<typeof witnessSchema>

const meterSchema = z.strictObject({
  leaseMs: durationMs
    .default(30_000)
    .describe('How long what is leased to a gateway holds after a word of it.'),
  graceMs: durationMs
    .default(30_000)
    .describe('A gateway that is silent for so much longer is taken for gone.'),
  postMs: durationMs.default(1_000).describe('How often a gateway posts what was used, at least.'),
  sweepIntervalMs: durationMs.default(2_000).describe('Pause between looks for silent gateways.'),
  witnesses: z
    .array(witnessSchema)
    .max(16)
    .default([])
    .describe(
      'All that keep copies for gateways. What a gateway that is gone has not posted is charged by them.',
    ),
  witnessPatienceMs: durationMs
    .default(600_000)
    .describe(
      'For so long a witness that does not answer keeps a silent gateway from being closed.',
    ),
  copiesIntervalMs: durationMs
    .default(30_000)
    .describe('Pause between looks for copies that are in the books and may be forgotten.'),
})

const epochsSchema = z.strictObject({
  intervalMs: durationMs.default(30_000).describe('Pause between looks for epochs that are over.'),
  closeAfterSeconds: z
    .int()
    .min(0)
    .max(2_592_000)
    .optional()
    .describe(
      'So long after its end an epoch is closed; else a charge period and the delay of a charge root, so that what was used last has become fees. What arrives later is given away by the next epoch.',
    ),
  feesWaitSecondsMax: z
    .int()
    .min(0)
    .max(2_592_000)
    .optional()
    .describe(
      'So much longer it is waited while what was charged in it is not all at the distributor; else four charge periods. Then it is closed all the same.',
    ),
})

const networkSchema = z.strictObject({
  intervalMs: durationMs
    .default(5_000)
    .describe('Pause between looks at providers, nodes and epochs.'),
  providersMax: count.max(5_000).default(500).describe('At most so many providers are told of.'),
  nodesMax: count.max(20_000).default(2_000).describe('At most so many nodes of all of them.'),
  epochsMax: count
    .max(200)
    .default(26)
    .describe('So many closed epochs are told of, the newest ones.'),
  aprEpochsMax: count
    .max(200)
    .default(6)
    .describe("Of so many of them, the newest ones, a year's return on stake is worked out."),
})

const checksSchema = z.strictObject({
  booksIntervalMs: durationMs.default(10_000).describe('Pause between checks of the books.'),
  usageIntervalMs: durationMs
    .default(60_000)
    .describe(
      'Pause between comparisons of what was used with what was told and charged, and of what accounts have with what was deposited.',
    ),
  unbookedBlocksMax: count
    .max(1_000_000)
    .default(1_000)
    .describe('A deposit that is final for so many blocks and not in the books is told as wrong.'),
  mirrorIntervalMs: durationMs
    .default(15_000)
    .describe('Pause between comparisons with what the escrow contracts hold.'),
  mirrorAccountsMax: count
    .max(10_000)
    .default(500)
    .describe('Accounts compared at a time, those first that were not for longest.'),
})

export const configSchema = z.strictObject({
  listen: listen
    .prefault({ port: 8580 })
    .describe('Where gateways and you connect; not for the public.'),
  gatewayCredentials: z
    .array(credential)
    .min(1, 'at least one')
    .describe('What gateways bear. Write ${VARIABLE}; never logged.'),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'a postgres:// URL')
    .describe(
      'PostgreSQL 15 or newer, the one of the accounts service. May hold ${VARIABLE}; never logged.',
    ),
  databaseConnectionsMax: count.max(200).default(10).describe('Connections to it at once.'),
  chain: chainSchema.describe('Where deposits are made and charges applied.'),
  meter: meterSchema.prefault({}).describe('What gateways are told.'),
  creditIntervalMs: durationMs
    .default(500)
    .describe('Pause between looks for deposits that verifiers have attested.'),
  chargesIntervalMs: durationMs
    .default(10_000)
    .describe('Pause between looks for charge periods that are over.'),
  epochs: epochsSchema.prefault({}).describe('How epochs are closed.'),
  network: networkSchema.prefault({}).describe('What everybody is told of the network.'),
  checks: checksSchema.prefault({}).describe('What is checked all the time.'),
  logLevel,
})

export type BillingConfigFile = z.input<typeof configSchema>
export type BillingConfig = z.output<typeof configSchema>
