import type { ChainDefinition } from '@mooring/chains/chain'
import { isSettableHeader } from '@mooring/http-client/upstream-address'
import type { PriceTable } from '@mooring/market/pricing/price-table'
import type { Deployment } from '@mooring/onchain/deployment'
import { gatewayAudience } from '@mooring/protocol/access/claims'
import { listen } from '@mooring/settings/fields'
import { z } from 'zod'
import { agentSettings, identitySettings } from './agents/settings.ts'
import { marketSchema } from './config-market.ts'

/**
 * Every setting of the gateway: shape, unit, default and meaning. `docs/reference/gateway-config.md` is
 * generated from these descriptions.
 */
const count = z.int().positive()
const percent = z.int().min(1).max(100)
const durationMs = z.int().positive().max(600_000)
const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'lower case letters, digits, - and _, at most 32')

const publicListenSchema = listen.extend({
  shared: z
    .boolean()
    .default(false)
    .describe(
      'Several gateway processes listen on this port together and the system deals connections out to them; each counts limits by itself.',
    ),
})

const tierNames = ['community', 'premium', 'enterprise'] as const
export type TierName = (typeof tierNames)[number]

const tierSchema = (defaults: TierLimits) =>
  z
    .strictObject({
      requestsPerSecond: count
        .default(defaults.requestsPerSecond)
        .describe(
          'Requests each second, per client IP (community), key or account; every batch item counts.',
        ),
      burstRequests: count
        .default(defaults.burstRequests)
        .describe('Requests that may come at once after a pause.'),
      inFlightMax: count
        .default(defaults.inFlightMax)
        .describe('Requests of one caller that may be unanswered at once.'),
      batchMax: count.default(defaults.batchMax).describe('Most requests in one batch.'),
      logsRangeBlocksMax: count
        .default(defaults.logsRangeBlocksMax)
        .describe('Widest block range of eth_getLogs and other scans.'),
      inFlightShareMaxPercent: percent
        .default(defaults.inFlightShareMaxPercent)
        .describe(
          'Refused once the gateway works on more than this part of inFlightMax: what is left is for higher tiers.',
        ),
      traceAndDebug: z
        .boolean()
        .default(defaults.traceAndDebug)
        .describe(
          'Whether methods that run whole blocks again are served: trace_, debug_ and the like.',
        ),
      pools: z
        .array(slug)
        .default([])
        .describe('Pools of upstreams that the tier has to itself, beside those without a pool.'),
    })
    .prefault({})

type TierLimits = {
  requestsPerSecond: number
  burstRequests: number
  inFlightMax: number
  batchMax: number
  logsRangeBlocksMax: number
  inFlightShareMaxPercent: number
  traceAndDebug: boolean
}

const upstreamSchema = z.strictObject({
  provider: slug.describe(
    'Who runs the node. Failover and the share cap tell providers apart by it.',
  ),
  name: slug.describe('Name of the node, unique with its provider within the chain.'),
  url: z
    .url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })
    .describe('JSON-RPC address. May hold ${VARIABLE}, read from the environment; never logged.'),
  type: z
    .enum(['archive', 'full', 'light'])
    .default('full')
    .describe('archive: all old state. full: recent state. light: headers and forwarding.'),
  headers: z
    .record(
      z.string().refine(isSettableHeader, 'not a header that can be set here'),
      z.string().regex(/^[^\r\n\0]*$/, 'one line of text'),
    )
    .default({})
    .describe('Extra request headers, such as a vendor key; never logged.'),
  inFlightMax: count.max(4_096).default(256).describe('Most requests at this upstream at once.'),
  agent: agentSettings,
  pool: slug
    .optional()
    .describe('Only for tiers and agreements that name the pool. Left out, it serves everybody.'),
})

const chainSchema = z.strictObject({
  definition: z
    .looseObject({})
    .optional()
    .describe(
      'A chain Mooring does not ship, in full: the fields of a chain definition, listed below.',
    ),
  pollIntervalMs: durationMs
    .min(100)
    .optional()
    .describe('Pause between height queries; by default the block time, within 1 s and 6 s.'),
  upstreams: z
    .array(upstreamSchema)
    .default([])
    .describe(
      'The nodes that serve the chain; several providers make failover worth something. May be left out with `market`.',
    ),
})

