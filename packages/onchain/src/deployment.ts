import { getAddress } from 'viem'
import { z } from 'zod'
import { partNames } from './deploy/plan.ts'

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'is no address: 0x and 40 hexadecimal digits')
  .transform((text) => getAddress(text))

const parts = z.object(
  // Every name of the list becomes a member.
  Object.fromEntries(partNames.map((name) => [name, address])) as Record<
    (typeof partNames)[number],
    typeof address
  >,
)

const schema = z.object({
  chainId: z.int().positive(),
  deployer: address,
  /** Nothing of the system happened before this block. */
  firstBlock: z.int().nonnegative(),
  guardian: address,
  admissions: address,
  slasher: address.optional(),
  proposers: z.array(address),
  executors: z.array(address),
  parts,
})

/** Where the contracts of one deployment are, and who was given what. */
export type Deployment = z.infer<typeof schema>

/** Throws with every problem at once. */
export function parseDeployment(text: string): Deployment {
  const result = schema.safeParse(JSON.parse(text))
  if (result.success) return result.data
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'} ${message}`,
  )
  throw new Error(problems.join('; '))
}

export function formatDeployment(deployment: Deployment): string {
  return `${JSON.stringify(deployment, null, 2)}\n`
}
