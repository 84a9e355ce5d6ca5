import { z } from 'zod'

/** What the configuration says of agents: of the one before an upstream, and of what this gateway is to all of them. */
export const agentSettings = z
  .strictObject({
    nodeId: z
      .string()
      .regex(/^[1-9][0-9]{0,18}$/, 'the number of the node in the registry, in quotes')
      .describe('Number of the node in the registry of providers.'),
    address: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hexadecimal digits')
      .transform((text) => text.toLowerCase())
      .describe('What the node signs with.'),
  })
  .optional()
  .describe(
    'That an agent stands before the node: it gets receipts for what it serves, and traffic as long as it signs them. Needs `identity`.',
  )

const identity = z.strictObject({
  keyFile: z
    .string()
    .min(1)
    .describe(
      'Keystore (Web3 Secret Storage, version 3) of the key that is a member of the set of gateways on chain.',
    ),
  password: z.string().describe('What opens it. Write ${VARIABLE}; never logged.'),
  deployment: z
    .string()
    .min(1)
    .describe(
      'File that says where the contracts are. With `market`, those of the same deployment.',
    ),
  rpc: z
    .url({ protocol: /^https?$/, error: 'an http:// or https:// URL' })
    .describe('A node of the chain of the contracts, for the epoch. Never logged.'),
  directory: z
    .string()
    .min(1)
    .describe('Where receipts are kept. Of this gateway alone, on a disk that outlives it.'),
  keptDays: z
    .int()
    .positive()
    .max(3_650)
    .default(30)
    .describe('Days for which receipts and the relays they cover are kept.'),
})

export type IdentitySettings = z.output<typeof identity>

export const identitySettings = identity
  .optional()
  .describe(
    'What this gateway is to the agents of nodes: it signs receipts with it. Needs a restart.',
  )
