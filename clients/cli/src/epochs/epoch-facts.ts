import { firstEpochOf } from '@mooring/market/settlement/epoch-data'
import { formatAnkr, formatCount } from '../economy/amounts.ts'
import type { LoadedEpoch } from './load-epoch.ts'

/** An epoch in a few lines. */
export function epochFacts({
  file: { data, roots },
  settlement: { available, withheld, left, payouts },
}: Pick<LoadedEpoch, 'file' | 'settlement'>): [string, string][] {
  const first = firstEpochOf(data)
  const { number } = data.epoch
  const paid = payouts.filter(({ amount }) => amount > 0n)
  return [
    ['epoch', first === number ? String(number) : `${number}, with all from ${first} on`],
    ['block', `${data.state.block}, ${data.state.hash}`],
    ['to divide', formatAnkr(available)],
    ['paid', `${formatAnkr(available - withheld - left)} to ${formatCount(paid.length)} providers`],
    ['withheld', formatAnkr(withheld)],
    ['left', left === 0n ? 'nothing' : `${formatAnkr(left)}, for the next epoch`],
    ['charges', `${formatCount(data.charges.length)}, root ${roots.chargesRoot}`],
    ['uncollected', `${formatCount(data.uncollected)} credits`],
    ['performance', `${formatCount(data.performance.length)}, root ${roots.performanceRoot}`],
    ['receipts', `${formatCount(data.receipts.length)}, root ${roots.receiptsRoot}`],
    ['payouts', `${formatCount(data.payouts.length)}, root ${roots.payoutsRoot}`],
    ['data', roots.dataHash],
  ]
}
