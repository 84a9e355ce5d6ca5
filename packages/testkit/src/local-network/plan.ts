import type { ChainDefinition } from '@mooring/chains/chain'
import { localOne } from '@mooring/chains/definitions/local_one'
import { localTwo } from '@mooring/chains/definitions/local_two'
import type { Faults } from '../fronts/faults.ts'

export type FrontPlan = { provider: string; node: string; faults?: Partial<Faults> | undefined }
export type ChainPlan = {
  definition: Pick<ChainDefinition, 'name' | 'chainId'>
  fronts: readonly FrontPlan[]
}

/** Nodes that give the load balancer something to do, by `{provider}/{node}`; `does` is what people read. */
export const faultyNodes: Readonly<Record<string, { does: string; faults: Partial<Faults> }>> = {
  'alpha/two': { does: 'answers 40 to 70 ms late', faults: { delayMs: 40, jitterMs: 30 } },
  'bravo/two': { does: 'lags 3 blocks', faults: { lagBlocks: 3 } },
  'charlie/two': {
    does: 'fails one request in five',
    faults: { failRatio: 0.2, failWith: 'http500' },
  },
}

const frontPlans: readonly FrontPlan[] = ['alpha', 'bravo', 'charlie'].flatMap((provider) =>
  ['one', 'two', 'three'].map((node) => ({
    provider,
    node,
    faults: faultyNodes[`${provider}/${node}`]?.faults,
  })),
)

/** Two chains, each served by three nodes of each of three providers. */
export const chainPlans: readonly ChainPlan[] = [localOne, localTwo].map((definition) => ({
  definition,
  fronts: frontPlans,
}))

/** A key that everyone knows: it shows how keys work, and opens nothing but a local network. */
export const demoPremiumKey = 'mooring-demo-premium-key'

/** High enough that nobody meets a limit by accident: some clients batch 100 requests unasked. */
const limits = {
  requestsPerSecond: 10_000,
  burstRequests: 10_000,
  inFlightMax: 10_000,
  batchMax: 1_000,
}

/** The gateway's configuration apart from its ports. */
export function gatewayConfigOf(
  fronts: readonly { chain: string; provider: string; node: string; url: string }[],
): object {
  const chains: Record<string, { upstreams: object[] }> = {}
  for (const { chain, provider, node, url } of fronts) {
    chains[chain] ??= { upstreams: [] }
    chains[chain].upstreams.push({ provider, name: node, url, type: 'archive' })
  }
  return {
    tiers: { community: limits, premium: limits },
    shutdownMs: 3_000,
    keys: [{ name: 'demo', key: demoPremiumKey, tier: 'premium' }],
    chains,
  }
}

/**
 * The nodes that a verifier asks: two of different providers, sound ones, and while there are enough none that another
 * verifier asks, so that each can be lied to alone.
 */
export function verifierNodesOf<N extends { provider: string; node: string }>(
  nodes: readonly N[],
  at: number,
): N[] {
  const sound = nodes.filter(({ provider, node }) => !(`${provider}/${node}` in faultyNodes))
  const providers = [...new Set(sound.map(({ provider }) => provider))]
  const of = (place: number) =>
    sound.filter(({ provider }) => provider === providers[place % providers.length])
  return [of(at).at(0), of(at + 1).at(-1)].filter((node) => node !== undefined)
}