const keySchema = z.strictObject({
  name: slug.describe('Shown in logs and metrics instead of the key.'),
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,128}$/, '16 to 128 letters, digits, - and _')
    .describe('The API key. May be ${VARIABLE}, read from the environment; never logged.'),
  tier: z.enum(tierNames).describe('Whose limits and methods the key has.'),
})

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hexadecimal digits')
  .transform((text) => text.toLowerCase() as `0x${string}`)
const serviceUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })

const threshold = count
  .max(64)
  .describe('How many verifiers must say the same: as many as sign a token.')

const credential = z.string().regex(/^[!-~]{16,256}$/, '16 to 256 characters without a space')

const accessSchema = z
  .strictObject({
    chainId: z.int().positive().describe('Chain that deposits are made on.'),
    ankrEscrow: address.describe(
      'The escrow that takes deposits in ANKR; it names the deployment.',
    ),
    issuer: z
      .string()
      .max(128)
      .optional()
      .describe('`iss` of the tokens; by default what the chain and the escrow give.'),
    audience: z.string().max(128).default(gatewayAudience).describe('`aud` of the tokens.'),
    verifiers: z
      .array(
        z.strictObject({
          url: serviceUrl.describe('Where the verifier is asked.'),
          address: address.describe('What it signs with.'),
        }),
      )
      .min(1, 'at least one verifier')
      .max(64)
      .describe('Who is believed about keys, tokens and revocations, if enough say the same.'),
    threshold,
    accounts: z
      .strictObject({
        url: serviceUrl.describe("The accounts service's listener for gateways."),
        credential: credential.describe(
          'What this gateway shows there. May be ${VARIABLE}; never logged.',
        ),
      })
      .optional()
      .describe('Where keys of projects are known. Without it only keys that verifiers know are.'),
    publicUrl: serviceUrl
      .optional()
      .describe(
        'What consumers call: a proof of possession must be for it. Without it tokens that need proofs are refused.',
      ),
    operators: z
      .array(address)
      .default([])
      .describe('Who signs agreements: addresses of keys of yours.'),
    agreements: z
      .array(z.string().min(1))
      .default([])
      .describe('Files that hold one signed agreement each, as JSON. Read again at a reload.'),
  })
  .refine(({ threshold, verifiers }) => threshold <= verifiers.length, {
    path: ['threshold'],
    error: 'more than there are verifiers',
  })

export type AccessSettings = z.output<typeof accessSchema>

const copySchema = z.strictObject({
  url: serviceUrl.describe('A witness, on another machine.'),
  credential: credential.describe(
    'What this gateway shows there. May be ${VARIABLE}; never logged.',
  ),
})

export type CopySettings = z.output<typeof copySchema>

const meterFields = z.strictObject({
  billing: z
    .strictObject({
      url: serviceUrl.describe("The billing service's listener for gateways."),
      credential: credential.describe(
        'What this gateway shows there. May be ${VARIABLE}; never logged.',
      ),
    })
    .describe('The service that keeps the ledger and grants credits.'),
  instance: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      '1 to 64 letters, digits, ., _ and -, beginning with a letter or digit',
    )
    .describe('A name that no two gateways share, such as that of the machine.'),
  directory: z
    .string()
    .min(1)
    .describe(
      'Where it is written down what is used until the ledger has it. Of this gateway alone, on a disk that outlives it.',
    ),
  durability: z
    .enum(['none', 'process', 'disk', 'copy'])
    .default('process')
    .describe(
      'What a reply waits for. none: nothing; what a killed gateway had not written is not charged. process: that the system has taken it; nothing is lost when the gateway is killed. disk: that the disk has it; nothing is lost when the power fails. copy: that witnesses have it as well; nothing is lost when the machine is.',
    ),
  copies: z
    .array(copySchema)
    .max(8)
    .default([])
    .describe('Witnesses that keep a copy of what was used until it is in the books; for `copy`.'),
  copiesMin: z.int().min(1).max(8).default(1).describe('How many of them a reply waits for.'),
  prices: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with a table of prices that this version does not come with, as JSON: used when the chain names it. Read again at a reload.',
    ),
  freeFailures: z
    .strictObject({
      burstCredits: z
        .int()
        .min(0)
        .max(1_000_000_000)
        .default(100_000)
        .describe('What an account may have fail at once for nothing; refilled within an hour.'),
      chargedShareMax: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('What may fail besides for nothing, of what the account is charged.'),
    })
    .prefault({})
    .describe(
      'Failures that a request may have provoked cost nothing up to here, and are charged beyond. Outages are free.',
    ),
})

