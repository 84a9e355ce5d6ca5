import type { TokenAmount } from '@mooring/protocol/units'
import { least, sumOf } from '../economy/money/mul-div.ts'
import type { Credits } from '../metering/holding.ts'
import type { Keccak } from './bytes.ts'
import type { EpochData, EpochRoots } from './epoch-data.ts'
import { chargesTree, payoutsRootOf, performanceTree, receiptsTree } from './epoch-trees.ts'
import { cumulated, type Payout, type Payouts, type ProviderWork, payoutsOf } from './payouts.ts'
import { qualityOf, sumOfCounts } from './quality.ts'

/** An epoch without what comes out of it. */
export type EpochInputs = Omit<EpochData, 'payouts'>

/** What comes out of an epoch's data, but for the hash of its text. */
export type Settlement = Pick<Payouts, 'withheld' | 'left'> & {
  /** What there was to divide. */
  available: TokenAmount
  work: readonly ProviderWork[]
  payouts: readonly Payout[]
  roots: Omit<EpochRoots, 'dataHash'>
}

/**
 * Recomputes every payout and every root from the data alone.
 *
 * @param data - One in which `inconsistencies` finds nothing; of another one the result means nothing.
 */
export function settleEpoch(data: EpochInputs, keccak: Keccak): Settlement {
  const available = availableOf(data)
  const work = workOf(data)
  const { amounts, withheld, left } = payoutsOf({ available, served: data.served, work })
  // Who worked for nothing is told so.
  const all = new Map(work.map(({ providerId }) => [providerId, amounts.get(providerId) ?? 0n]))
  const payouts = cumulated(data.previous?.payouts ?? [], all)
  return {
    ...{ available, work, payouts, withheld, left },
    roots: {
      epoch: data.epoch.number,
      chargesRoot: chargesTree(data, keccak).root,
      payoutsRoot: payoutsRootOf(payouts, keccak),
      performanceRoot: performanceTree(data, keccak).root,
      receiptsRoot: receiptsTree(data, keccak).root,
      tariffHash: data.tariffs.at(-1)?.hash ?? '0x',
      payoutsTotal: sumOf(payouts.map(({ cumulative }) => cumulative)),
      withheldTotal: (data.previous?.withheldTotal ?? 0n) + withheld,
    },
  }
}

/** Providers' part that has arrived, less what earlier epochs have given away. Negative only in false data. */
export function availableOf({ state, previous }: Pick<EpochData, 'state' | 'previous'>): bigint {
  return state.fundedTotal - (previous?.payoutsTotal ?? 0n) - (previous?.withheldTotal ?? 0n)
}

/** What each provider did for each chain: of its nodes the lesser of books and receipts, and the quality of them all. */
export function workOf({
  nodes,
  performance,
  receipts,
  quality,
}: Pick<EpochData, 'nodes' | 'performance' | 'receipts' | 'quality'>): ProviderWork[] {
  const providers = new Map(nodes.map(({ nodeId, providerId }) => [nodeId, providerId]))
  const receipted = new Map<string, Credits>()
  for (const { nodeId, chain, creditsSum } of receipts) {
    const key = `${nodeId} ${chain}`
    receipted.set(key, (receipted.get(key) ?? 0n) + creditsSum)
  }
  const groups = new Map<string, EpochData['performance'][number][]>()
  for (const row of performance) {
    const key = `${providers.get(row.nodeId)} ${row.chain}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()].flatMap((rows) => {
    const [first] = rows
    if (first === undefined) return []
    const proven = rows.map(({ nodeId, chain, credits }) =>
      least(credits, receipted.get(`${nodeId} ${chain}`) ?? 0n),
    )
    return {
      providerId: providers.get(first.nodeId) ?? 0n,
      chain: first.chain,
      credits: sumOf(proven),
      qualityPpm: qualityOf(sumOfCounts(rows), quality),
    }
  })
}
