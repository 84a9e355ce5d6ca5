import { listen, logLevel } from '@mooring/settings/fields'
import { parseUnits } from 'viem'
import { z } from 'zod'

/**
 * Every setting of a keeper: shape, unit, default and meaning. `docs/reference/keeper-config.md` is generated from these
 * descriptions.
 */
const durationMs = z.int().min(50).max(86_400_000)
const webUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })
const ankrDecimals = 18

const intervalsSchema = z.strictObject({
  chargesMs: durationMs
    .default(10_000)
    .describe('Pause between looks for charge roots to post and for charges to apply.'),
  feesMs: durationMs.default(60_000).describe('Pause between looks for fees that lie somewhere.'),
  epochsMs: durationMs
    .default(30_000)
    .describe('Pause between looks for epochs to post and payouts to push.'),
  upkeepMs: durationMs
    .default(600_000)
    .describe('Pause between looks at signer sets and at all providers and nodes.'),
  backoffMsMax: durationMs
    .default(300_000)
    .describe('What does not work is tried again after a pause that doubles up to this.'),
})

export const configSchema = z.strictObject({
  listen: listen
    .prefault({ port: 8610 })
    .describe('Metrics, health and what is waited for: for you alone.'),
  deployment: z.string().min(1).describe('File that says where the contracts are.'),
  rpcUrl: webUrl.describe('A node of their chain. Never logged.'),
  key: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .describe('Keystore (Web3 Secret Storage, version 3) of the account that pays for gas.'),
      password: z.string().describe('What opens it. Write ${VARIABLE}; never logged.'),
    })
    .describe(
      'The account that sends. It needs gas money and no right at all; no two keepers share one.',
    ),
  billingUrl: webUrl.describe('A billing service, which the files come from. Never logged.'),
  verifiers: z
    .array(webUrl.describe('Where a verifier is reached. Never logged.'))
    .min(1, 'at least one')
    .max(32)
    .describe('All verifiers that may be asked to sign.'),
  costWeiMax: z
    .string()
    .regex(/^[1-9]\d{0,27}$/, 'wei, as a whole number in quotes')
    .transform(BigInt)
    .prefault('50000000000000000')
    .describe(
      'What one transaction may cost at the most, in wei; at more is waited. The largest take some 7,000,000 gas.',
    ),
  ankrMin: z
    .string()
    .regex(/^(?=.*[1-9])\d{1,10}(\.\d{1,18})?$/, 'an amount of ANKR in quotes, more than none')
    .transform((text) => parseUnits(text, ankrDecimals))
    .prefault('100')
    .describe(
      'What lies somewhere is moved on from so many ANKR on: less may not be worth its gas.',
    ),
  patienceMs: durationMs
    .default(60_000)
    .describe('After so long without inclusion more is offered for a transaction.'),
  intervals: intervalsSchema.prefault({}).describe('How often is looked for what.'),
  logLevel,
})

export type KeeperConfigFile = z.input<typeof configSchema>
export type KeeperConfig = z.output<typeof configSchema>
