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
  {
    file: 'contracts/src/governance/ParamStore.sol',
    within: 'epochStart',
    operator: 'border moved',
    before: 'for (uint256 i = _eras.length; i > 0; i--) {',
    after: 'for (uint256 i = _eras.length; i >= 0; i--) {',
    reason: 'The first era begins with epoch 0, so the loop breaks before it comes to its end.',
  },
  {
    file: 'contracts/src/governance/ParamStore.sol',
    within: 'epochAt',
    operator: 'border moved',
    before: 'if (timestamp >= era.start) break;',
    after: 'if (timestamp > era.start) break;',
    reason:
      'An era begins where the epochs of the one before it would: both give that second the same number.',
  },
  {
    file: 'contracts/src/rewards/RewardDistributor.sol',
    within: 'fund',
    operator: 'modifier removed',
    before: 'function fund() external nonReentrant returns (uint256 amount) {',
    after: 'function fund() external returns (uint256 amount) {',
    reason: 'It calls nobody but ANKR, which calls nobody; the guard is for another token.',
  },
  {
    file: 'contracts/src/governance/Bootstrap.sol',
    within: '_rewardReferences',
    operator: 'step turned',
    before: 'list[next++] = Reference(address(parts.distributor), "ankr()", address(parts.ankr));',
    after: 'list[next--] = Reference(address(parts.distributor), "ankr()", address(parts.ankr));',
    reason: 'The last step of the count is read by nobody.',
  },
  {
    file: 'contracts/src/staking/Commissions.sol',
    within: 'inForceAt',
    operator: 'border moved',
    before: 'return key < oldest._key ? oldest._value : trace.upperLookup(key);',
    after: 'return key <= oldest._key ? oldest._value : trace.upperLookup(key);',
    reason: 'In the epoch of the oldest entry both branches give the oldest entry.',
  },
]
