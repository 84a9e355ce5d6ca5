import {
  ankr,
  common,
  consumerOf,
  goodNode,
  networkOf,
  player,
  providerOf,
  withConsumer,
  withNode,
  withNodes,
  worth,
} from '../network.ts'
import type { Scenario, SimNode } from '../scenario.ts'
import type { Attempt, Strategy, Terms } from '../strategy.ts'

const alone = { providers: [player], accounts: [] }
/** What a machine costs that does less. */
const cheaper = goodNode.upkeep / 2n

function saving(how: string, terms: Terms, change: Partial<SimNode>): Attempt {
  const honest = networkOf(terms)
  return { how, honest, cheat: withNode(honest, { upkeep: cheaper, ...change }), party: alone }
}

export const lessWork: Strategy = {
  name: 'work left undone',
  why: 'a failure costs quality of all that is earned on the chain, and selection as well, more than half a machine saves',
  attempts: (terms) => [
    saving('refuses the hardest tenth', terms, { failsPart: 0.1 }),
    saving('drops what is slow, 4 %', terms, { failsPart: 0.04 }),
    saving('serves ten blocks behind', terms, { lagBlocks: 10 }),
    saving('answers a quarter late', terms, { latePart: 0.25, probeMs: 400 }),
    saving('is slow, so that others are raced', terms, { probeMs: 900, latePart: 0.1 }),
  ],
}

/** Cheap requests, all of them to its own nodes, by one whose nodes fail. */
function padded(terms: Terms, { failsPart, spending }: { failsPart: number; spending: number }) {
  const { values } = terms
  const own = { providerId: player, part: 1 }
  const use = { chain: common, credits: worth(spending, values), price: 200n, cachedPart: 0, own }
  const network = withConsumer(networkOf(terms), consumerOf('padder', [use], values))
  const failing = { failsPart, upkeep: cheaper }
  return {
    cheat: withNode(network, failing),
    unpadded: withNode(networkOf(terms), failing),
    party: { providers: [player], accounts: ['padder'] },
  }
}

export const padding: Strategy = {
  name: 'quality bought by cheap requests',
  why: 'nodes that fail are selected less, and good requests that hide it cost a fifth of their price each',
  attempts: (terms) =>
    [0.03, 0.08].map((failsPart) => {
      const { cheat, party } = padded(terms, { failsPart, spending: 10_000 })
      return { how: `fails ${failsPart * 100} %`, honest: networkOf(terms), cheat, party }
    }),
}

/** Not one of those that lose: quality counts relays, and is taken of credits. */
export const hiding: Strategy = {
  name: 'hiding failures by cheap requests',
  why: 'quality counts relays and is taken of credits; it takes nodes that fail, and requests that all reach them, and is still less than honest work earns',
  attempts: (terms) =>
    [0.03, 0.08].map((failsPart) => {
      const { cheat, unpadded, party } = padded(terms, { failsPart, spending: 3_000 })
      return {
        how: `fails ${failsPart * 100} %, against not hiding it`,
        honest: unpadded,
        cheat,
        party,
      }
    }),
}

export const belowNotice: Strategy = {
  name: 'below a hundred requests',
  why: 'so few requests are worth less than the stake of the node earns elsewhere',
  attempts: (terms) =>
    [1, 20].map((identities) => {
      const { values } = terms
      const tiny = 'tiny'
      const node = { ...goodNode, chains: [tiny], failsPart: 0.5, upkeep: 0n }
      const ids = Array.from({ length: identities }, (_, at) => 100n + BigInt(at))
      const network = networkOf(terms)
      // The dearest requests there are.
      const use = {
        chain: tiny,
        credits: 2_000n * 49n * BigInt(identities),
        price: 2_000n,
        cachedPart: 0,
      }
      const honest = withConsumer(network, consumerOf('stranger', [use], values))
      const cheat: Scenario = {
        ...honest,
        providers: [...honest.providers, ...ids.map((id) => providerOf(id, 1, node))],
      }
      const how = `${identities} provider${identities > 1 ? 's' : ''} that fail half`
      return { how, honest, cheat, party: { providers: ids, accounts: [] } }
    }),
}

export const manyNames: Strategy = {
  name: 'many names',
  why: 'selection is by node, and each node has its stake, whatever it is called',
  attempts: (terms) => {
    const honest = networkOf(terms)
    const ids = [player, 11n, 12n, 13n, 14n]
    const others = honest.providers.filter(({ providerId }) => providerId !== player)
    // Each has keys, pages and transactions of its own.
    const named = { ...goodNode, upkeep: goodNode.upkeep + ankr(5) }
    const split = {
      ...honest,
      providers: [...ids.map((id) => providerOf(id, 1, named)), ...others],
    }
    const overloaded = {
      ...goodNode,
      failsPart: 0.03,
      probeMs: 120,
      busyPart: 0.5,
      upkeep: cheaper,
    }
    const nodes = Array.from({ length: 10 }, () => overloaded)
    return [
      {
        how: 'five providers instead of one',
        honest,
        cheat: split,
        party: { providers: ids, accounts: [] },
      },
      { how: 'ten nodes on five machines', honest, cheat: withNodes(honest, nodes), party: alone },
    ]
  },
}

export const outbidding: Strategy = {
  name: 'stake instead of quality',
  why: 'four times the stake is one point of ten at the most, less than a bad node loses',
  attempts: (terms) => [
    saving('four times the stake, fails 3 %', terms, { stakeTimes: 4, failsPart: 0.03 }),
    saving('twenty times, fails 3 %', terms, { stakeTimes: 20, failsPart: 0.03 }),
    saving('four times, ten blocks behind', terms, { stakeTimes: 4, lagBlocks: 10 }),
  ],
}

/** Requests that hold a place for ten seconds, so that other nodes are full; and what that costs. */
export const starving: Strategy = {
  name: 'filling others',
  why: 'what fills a node pays for it, to those who were to be starved',
  attempts: (terms) => {
    const honest = networkOf(terms)
    // 230 places of 20 nodes for a week, 10 s and 800 credits each: for a day of it as well.
    const places = 230n * 20n
    return [1n, 7n].map((days) => {
      const credits = (places * 86_400n * days * 800n) / 10n
      const busy = 0.1 + (0.8 * Number(days)) / 7
      const use = { chain: common, credits, price: 800n, cachedPart: 0 }
      const griefer = { ...consumerOf('griefer', [use], terms.values), deposit: ankr(10_000_000) }
      const full = withConsumer(honest, griefer)
      const providers = full.providers.map((one) =>
        one.providerId === player
          ? one
          : { ...one, nodes: one.nodes.map((node) => ({ ...node, busyPart: busy })) },
      )
      const party = { providers: [player], accounts: ['griefer'] }
      return { how: `for ${days} of 7 days`, honest, cheat: { ...full, providers }, party }
    })
  },
}

/** Not one of those that lose: a gateway keeps to a part of the traffic for one provider, not for one owner. */
export const namesAboveTheMost: Strategy = {
  name: 'many names for most of a network',
  why: 'a gateway keeps one provider to 65 % of a chain, not one owner; each name has its stake, and is admitted',
  attempts: (terms) => {
    const honest = networkOf(terms)
    const others = [2n, 3n].map((id) => providerOf(id, 10))
    const ids = [player, 11n, 12n, 13n, 14n, 15n]
    const one = { ...honest, providers: [providerOf(player, 60), ...others] }
    const cheat = { ...honest, providers: [...ids.map((id) => providerOf(id, 10)), ...others] }
    const party = { providers: ids, accounts: [] }
    return [{ how: '60 of 80 nodes under six names', honest: one, cheat, party }]
  },
}
