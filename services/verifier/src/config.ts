import { z } from 'zod'

/**
 * Every setting of a verifier: shape, unit, default and meaning. `docs/reference/verifier-config.md` is generated from
 * these descriptions.
 */
const count = z.int().positive()
const durationMs = z.int().positive().max(600_000)
const nodeUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })

const listenSchema = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on; 0.0.0.0 for every interface.'),
  port: z.int().min(0).max(65_535).describe('TCP port; 0 lets the system choose one.'),
})

const peerSchema = z.strictObject({
  address: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'an address: 0x and 40 hexadecimal digits')
    .describe('Of its key in the set of verifiers on chain.'),
  url: nodeUrl.describe('Where it listens. What is sent there is sealed, whatever is in between.'),
})

const serviceSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, '1 to 32 of a-z, 0-9 and -')
    .describe('Entries of one name share one rate, such as a credential and the one after it.'),
  credential: z
    .string()
    .regex(/^[\x21-\x7e]{32,256}$/, '32 to 256 characters without a space')
    .describe('What it bears as `Authorization: Bearer …`. Write ${VARIABLE}; never logged.'),
})

const rateSchema = z
  .strictObject({
    requestsPerSecond: count.default(5).describe('Questions that cost something, each second.'),
    burstRequests: count.default(50).describe('Of them that may come at once after a pause.'),
    serviceRequestsPerSecond: count
      .default(50)
      .describe('Attestations that one of `services` may ask for, each second.'),
    serviceBurstRequests: count
      .default(200)
      .describe('Of them that may come at once after a pause.'),
    hourlyTokensMax: count
      .default(30)
      .describe(
        'Tokens that one account may ask this verifier for in an hour; all n together give up to n/t times as many.',
      ),
  })
  .prefault({})

const settlementSchema = z.strictObject({
  billingUrl: nodeUrl.describe(
    'The billing service whose files are checked. It is believed nothing: files go by their hash.',
  ),
  fileTimeoutMs: durationMs
    .default(120_000)
    .describe('How long a file may take to come; the largest have 256 MiB.'),
  chainTimeoutMs: durationMs
    .default(300_000)
    .describe('How long the nodes may take for all that is asked about an epoch.'),
})

export const configSchema = z.strictObject({
  listen: listenSchema.prefault({ port: 8560 }).describe('Where clients and verifiers connect.'),
  admin: listenSchema
    .prefault({ port: 8561 })
    .describe('Metrics, health and rotation: for you only.'),
  trustedProxyHops: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('Proxies of yours in front: as many last entries of X-Forwarded-For are believed.'),
  dataFolder: z
    .string()
    .min(1)
    .describe('Where keys and what was signed are kept. Whoever reads it can sign in your name.'),
  signerKey: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'a private key: 0x and 64 hexadecimal digits')
    .describe('Of your member of the set of verifiers on chain. Write ${VARIABLE}; never logged.'),
  deployment: z.string().min(1).describe('File that says where the contracts are.'),
  sources: z
    .array(nodeUrl)
    .min(2, 'at least two nodes of different operators')
    .refine(
      (urls) => new Set(urls.map((url) => new URL(url).host)).size === urls.length,
      'the same node twice: one that lies would have nobody to contradict it',
    )
    .describe('Nodes of the chain of the contracts. All must say the same. Never logged.'),
  sourceTimeoutMs: durationMs
    .default(10_000)
    .describe('How long the nodes may take for a question.'),
  peers: z.array(peerSchema).min(1).describe('All other verifiers of the set.'),
  peerTimeoutMs: durationMs.default(5_000).describe('How long another verifier may take.'),
  depthBlocks: count.default(12).describe('Blocks on top of a deposit before a token is issued.'),
  cappedPercent: z
    .int()
    .min(0)
    .max(100)
    .default(10)
    .describe('Part of a deposit that may be used before its block is final.'),
  cappedLifeSeconds: count
    .default(7_200)
    .describe('How long a token lives whose deposit is not final.'),
  fullLifeSeconds: count
    .max(30 * 86_400)
    .default(7 * 86_400)
    .describe('How long a token lives; one that is bound to a key is renewed by itself.'),
  publishAheadSeconds: z
    .int()
    .min(0)
    .default(7_200)
    .describe('How long a new key of the group is published before it is used.'),
  watchIntervalMs: durationMs.default(1_000).describe('Pause between looks at the chain.'),
  services: z
    .array(serviceSchema)
    .max(16)
    .default([])
    .describe('Services that ask for many attestations, such as that of accounts.'),
  settlement: settlementSchema
    .optional()
    .describe('Left out, this verifier signs no charge roots and no epochs.'),
  rate: rateSchema.describe('What one client address, one service and one account may ask.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('From which level on log lines are written.'),
})

export type VerifierConfigFile = z.input<typeof configSchema>
export type VerifierConfig = z.output<typeof configSchema>
