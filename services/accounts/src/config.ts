import { listen, logLevel, credential as secret } from '@mooring/settings/fields'
import { z } from 'zod'

/**
 * Every setting of the accounts service: shape, unit, default and meaning. `docs/reference/accounts-config.md` is
 * generated from these descriptions.
 */
const count = z.int().positive()
const durationMs = z.int().positive().max(86_400_000)
const webUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'an address: 0x and 40 hexadecimal digits')

const signInSchema = z.strictObject({
  chainId: count.describe('The chain that accounts are on: that of the escrow contracts.'),
  rpcUrl: webUrl.describe(
    'A node of that chain, asked about wallets that are contracts. Never logged.',
  ),
  publicUrl: webUrl
    .optional()
    .describe('How this service is reached from outside; by default where it listens.'),
  origins: z
    .array(webUrl)
    .default([])
    .describe('Origins of pages that may sign in here, such as https://app.example.org.'),
  sessionIdleMs: durationMs
    .default(86_400_000)
    .describe('A session that is not used for so long ends.'),
  sessionDaysMax: count.max(30).default(7).describe('A session ends after so many days.'),
  attemptsPerMinuteMax: count
    .default(30)
    .describe('Nonces and sign-ins of one network: an IPv4 address, or a /64 of IPv6.'),
  signInsPerMinuteMax: count.default(10).describe('Sign-ins of one account.'),
  contractChecksPerMinuteMax: count
    .default(6)
    .describe('Checks of wallets that are contracts, for one network; each asks the node.'),
  contractCheckTimeoutMs: durationMs.default(5_000).describe('How long the node may take for one.'),
  contractCheckGasMax: count
    .default(3_000_000)
    .describe('What a wallet may use of the node to check a signature.'),
})

const verifierSchema = z.strictObject({
  address: address.describe('Of its key in the set of verifiers on chain.'),
  url: webUrl.describe('Where it answers. Never logged.'),
  credential: secret
    .optional()
    .describe(
      'One of its `services`, so that it answers more than it would to any address. Write ${VARIABLE}; never logged.',
    ),
})

const depositsSchema = z.strictObject({
  deployment: z.string().min(1).describe('File that says where the contracts are.'),
  verifiers: z.array(verifierSchema).min(1).describe('The set of verifiers.'),
  verifiersMin: count.describe('How many verifiers must say the same.'),
  verifierTimeoutMs: durationMs.default(5_000).describe('How long one verifier may take.'),
  checkIntervalMs: durationMs
    .default(2_000)
    .describe('Pause between checks of a deposit that is new; older ones are checked less often.'),
  revocationIntervalMs: durationMs
    .default(2_000)
    .describe(
      'Pause between looks at what verifiers hold for void, and at tokens that they have renewed.',
    ),
})

const alertsSchema = z.strictObject({
  signingKey: secret.describe(
    'What the secrets of webhooks are derived from. Write ${VARIABLE}; never logged.',
  ),
  mailerUrl: webUrl
    .optional()
    .describe(
      'Webhook of a mailer of yours, which gets e-mail alerts, and codes that confirm addresses, as JSON. Never logged.',
    ),
  allowLoopback: z
    .boolean()
    .default(false)
    .describe('Webhooks may be at this machine and without TLS: for trying things out.'),
  alertsPerMinuteMax: count.default(5).describe('Alerts that one account sets up.'),
  timeoutMs: durationMs.default(5_000).describe('How long one delivery may take.'),
  attemptsMax: count
    .max(30)
    .default(10)
    .describe('Deliveries that are tried before one is given up.'),
  retryMs: durationMs
    .default(10_000)
    .describe('Pause after the first failed delivery; it doubles each time, up to an hour.'),
  pollIntervalMs: durationMs.default(1_000).describe('Pause between looks into the outbox.'),
})

export const configSchema = z.strictObject({
  listen: listen.prefault({ port: 8570 }).describe('Where people and their programs connect.'),
  gatewayListen: listen
    .prefault({ port: 8571 })
    .describe('Where gateways and you connect; not for the public.'),
  gatewayCredentials: z
    .array(secret)
    .default([])
    .describe('What gateways bear. Write ${VARIABLE}; never logged.'),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'a postgres:// URL')
    .optional()
    .describe(
      'PostgreSQL 15 or newer; by default the service starts one itself. May hold ${VARIABLE}, read from the environment; never logged.',
    ),
  dataFolder: z
    .string()
    .min(1)
    .default('accounts-data')
    .describe(
      'Where a PostgreSQL that the service starts keeps everything. For one process alone.',
    ),
  databaseConnectionsMax: count.max(200).default(10).describe('Connections to it at once.'),
  trustedProxyHops: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('Proxies of yours in front: as many last entries of X-Forwarded-For are believed.'),
  signIn: signInSchema.describe('Who signs in, and how often.'),
  deposits: depositsSchema
    .optional()
    .describe('Who attests deposits; without it none is credited.'),
  alerts: alertsSchema.optional().describe('Low-balance alerts; without it there are none.'),
  requestsPerMinuteMax: count.default(600).describe('Requests of one network, all together.'),
  keyChangesPerMinuteMax: count
    .default(60)
    .describe('Changes of keys of one account; to freeze or revoke one is never refused.'),
  depositsPerMinuteMax: count.default(30).describe('Deposits that one network tells of.'),
  logLevel,
})

export type AccountsConfigFile = z.input<typeof configSchema>
export type AccountsConfig = z.output<typeof configSchema>
export type SignInConfig = AccountsConfig['signIn']
export type AlertsConfig = NonNullable<AccountsConfig['alerts']>