const meterSchema = meterFields
  .refine(({ durability, copies }) => (durability === 'copy') === copies.length > 0, {
    path: ['copies'],
    error: 'go with the durability `copy`: give both or neither',
  })
  .refine(({ copies, copiesMin }) => copies.length === 0 || copiesMin <= copies.length, {
    path: ['copiesMin'],
    error: 'more than there are witnesses in `copies`',
  })

export type MeterSettings = z.output<typeof meterSchema>

export const configSchema = z.strictObject({
  listen: publicListenSchema.prefault({ port: 8545 }).describe('Where consumers connect.'),
  admin: listen
    .prefault({ port: 8546 })
    .describe('Metrics, health and traces: for operators only.'),
  trustedProxyHops: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('Reverse proxies of yours in front; that many X-Forwarded-For entries are believed.'),
  tiers: z
    .strictObject({
      community: tierSchema({
        requestsPerSecond: 30,
        burstRequests: 60,
        inFlightMax: 64,
        batchMax: 10,
        logsRangeBlocksMax: 1_000,
        inFlightShareMaxPercent: 80,
        traceAndDebug: false,
      }),
      premium: tierSchema({
        requestsPerSecond: 1_500,
        burstRequests: 3_000,
        inFlightMax: 1_024,
        batchMax: 100,
        logsRangeBlocksMax: 3_000,
        inFlightShareMaxPercent: 95,
        traceAndDebug: true,
      }),
      enterprise: tierSchema({
        requestsPerSecond: 10_000,
        burstRequests: 20_000,
        inFlightMax: 8_192,
        batchMax: 1_000,
        logsRangeBlocksMax: 10_000,
        inFlightShareMaxPercent: 100,
        traceAndDebug: true,
      }),
    })
    .prefault({}),
  bodyBytesMax: count
    .min(1_024)
    .max(64 * 1_048_576)
    .default(1_048_576)
    .describe('Largest request body in bytes.'),
  answerBytesMax: count
    .max(1_073_741_824)
    .default(64 * 1_048_576)
    .describe('Largest answer taken from an upstream, in bytes.'),
  cacheBytesMax: z
    .int()
    .min(0)
    .max(2 ** 40)
    .default(256 * 1_048_576)
    .describe(
      'Memory for answers that may be given again, in bytes; 0 keeps none. Needs a restart.',
    ),
  paramsDepthMax: count.max(512).default(32).describe('Deepest nesting of `params`.'),
  inFlightMax: count
    .default(20_000)
    .describe('Most requests being worked on at once; more are refused.'),
  relayedNamespaces: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9]{1,32}$/, 'letters and digits, such as "vendor"')
        .describe('What stands before the underscore of a method.'),
    )
    .default([])
    .describe('Namespaces unknown to Mooring whose methods are relayed all the same, each once.'),
  providerShareMaxPercent: percent
    .default(65)
    .describe("Most of a chain's relays one provider may get while another is healthy."),
  shutdownMs: durationMs
    .default(10_000)
    .describe('How long running requests may finish after a stop signal.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('From which level on log lines are written; debug has a line per request.'),
  keys: z.array(keySchema).default([]).describe('API keys and their tiers.'),
  access: accessSchema
    .optional()
    .describe(
      'Keys that consumers get for a deposit. Without it the keys above are all there are. Needs a restart, but for operators and agreements.',
    ),
  meter: meterSchema
    .optional()
    .describe(
      'Counts and charges what is used. Without it nothing is charged. Needs a restart, but for prices.',
    ),
  market: marketSchema
    .optional()
    .describe(
      'Nodes that providers have registered and staked for on chain serve by themselves. Without it those of `chains` are all there are. Needs a restart.',
    ),
  identity: identitySettings,
  chains: z
    .record(z.string(), chainSchema)
    .refine((chains) => Object.keys(chains).length > 0, 'at least one chain')
    .describe('What is served, by name: POST /{name}.'),
})

export type GatewayConfigFile = z.input<typeof configSchema>
export type UpstreamConfig = z.output<typeof upstreamSchema>
export type GatewayConfig = Omit<z.output<typeof configSchema>, 'chains'> & {
  chains: readonly ChainConfig[]
  /** What `meter.prices` holds. */
  prices: PriceTable | undefined
  /** What `market.deployment` holds. */
  deployment: Deployment | undefined
}
export type ChainConfig = {
  definition: ChainDefinition
  pollIntervalMs: number
  upstreams: readonly UpstreamConfig[]
}
