import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createReader, readChainId } from '@mooring/onchain/clients'
import type { System as Contracts } from '@mooring/onchain/contracts'
import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readNetwork } from '../locations.ts'

export type SystemOptions = { rpc?: string; deployment?: string }

/** The contracts of one deployment and a way to ask their chain. */
export type System = Contracts & { rpcUrl: string }

const variables = { rpc: 'MOORING_RPC_URL', deployment: 'MOORING_DEPLOYMENT' } as const

export function addSystemOptions(command: Command): Command {
  return command
    .option('--rpc <url>', `the settlement chain; else ${variables.rpc}, else the local network's`)
    .option(
      '--deployment <file>',
      `where the contracts are; else ${variables.deployment}, else the local network's, else deployments/`,
    )
}

/** Finds chain and contracts, and makes sure that they belong together. */
export async function connect(context: Context, options: SystemOptions): Promise<System> {
  const network = readNetwork(context)?.urls
  const economy = isEconomy(network?.economy) ? network.economy : undefined
  const rpcUrl = options.rpc ?? context.env[variables.rpc] ?? economy?.rpc
  if (rpcUrl === undefined) {
    throw new CommandError(
      'badInput',
      'Nobody said which chain: start a local network with `npx mooring up`, or name a node of the\n' +
        `settlement chain with --rpc URL or ${variables.rpc}.`,
    )
  }
  const chainId = await readChainId(rpcUrl).catch((cause: unknown) => {
    throw new CommandError('unreachable', `No chain answers at ${rpcUrl}.`, { cause })
  })
  const file = deploymentFile(context, options, chainId, economy?.deployment)
  const deployment = readDeployment(file)
  if (deployment.chainId !== chainId) {
    throw new CommandError(
      'badInput',
      `${file} describes contracts on chain ${deployment.chainId}, and ${rpcUrl} is chain ${chainId}.`,
    )
  }
  return { reader: createReader({ url: rpcUrl, chainId }), rpcUrl, deployment }
}

function deploymentFile(
  context: Context,
  options: SystemOptions,
  chainId: number,
  ofNetwork: string | undefined,
): string {
  const named = options.deployment ?? context.env[variables.deployment]
  if (named !== undefined) return resolve(context.cwd, named)
  if (ofNetwork !== undefined) return ofNetwork
  return resolve(context.repository ?? context.cwd, join('deployments', `${chainId}.json`))
}

function readDeployment(file: string): Deployment {
  if (!existsSync(file)) {
    throw new CommandError(
      'badInput',
      `There is no deployment file ${file}: name one with --deployment FILE, or make one with \`npx mooring deploy\`.`,
    )
  }
  try {
    return parseDeployment(readFileSync(file, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file} is no deployment file: ${reason}`, { cause })
  }
}

function isEconomy(value: unknown): value is { rpc: string; deployment: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rpc' in value &&
    typeof value.rpc === 'string' &&
    'deployment' in value &&
    typeof value.deployment === 'string'
  )
}
