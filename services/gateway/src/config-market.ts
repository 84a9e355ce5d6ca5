import { z } from 'zod'

/** The part of the settings that is about nodes which register themselves on chain. As in `config.ts`. */

const count = z.int().positive()
const durationMs = z.int().positive().max(600_000)

/** State and hashes of so many blocks below the head are asked of the settlement chain's nodes; all of them keep those. */
export const reorgBlocksMax = 32

const metadataSchema = z
  .strictObject({
    bytesMax: count
      .max(1_048_576)
      .default(65_536)
      .describe('Longest document of a provider that is read, in bytes.'),
    timeoutMs: durationMs.default(5_000).describe('How long reading one may take.'),
    retryMs: durationMs
      .default(60_000)
      .describe(
        'When a document that could not be read, or did not say what it must, is read again.',
      ),
    refreshMs: durationMs
      .default(600_000)
      .describe(
        'How often one at an https:// URL is read again, for what its provider has changed.',
      ),
  })
  .prefault({})

export const marketSchema = z.strictObject({
  deployment: z
    .string()
    .min(1)
    .describe('File that says where the contracts are, as `mooring deploy` writes it.'),
  rpcUrls: z
    .array(z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' }))
    .min(1, 'at least one node')
    .max(8)
    .describe(
      'Nodes of the settlement chain, of yours: what one says is believed. The next is asked when one fails. May hold ${VARIABLE}; never logged.',
    ),
  confirmationBlocks: z
    .int()
    .min(0)
    .max(reorgBlocksMax)
    .default(2)
    .describe(
      'Blocks after which a node is served that the chain names; it leaves with the first.',
    ),
  pollIntervalMs: durationMs
    .min(10)
    .default(1_000)
    .describe('Pause between looks at the settlement chain while there is nothing new.'),
  silenceMs: durationMs
    .default(120_000)
    .describe(
      'Without a new block for so long it is told in the log, and the next of rpcUrls is asked. Nodes that are served go on.',
    ),
  allowPrivateAddresses: z
    .boolean()
    .default(false)
    .describe(
      'Whether nodes and documents may be on this machine and in private networks, without TLS too: for trying things out.',
    ),
  inFlightMax: count.max(4_096).default(256).describe('Most requests at one node at once.'),
  metadata: metadataSchema,
})

export type MarketSettings = z.output<typeof marketSchema>
