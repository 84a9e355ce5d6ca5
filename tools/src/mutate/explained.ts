import type { Explained } from './report.ts'

/** Mutants that live, each with the reason why that is right. A reason that no mutant has any more fails a test. */
export const explained: readonly Explained[] = [
  {
    file: 'contracts/src/payments/RateFeed.sol',
    within: '_median',
    operator: 'border moved',
    before: 'for (; j > 0 && quotes[j - 1] > quote; --j) {',
    after: 'for (; j > 0 && quotes[j - 1] >= quote; --j) {',
    reason: 'Equal quotes change places, and the sorted list is the same.',
  },
]
