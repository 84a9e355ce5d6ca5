import {
  common,
  consumerOf,
  meanPrice,
  networkOf,
  player,
  usdPerAnkr,
  withConsumer,
  worth,
} from '../network.ts'
import type { Strategy } from '../strategy.ts'

const party = { providers: [player], accounts: ['washer'] }

/**
 * Credits bought when ANKR was dear, sent to oneself when it is cheap. Others pay more ANKR for a credit by then, and what
 * there is is divided by credits.
 */
export const withOldCredits: Strategy = {
  name: 'credits of a dearer day',
  why: 'what there is is divided by credits, for which others pay more by then; ANKR has to have fallen by more than a fifth, and nearly all requests to reach its own nodes',
  attempts: (terms) =>
    [110n, 150n, 200n].flatMap((percent) =>
      [0.2, 1].map((part) => {
        const { values } = terms
        const honest = networkOf(terms)
        const credits = (worth(10_000, values) * percent) / 100n
        const own = { providerId: player, part }
        const use = { chain: common, credits, price: meanPrice, cachedPart: 0, own }
        const bought = { usdPerAnkr: (usdPerAnkr * percent) / 100n }
        const washer = { ...consumerOf('washer', [use], values), ...bought }
        const how = `bought at ${percent} % of the price, ${part * 100} % to itself`
        return { how, honest, cheat: withConsumer(honest, washer), party }
      }),
    ),
}

/** Fees of an epoch that arrive after it is closed are divided by the work of the next one. */
export const whenFeesAreLate: Strategy = {
  name: 'requests when fees are late',
  why: 'fees that come with those of the next epoch are divided by its work; it takes more than a quarter of an epoch’s',
  attempts: (terms) => {
    const honest = { ...networkOf(terms), late: [1] }
    return [0.2, 1].map((part) => {
      const { values } = terms
      const own = { providerId: player, part }
      const use = { chain: common, credits: worth(10_000, values), price: meanPrice, cachedPart: 0 }
      const washer = consumerOf('washer', [{ ...use, own, epochs: [2] }], values)
      const how = `all fees a week late, ${part * 100} % to itself`
      return { how, honest, cheat: withConsumer(honest, washer), party }
    })
  },
}
