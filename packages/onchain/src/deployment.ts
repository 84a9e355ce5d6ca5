import { z } from 'zod'
import type { Deployed } from './deploy/deploy.ts'
import { partNames } from './deploy/plan.ts'
import type { DeploySettings } from './deploy/settings.ts'
import { address, parseWith } from './file-fields.ts'

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
  /** What the timelock waits before it acts. */
  delaySeconds: z.int().nonnegative(),
  proposers: z.array(address),
  /** None: anyone. */
  executors: z.array(address),
  parts,
})

/** Where the contracts of one deployment are, and who was given what. */
export type Deployment = z.infer<typeof schema>

/** Throws with every problem at once. */
export function parseDeployment(text: string): Deployment {
  return parseWith(schema, JSON.parse(text))
}

/** What is written down of a system that was just deployed. */
export function deploymentOf(
  { chainId, deployer, firstBlock, parts }: Deployed,
  { guardian, admissions, slasher, timelock }: DeploySettings,
): Deployment {
  return {
    chainId,
    deployer,
    firstBlock: Number(firstBlock),
    guardian,
    admissions,
    slasher,
    delaySeconds: Number(timelock.delaySeconds),
    proposers: [...timelock.proposers],
    executors: [...timelock.executors],
    parts,
  }
}

export function formatDeployment(deployment: Deployment): string {
  return `${JSON.stringify(deployment, null, 2)}\n`
}
