import { paramNumbers } from '@mooring/abis/params'
import { parseUnits } from 'viem'
import { z } from 'zod'
import { address as anyAddress, hash as anyHash, parseWith } from '../file-fields.ts'
import type { DeploySettings } from './settings.ts'

/**
 * What the contracts are deployed with, as people write it: addresses, seconds, whole tokens and names of parameters.
 */

const address = anyAddress.refine(
  (found) => BigInt(found) !== 0n,
  'is address zero, which nobody has',
)
const decimal = (decimals: number) =>
  z
    .string()
    .regex(
      new RegExp(`^\\d{1,30}(\\.\\d{1,${decimals}})?$`),
      `is no number with at most ${decimals} decimals; write it in quotes`,
    )
    .transform((text) => parseUnits(text, decimals))
/** What a table's address may be long: it is stored on chain. */
const uriCharsMax = 256
const tableHash = anyHash.refine(
  (found) => BigInt(found) !== 0n,
  'is zero, which is the hash of nothing',
)
const signerSet = z
  .strictObject({ members: z.array(address).min(1), threshold: z.int().min(1) })
  .refine(
    ({ members, threshold }) => threshold <= members.length,
    'has a threshold above the number of its members',
  )
  .refine(({ members }) => new Set(members).size === members.length, 'names a member twice')
const paramName = z.enum(Object.keys(paramNumbers) as [keyof typeof paramNumbers])

const schema = z
  .strictObject({
    /** An ANKR that exists, or the account that receives the supply of a new one. */
    ankr: z.union(
      [
        z.strictObject({ address, burnable: z.boolean() }),
        z.strictObject({ holder: address, supply: decimal(18) }),
      ],
      'is neither { address: "0x…", burnable: true or false } nor { holder: "0x…", supply: "whole tokens" }; texts stand in quotes',
    ),
    stable: z.union(
      [
        z.strictObject({ address, decimals: z.int().min(0).max(18) }),
        z.strictObject({ holder: address }),
      ],
      'is neither { address: "0x…", decimals: 6 } nor { holder: "0x…" } of a new one; texts stand in quotes',
    ),
    timelock: z.strictObject({
      /** Whoever is harmed by a change needs the time to leave. */
      delaySeconds: z.int().min(60),
      proposers: z.array(address).min(1),
      /** None: anyone executes what was proposed and has waited. */
      executors: z.array(address).default([]),
    }),
    guardian: address,
    admissions: address,
    slasher: address.optional(),
    recipients: z.strictObject({
      /** The timelock itself when left out. */
      treasury: address.optional(),
      grants: address,
      auditors: address,
      protection: address,
    }),
    signers: z.strictObject({ verifier: signerSet, gateway: signerSet, rateSigner: signerSet }),
    initialUsdPerAnkr: decimal(18),
    /** The first table of prices; the newest that this version comes with when left out. */
    prices: z.strictObject({ hash: tableHash, uri: z.string().max(uriCharsMax) }).optional(),
    /** Other than the defaults: by name, in base units, seconds or PPM. */
    params: z
      .partialRecord(paramName, z.string().regex(/^\d+$/, 'is no whole number in quotes'))
      .default({}),
  })
  .transform(
    ({ timelock, params, slasher, ...rest }): DeploySettings => ({
      ...rest,
      slasher,
      timelock: { ...timelock, delaySeconds: BigInt(timelock.delaySeconds) },
      params: Object.entries(params).map(([name, value]) => ({
        // The schema knows every name.
        param: paramNumbers[name as keyof typeof paramNumbers],
        value: BigInt(value),
      })),
    }),
  )

/**
 * @param value - What stands in the file, parsed.
 * @throws With every problem at once.
 */
export function parseDeploySettings(value: unknown): DeploySettings {
  return parseWith(schema, value)
}
