import { credential, listen, logLevel } from '@mooring/settings/fields'
import { z } from 'zod'

/**
 * Every setting of a witness: shape, unit, default and meaning. `docs/reference/witness-config.md` is generated from these
 * descriptions.
 */
const count = z.int().positive()

export const configSchema = z.strictObject({
  listen: listen
    .prefault({ port: 8590 })
    .describe('Where gateways, the billing service and you connect; not for the public.'),
  credentials: z
    .array(credential)
    .min(1, 'at least one')
    .describe('What gateways and the billing service bear. Write ${VARIABLE}; never logged.'),
  directory: z
    .string()
    .min(1)
    .describe('Where copies are kept. Of this witness alone, on a disk that outlives it.'),
  copiesMax: count
    .max(100_000)
    .default(1_000)
    .describe('Copies kept at once, one for each run of a gateway that is not in the books.'),
  copyLengthMax: count
    .default(268_435_456)
    .describe('Letters of frames that one copy holds, in memory and on the disk.'),
  logLevel,
})

export type WitnessConfigFile = z.input<typeof configSchema>
export type WitnessConfig = z.output<typeof configSchema>
