import { ppmScale } from '@mooring/protocol/units'
import {
  ankr,
  common,
  consumerOf,
  goodNode,
  meanPrice,
  networkOf,
  player,
  withConsumer,
  withNode,
  withNodes,
  worth,
} from '../network.ts'
import type { Scenario, Use } from '../scenario.ts'
import type { Attempt, Strategy, Terms } from '../strategy.ts'

const spending = 10_000
const party = { providers: [player], accounts: ['washer'] }

type Washing = Omit<Partial<Use>, 'own'> & {
  how: string
  own: number
  terms: Terms
  network?: Scenario
}

function wash({ how, own, terms, network = networkOf(terms), ...use }: Washing): Attempt {
  const { values } = terms
  const whole: Use = {
    ...{ chain: common, credits: worth(spending, values), price: meanPrice, cachedPart: 0 },
    ...use,
    own: { providerId: player, part: own },
  }
  return {
    how,
    honest: network,
    cheat: withConsumer(network, consumerOf('washer', [whole], values)),
    party,
  }
}

export const toItself: Strategy = {
  name: 'requests to itself',
  why: 'a credit relayed is paid providers’ part of what a credit costs, however many of them arrive',
  attempts: (terms) =>
    [0, 0.01, 0.2, 0.5, 1].map((own) =>
      wash({ how: `${own * 100} % reach its own nodes for sure`, own, terms }),
    ),
}

/** A chain that nobody else serves. */
const rare = 'rare'

export const ofTheCache: Strategy = {
  name: 'with the cache',
  why: 'what a cache answers is withheld, so it makes no relay dearer than its price',
  attempts: (terms) => {
    const alone = withNodes(networkOf(terms), [
      ...Array.from({ length: 5 }, () => ({ ...goodNode, chains: [common, rare] })),
    ])
    const hot = networkOf(terms)
    const mostlyCached = {
      ...hot,
      consumers: hot.consumers.map((one) => ({
        ...one,
        uses: one.uses.map((use) => ({ ...use, cachedPart: 0.9 })),
      })),
    }
    return [
      wash({ how: 'requests that are cached', own: 1, cachedPart: 1, terms }),
      wash({ how: 'requests that are not, where half are', own: 1, terms }),
      wash({ how: 'where nine of ten are', own: 1, terms, network: mostlyCached }),
      wash({ how: 'on a chain of its own', own: 1, chain: rare, terms, network: alone }),
      wash({
        ...{ how: 'on a chain of its own, half cached', own: 1, chain: rare, cachedPart: 0.5 },
        ...{ terms, network: alone },
      }),
    ]
  },
}

export const withDelegators: Strategy = {
  name: 'with delegators of its own',
  why: 'a payout is divided, not raised; strangers behind the provider take their part of what it washes',
  attempts: (terms) => {
    const commissionPpm = terms.values.CommissionMaxPpm
    return [0, 500_000].map((strangers) => {
      const delegated = { own: ankr(400_000), strangers: ankr(strangers), commissionPpm }
      return {
        ...wash({ how: `and ${strangers / 1_000}k of strangers`, own: 1, terms }),
        party: { ...party, delegated },
      }
    })
  },
}

export const atDiscount: Strategy = {
  name: 'at the discount',
  why: 'the parameters keep providers’ part of list price below what is paid for at the discount',
  attempts: (terms) => {
    // All others pay list price, as those do who pay in the stablecoin.
    const network = networkOf(terms)
    const others = network.consumers.map((one) => ({
      ...one,
      discountPpm: 0n,
      uses: one.uses.map((use) => ({
        ...use,
        credits: (use.credits * ppmScale) / (ppmScale + terms.values.AnkrDiscountPpm),
      })),
    }))
    return [
      wash({
        how: 'others pay list price',
        own: 1,
        terms,
        network: { ...network, consumers: others },
      }),
    ]
  },
}

export const forFree: Strategy = {
  name: 'community requests to itself',
  why: 'they are charged nothing, so they are no credits of work, and count for no quality',
  attempts: (terms) => {
    const honest = networkOf(terms)
    const own = { providerId: player, part: 1 }
    const credits = worth(90_000, terms.values)
    const use = { chain: common, credits, price: meanPrice, cachedPart: 0, own, isCommunity: true }
    const sent = withConsumer(honest, consumerOf('washer', [use], terms.values))
    return [
      // It takes machines of its own to serve them.
      { how: 'as many as others pay for', cheat: withNode(sent, { upkeep: goodNode.upkeep * 2n }) },
      { how: 'to hide that 4 % fail', cheat: withNode(sent, { failsPart: 0.04 }) },
    ].map((attempt) => ({ ...attempt, honest, party }))
  },
}
