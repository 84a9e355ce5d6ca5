import type { ChainDefinition } from '@mooring/chains/chain'
import { localOne } from '@mooring/chains/definitions/local_one'
import { localTwo } from '@mooring/chains/definitions/local_two'
import type { Faults } from '../fronts/faults.ts'

export type FrontPlan = { provider: string; node: string; faults?: Partial<Faults> | undefined }
export type ChainPlan = {
  definition: Pick<ChainDefinition, 'name' | 'chainId'>
  fronts: readonly FrontPlan[]
}

/** Faults that give the load balancer something to do, by `{provider}/{node}`. */
const faultsOf: Readonly<Record<string, Partial<Faults>>> = {
  'alpha/two': { delayMs: 40, jitterMs: 30 },
  'bravo/two': { lagBlocks: 3 },
  'charlie/two': { failRatio: 0.2, failWith: 'http500' },
}

const frontPlans: readonly FrontPlan[] = ['alpha', 'bravo', 'charlie'].flatMap((provider) =>
  ['one', 'two', 'three'].map((node) => ({
    provider,
    node,
    faults: faultsOf[`${provider}/${node}`],
  })),
)

/** Two chains, each served by three nodes of each of three providers. */
export const chainPlans: readonly ChainPlan[] = [localOne, localTwo].map((definition) => ({
  definition,
  fronts: frontPlans,
}))

/** A key that everyone knows: it shows how keys work, and opens nothing but a local network. */
export const demoPremiumKey = 'mooring-demo-premium-key'

/** High enough that nobody meets a limit by accident. */
const requestsPerSecond = 10_000

/** The gateway's configuration apart from its ports. */
export function gatewayConfigOf(
  fronts: readonly { chain: string; provider: string; node: string; url: string }[],
): object {
  const chains: Record<string, { upstreams: object[] }> = {}
  for (const { chain, provider, node, url } of fronts) {
    chains[chain] ??= { upstreams: [] }
    chains[chain].upstreams.push({ provider, name: node, url, type: 'archive' })
  }
  const tier = { requestsPerSecond, burstRequests: requestsPerSecond }
  return {
    tiers: { community: tier, premium: tier },
    shutdownMs: 3_000,
    keys: [{ name: 'demo', key: demoPremiumKey, tier: 'premium' }],
    chains,
  }
}
