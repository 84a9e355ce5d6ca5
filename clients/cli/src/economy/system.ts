import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createReader, readChainId } from '@mooring/onchain/clients'
import { type System as Contracts, readPart } from '@mooring/onchain/contracts'
import { type Deployment, parseDeployment } from '@mooring/onchain/deployment'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readNetwork } from '../locations.ts'
import { type Assets, ankrDecimals, assetsWith } from './amounts.ts'

export type RpcOptions = { rpc?: string }
export type SystemOptions = RpcOptions & { deployment?: string }

/** The contracts of one deployment and a way to ask their chain. */
export type System = Contracts & { rpcUrl: string; deploymentFile: string; assets: Assets }

const variables = { rpc: 'MOORING_RPC_URL', deployment: 'MOORING_DEPLOYMENT' } as const

export function addRpcOption(command: Command): Command {
  return command.option(
    '--rpc <url>',
    `the settlement chain; else ${variables.rpc}, else the local network's`,
  )
}

export function addSystemOptions(command: Command): Command {
  return addRpcOption(command).option(
    '--deployment <file>',
    `where the contracts are; else ${variables.deployment}, else the local network's, else deployments/`,
  )
}

/** Whether somebody said which contracts are meant, or which chain. */
export function isSystemNamed(context: Context, options: SystemOptions): boolean {
  const { env } = context
  const named = [options.rpc, options.deployment, env[variables.rpc], env[variables.deployment]]
  return named.some((name) => name !== undefined)
}

/** Finds chain and contracts, and makes sure that they belong together. */
export async function connect(context: Context, options: SystemOptions): Promise<System> {
  const { rpcUrl, chainId } = await chainOf(context, options)
  const file = deploymentFile(context, options, { rpcUrl, chainId })
  const deployment = readDeployment(file)
  if (deployment.chainId !== chainId) {
    throw new CommandError(
      'badInput',
      `${file} describes contracts on chain ${deployment.chainId}, and ${hostOf(rpcUrl)} is chain ${chainId}.`,
    )
  }
  const reader = createReader({ url: rpcUrl, chainId })
  const code = await reader.getCode({ address: deployment.parts.params })
  if (code === undefined) {
    throw new CommandError(
      'badInput',
      `${file} names contracts that are not on the chain at ${hostOf(rpcUrl)}: it belongs to another chain with the id ${chainId}.`,
    )
  }
  const system = { reader, deployment }
  const [ankr, stable] = await Promise.all([
    readPart(system, 'ankr', 'decimals', []),
    readPart(system, 'stable', 'decimals', []),
  ])
  if (ankr !== ankrDecimals) {
    throw new CommandError('badInput', `${file} names an ANKR of ${ankr} decimals; it has 18.`)
  }
  return { ...system, rpcUrl, deploymentFile: file, assets: assetsWith(stable) }
}

/** Of an address that may hold a key no more than this is told. */
export function hostOf(rpcUrl: string): string {
  return URL.parse(rpcUrl)?.host ?? 'an address that is no URL'
}

/** The chain that was named, or that of the local network, when it answers. */
export async function chainOf(
  context: Context,
  options: RpcOptions,
): Promise<{ rpcUrl: string; chainId: number }> {
  const rpcUrl = options.rpc ?? context.env[variables.rpc] ?? localEconomy(context)?.rpc
  if (rpcUrl === undefined) {
    throw new CommandError(
      'badInput',
      'Nobody said which chain: start a local network with `npx mooring up`, or name a node of the\n' +
        `settlement chain with --rpc URL or ${variables.rpc}.`,
    )
  }
  if (!/^https?:$/.test(URL.parse(rpcUrl)?.protocol ?? '')) {
    throw new CommandError('badInput', '--rpc is no http:// or https:// URL.')
  }
  const chainId = await readChainId(rpcUrl).catch((cause: unknown) => {
    throw new CommandError('unreachable', `No chain answers at ${hostOf(rpcUrl)}.`, { cause })
  })
  return { rpcUrl, chainId }
}

function localEconomy(context: Context): { rpc: string; deployment: string } | undefined {
  const economy = readNetwork(context)?.urls.economy
  return isEconomy(economy) ? economy : undefined
}

function deploymentFile(
  context: Context,
  options: SystemOptions,
  { rpcUrl, chainId }: { rpcUrl: string; chainId: number },
): string {
  const named = options.deployment ?? context.env[variables.deployment]
  if (named !== undefined) return resolve(context.cwd, named)
  const local = localEconomy(context)
  // A chain that was named is not the local network's, whatever else runs here.
  if (local !== undefined && local.rpc === rpcUrl) return local.deployment
  if (context.repository !== undefined) {
    return join(context.repository, 'deployments', `${chainId}.json`)
  }
  // A file that happens to lie in some folder says where money goes: it has to be named.
  throw new CommandError(
    'badInput',
    `Nobody said where the contracts are: name a deployment file with --deployment FILE or ${variables.deployment}.`,
  )
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
