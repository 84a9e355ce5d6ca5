import { callPart } from '@mooring/onchain/contracts'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { type AgentProcess, startAgentProcess } from '../agent.ts'
import type { Anvil } from '../anvil.ts'
import { officer, type Person, player } from '../economy/people.ts'
import { carryOut, openNode, openProvider } from '../economy/providers.ts'
import { type Front, startFront } from '../fronts/front.ts'
import { freePort } from '../ports.ts'
import { seededRandom, seedOf } from '../random.ts'
import type { ProviderPlan } from './plan.ts'
import { Service } from './service.ts'
import type { Parts } from './world.ts'

/** A provider with one node, and who has staked on it. */
export type Provider = {
  plan: ProviderPlan
  providerId: bigint
  nodeId: bigint
  owner: Person
  rewards: Person
  delegators: readonly Delegator[]
  agent: Service<AgentProcess>
  /** What plays its node. */
  front: Front
}

export type Delegator = { person: Person; staked: bigint }

/** Numbers of the accounts that owners, their rewards and delegators have, beside those of others. */
const firstOwner = 40
const firstDelegator = 60
const gasMoneyWei = `0x${(10n ** 20n).toString(16)}`
const oneAnkr = 10n ** 18n
const ownerAnkr = 200_000n * oneAnkr
const delegated = 0

type Context = Parts & { served: { name: string; anvil: Anvil } }

export async function openProviders(
  plans: readonly ProviderPlan[],
  context: Context,
): Promise<Provider[]> {
  const providers: Provider[] = []
  // One after the other: each gets the next number.
  for (const [at, plan] of plans.entries()) {
    providers.push(await openOne(plan, { ...context, at }))
  }
  return providers
}

async function openOne(
  plan: ProviderPlan,
  { at, ...context }: Context & { at: number },
): Promise<Provider> {
  const { chain, economy, folder, served, signal, stack } = context
  const owner = player(firstOwner + at)
  await give(context, owner, ownerAnkr)
  const providerId = await openProvider(economy, owner, {
    nodes: 1,
    commissionPpm: plan.commissionPpm,
  })
  const key = generatePrivateKey()
  const port = await freePort()
  // Nobody asks for the chain of the contracts here.
  const name = plan.isIdle ? idleChain : served.name
  const nodeUrl = plan.isIdle ? chain.anvil.url : served.anvil.url
  const front = stack.use(
    await startFront({
      ...{ chain: name, provider: plan.name, node: 'one', nodeUrl },
      random: seededRandom(seedOf(plan.name)),
      faults: { delayMs: plan.delayMs ?? 0 },
    }),
  )
  const nodeId = await openNode(economy, {
    ...{ providerId, owner, key: privateKeyToAccount(key), chains: [name] },
    url: `http://127.0.0.1:${port}/{chain}`,
    agent: true,
  })
  const agent = stack.use(
    await Service.start(`agent of ${plan.name}`, () =>
      startAgentProcess({
        ...{ nodeId: String(nodeId), privateKey: key, deployment: economy.deployment },
        ...{ rpc: economy.rpc, chains: { [name]: { url: front.url } }, port },
        directory: `${folder}/agent-${plan.name}`,
        config: { logLevel: 'warn' },
      }),
    ),
  )
  await carryOut(economy, owner, callPart(economy, 'registry', 'activateNode', [nodeId]))
  const delegators: Delegator[] = []
  for (const [place, staked] of plan.delegations.entries()) {
    const person = player(firstDelegator + 4 * at + place)
    await give(context, person, staked)
    await carryOut(
      economy,
      person,
      callPart(economy, 'ankr', 'approve', [economy.deployment.parts.pool, staked]),
      callPart(economy, 'pool', 'stake', [providerId, delegated, staked, 0n]),
    )
    delegators.push({ person, staked })
  }
  signal.throwIfAborted()
  return { plan, providerId, nodeId, owner, rewards: owner, delegators, agent, front }
}

const idleChain = 'local_one'

async function give({ chain, economy }: Context, person: Person, ankr: bigint): Promise<void> {
  await chain.anvil.ask('anvil_setBalance', [person.address, gasMoneyWei])
  const transfer = callPart(economy, 'ankr', 'transfer', [person.address, ankr])
  await carryOut(economy, officer('holder'), transfer)
}
