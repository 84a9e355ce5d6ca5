import { tokenScale } from '@mooring/protocol/units'
import type { ParamValues } from '../economy/parameters/sheet.ts'
import { defaultQualityRule } from '../settlement/quality.ts'
import type { Scenario, SimConsumer, SimNode, SimProvider, Use } from './scenario.ts'

/** The network that strategies are tried in: five providers with five nodes each, and consumers who pay for all. */

export const usdPerAnkr = tokenScale / 50n
/** Half of what is asked of the common chain is in gateways' caches. */
export const cachedPart = 0.5
export const common = 'eth'
export const player = 1n
export const meanPrice = 400n

export const goodNode: SimNode = {
  chains: [common],
  ...{ stakeTimes: 1, failsPart: 0.002, latePart: 0.001, lagBlocks: 0, probeMs: 40, busyPart: 0.1 },
  upkeep: 300n * tokenScale,
}

export function ankr(amount: number): bigint {
  return (BigInt(Math.round(amount * 1_000)) * tokenScale) / 1_000n
}

/** Credits that so many ANKR buy in the network. */
export function worth(amount: number, values: ParamValues): bigint {
  const perAnkr = (usdPerAnkr * 10_000_000n * (1_000_000n + values.AnkrDiscountPpm)) / 1_000_000n
  return (ankr(amount) * perAnkr) / (tokenScale * tokenScale)
}

export function consumerOf(
  account: string,
  uses: readonly Use[],
  values: ParamValues,
): SimConsumer {
  const terms = { usdPerAnkr, discountPpm: values.AnkrDiscountPpm }
  return { account, deposit: ankr(1_000_000), ...terms, uses }
}

export function providerOf(
  providerId: bigint,
  nodes: number,
  node: SimNode = goodNode,
): SimProvider {
  return { providerId, nodes: Array.from({ length: nodes }, () => node) }
}

/** @param demand - What consumers pay in an epoch, in ANKR. */
export function networkOf(
  { seed, values }: { seed: number; values: ParamValues },
  demand = 90_000,
): Scenario {
  const use = {
    ...{ chain: common, credits: worth(demand / 3, values), price: meanPrice, cachedPart },
  }
  return {
    ...{ seed, values, quality: defaultQualityRule, epochs: 3, invented: [], late: [] },
    providers: [1n, 2n, 3n, 4n, 5n].map((providerId) => providerOf(providerId, 5)),
    consumers: ['first', 'second', 'third'].map((name) => consumerOf(name, [use], values)),
  }
}

export function withConsumer(scenario: Scenario, consumer: SimConsumer): Scenario {
  return { ...scenario, consumers: [...scenario.consumers, consumer] }
}

/** The network with other nodes of the player. */
export function withNodes(scenario: Scenario, nodes: readonly SimNode[]): Scenario {
  const providers = scenario.providers.map((one) =>
    one.providerId === player ? { ...one, nodes } : one,
  )
  return { ...scenario, providers }
}

export function withNode(scenario: Scenario, change: Partial<SimNode>): Scenario {
  const own = scenario.providers.find(({ providerId }) => providerId === player)
  return withNodes(scenario, own?.nodes.map((node) => ({ ...node, ...change })) ?? [])
}
