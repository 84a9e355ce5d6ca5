import { bootstrapAbi } from '@mooring/abis/bootstrap'
import { BaseError, ContractFunctionRevertedError, zeroAddress } from 'viem'
import type { Reader } from '../clients.ts'
import { isCodeOf } from '../deployed-code.ts'
import type { Deployment } from '../deployment.ts'
import { failureOf, isUnreachable } from '../failures.ts'
import { artifactOfPart, type PartName, partNames } from './plan.ts'
import { roleProblems } from './roles.ts'

/** A deployment is not what its file says, or not as it was handed over. */
export class DeploymentProblem extends Error {
  override name = 'DeploymentProblem'
}

/**
 * Throws unless the contracts of a deployment are ours, stand as they were handed over, and nobody holds a role besides
 * those that were given one.
 *
 * Nothing that the file names is believed: first the code of every part is compared, then the contract that handed over
 * checks wiring and functions, then every role that was ever granted is looked at.
 */
export async function assertHandedOver(reader: Reader, deployment: Deployment): Promise<void> {
  const problems = (
    await Promise.all(partNames.map((part) => codeProblem(reader, deployment, part)))
  ).flat()
  if (problems.length === 0) problems.push(...(await wiringProblems(reader, deployment)))
  if (problems.length === 0) problems.push(...(await roleProblems(reader, deployment)))
  if (problems.length > 0) throw new DeploymentProblem(problems.join('; '))
}

/** Tokens that existed before are whatever they are; everything else has our code. */
async function codeProblem(
  reader: Reader,
  { parts }: Deployment,
  part: PartName,
): Promise<string[]> {
  const code = await reader.getCode({ address: parts[part] })
  if (code === undefined) return [`there is no contract at ${parts[part]}, said to be ${part}`]
  if (part === 'ankr' || part === 'stable') return []
  if (isCodeOf(artifactOfPart(part), code)) return []
  return [`the contract at ${parts[part]} is not the ${part} of this version`]
}

async function wiringProblems(reader: Reader, deployment: Deployment): Promise<string[]> {
  const { bootstrap, ...parts } = deployment.parts
  const { guardian, admissions, slasher = zeroAddress } = deployment
  try {
    await reader.readContract({
      address: bootstrap,
      abi: bootstrapAbi,
      functionName: 'check',
      args: [parts, { guardian, admissions, slasher }],
    })
    return []
  } catch (error) {
    const refused =
      error instanceof BaseError &&
      error.walk((cause) => cause instanceof ContractFunctionRevertedError) !== null
    if (!refused || isUnreachable(error)) throw error
    return [failureOf(error, [bootstrapAbi]).sentence]
  }
}
