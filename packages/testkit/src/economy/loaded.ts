import { createReader } from '@mooring/onchain/clients'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Anvil, startAnvil } from '../anvil.ts'
import { type LocalEconomy, startEconomy } from './start.ts'

/** A chain as it is once the whole economy was deployed on it. */
type DeployedState = { state: unknown; deployment: Deployment }

/** Deploying takes seconds and comes to the same every time, so a process does it once for each chain id. */
const deployed = new Map<number, Promise<DeployedState>>()

/**
 * What `startEconomy` makes on a new chain, in some hundredths of a second instead of seconds: the chain gets the blocks
 * and the state of one that it was deployed on before.
 */
export async function loadEconomy(anvil: Anvil): Promise<LocalEconomy> {
  const { url, chainId } = anvil
  let making = deployed.get(chainId)
  if (making === undefined) {
    making = deployOnce(chainId)
    deployed.set(chainId, making)
    // Whoever asks next tries again.
    making.catch(() => deployed.delete(chainId))
  }
  const { state, deployment } = await making
  await anvil.ask('anvil_loadState', [state])
  return { rpc: url, deployment, reader: createReader({ url, chainId }) }
}

async function deployOnce(chainId: number): Promise<DeployedState> {
  await using anvil = await startAnvil({ chainId })
  const { deployment } = await startEconomy(anvil)
  return { state: await anvil.ask('anvil_dumpState'), deployment }
}
