import { isSettableHeader } from '@mooring/http-client/upstream-address'
import { listen, logLevel } from '@mooring/settings/fields'
import { z } from 'zod'

/**
 * Every setting of an agent: shape, unit, default and meaning. `docs/reference/agent-config.md` is generated from these
 * descriptions.
 */
const count = z.int().positive()
const durationMs = z.int().positive().max(600_000)
const nodeUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })

const chainSchema = z.strictObject({
  url: nodeUrl.describe('JSON-RPC address of your node. May hold ${VARIABLE}; never logged.'),
  headers: z
    .record(
      z.string().refine(isSettableHeader, 'not a header that can be set here'),
      z.string().regex(/^[^\r\n\0]*$/, 'one line of text'),
    )
    .default({})
    .describe('Extra request headers for your node; never logged.'),
})

export const configSchema = z.strictObject({
  listen: listen
    .prefault({ port: 8600 })
    .describe('Where gateways connect. Put TLS in front where they come over a network.'),
  admin: listen.prefault({ port: 8601 }).describe('Metrics, health and what was earned: for you.'),
  nodeId: z
    .string()
    .regex(/^[1-9][0-9]{0,18}$/, 'the number of your node in the registry, in quotes')
    .describe('Number of your node in the registry of providers.'),
  key: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .describe('Keystore (Web3 Secret Storage, version 3) of your node’s signing key.'),
      password: z.string().describe('What opens it. Write ${VARIABLE}; never logged.'),
    })
    .describe('The key that the registry names for your node: it signs receipts and answers.'),
  deployment: z.string().min(1).describe('File that says where the contracts are.'),
  rpc: nodeUrl.describe('A node of the chain of the contracts. Never logged.'),
  chainPollMs: durationMs.default(2_000).describe('Pause between looks at the contracts.'),
  chainStaleMs: durationMs
    .default(60_000)
    .describe(
      'Who may be a gateway is not believed for longer without a look: no session is opened then.',
    ),
  chains: z
    .record(z.string(), chainSchema)
    .refine((chains) => Object.keys(chains).length > 0, 'at least one chain')
    .describe('What your node serves, by name of a chain that Mooring ships.'),
  directory: z
    .string()
    .min(1)
    .describe(
      'Where receipts are kept. Of this agent alone, on a disk that outlives it: they are what you are paid by.',
    ),
  keptDays: count
    .max(3_650)
    .default(30)
    .describe('Days for which receipts and the relays they cover are kept.'),
  sessionSeconds: z
    .int()
    .min(60)
    .max(3_600)
    .default(3_600)
    .describe('How long a session of a gateway lives; the gateway opens the next one by itself.'),
  sessionsPerGatewayMax: count
    .max(1_024)
    .default(16)
    .describe(
      'Sessions that one gateway may have at once, one for each of its processes; a newer one ends the oldest.',
    ),
  unprovenRelaysMax: count
    .default(250_000)
    .describe('Relays of one session without a receipt; at more it gets no answer until there is.'),
  unprovenSeconds: count
    .max(3_600)
    .default(120)
    .describe('A relay that has no receipt for so long is counted as not accepted by its gateway.'),
  inFlightMax: count.max(4_096).default(512).describe('Most requests at your node at once.'),
  nodeTimeoutMs: durationMs.max(120_000).default(30_000).describe('How long your node may take.'),
  bodyBytesMax: count
    .min(1_024)
    .max(64 * 1_048_576)
    .default(2 * 1_048_576)
    .describe('Largest request body in bytes.'),
  answerBytesMax: count
    .max(1_073_741_824)
    .default(64 * 1_048_576)
    .describe('Largest answer taken from your node, in bytes.'),
  logLevel,
})

export type AgentConfigFile = z.input<typeof configSchema>
export type AgentConfig = z.output<typeof configSchema>
