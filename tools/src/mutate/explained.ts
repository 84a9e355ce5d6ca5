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
  {
    file: 'contracts/src/governance/ParamStore.sol',
    within: 'epochAt',
    operator: 'border moved',
    before: 'if (era.epochSeconds != 0 && timestamp >= era.start) return _epochIn(era, timestamp);',
    after: 'if (era.epochSeconds != 0 && timestamp > era.start) return _epochIn(era, timestamp);',
    reason:
      'An era begins where the epochs of the one before it would: both give that second the same number.',
  },
  {
    file: 'contracts/src/governance/ParamStore.sol',
    within: 'epochStart',
    operator: 'border moved',
    before: 'if (era.epochSeconds != 0 && epoch >= era.firstEpoch) return _startIn(era, epoch);',
    after: 'if (era.epochSeconds != 0 && epoch > era.firstEpoch) return _startIn(era, epoch);',
    reason: 'The first epoch of an era begins where the era before it would have it begin.',
  },
  {
    file: 'contracts/src/libraries/SharePool.sol',
    within: 'stake',
    operator: 'guard removed',
    before: 'if (shares == 0) revert SharePoolTooLittle(amount);',
    after: '',
    reason:
      "The pool refuses less than its minimum before, and slashing never makes a share dearer. The library's own test, which is not compiled again for a mutant, refuses it.",
  },
  {
    file: 'contracts/src/rewards/RewardDistributor.sol',
    within: 'firstUnpaidOf',
    operator: 'border moved',
    before: 'return any && first < epoch ? first : epoch;',
    after: 'return any && first <= epoch ? first : epoch;',
    reason: 'Where both are the same epoch, either is it.',
  },
  {
    file: 'contracts/src/rewards/RewardDistributor.sol',
    within: '_pay',
    operator: 'border moved',
    before: 'if (toProvider > 0) _give(ankr, rewardsTo, toProvider);',
    after: 'if (toProvider >= 0) _give(ankr, rewardsTo, toProvider);',
    reason: 'Giving nothing changes no balance; leaving it out saves gas.',
  },
  {
    file: 'contracts/src/rewards/RewardDistributor.sol',
    within: 'push',
    operator: 'modifier removed',
    before: 'nonReentrant',
    after: '',
    reason:
      'It calls ANKR and contracts of the system, which call nobody else; the guard is for another token.',
  },
  {
    file: 'contracts/src/rewards/RewardDistributor.sol',
    within: 'pushMany',
    operator: 'modifier removed',
    before:
      'function pushMany(Payout[] calldata payouts) external nonReentrant returns (uint256 amount) {',
    after: 'function pushMany(Payout[] calldata payouts) external returns (uint256 amount) {',
    reason:
      'It calls ANKR and contracts of the system, which call nobody else; the guard is for another token.',
  },
  {
    file: 'contracts/src/staking/StakingPool.sol',
    within: '_hit',
    operator: 'equality turned',
    before: 'if (kind == StakeKind.Delegated) _settledRewards(providerId);',
    after: 'if (kind != StakeKind.Delegated) _settledRewards(providerId);',
    reason:
      'A slash hits both kinds in one call, self-stake first, so rewards are settled before delegations are hit all the same.',
  },
  {
    file: 'contracts/src/staking/StakingPool.sol',
    within: '_hit',
    operator: 'condition negated',
    before: 'if (kind == StakeKind.Delegated) _settledRewards(providerId);',
    after: 'if (!(kind == StakeKind.Delegated)) _settledRewards(providerId);',
    reason:
      'A slash hits both kinds in one call, self-stake first, so rewards are settled before delegations are hit all the same.',
  },
  {
    file: 'contracts/src/staking/StakingPool.sol',
    within: '_cover',
    operator: 'border moved',
    before: 'if (covered > 0) _receive(asset, covered);',
    after: 'if (covered >= 0) _receive(asset, covered);',
    reason: 'Receiving nothing changes no books; leaving it out saves gas.',
  },
  {
    file: 'contracts/src/libraries/RewardStream.sol',
    within: 'unflowed',
    operator: 'border moved',
    before:
      'return stream.end > stream.settledAt ? uint256(stream.rate) * (stream.end - stream.settledAt) : 0;',
    after:
      'return stream.end >= stream.settledAt ? uint256(stream.rate) * (stream.end - stream.settledAt) : 0;',
    reason: 'At its end there is no time left for anything to flow in: both are 0.',
  },
  {
    file: 'contracts/src/libraries/RewardStream.sol',
    within: 'settle',
    operator: 'border moved',
    before: 'if (until <= since) return;',
    after: 'if (until < since) return;',
    reason:
      'In no time nothing flows. What was carried over, less than 1e-27 of a base unit for each share, is counted a settlement sooner.',
  },
  {
    file: 'contracts/src/rewards/RewardDistributor.sol',
    within: 'sweepWithheld',
    operator: 'modifier removed',
    before: 'function sweepWithheld() external nonReentrant returns (uint256 amount) {',
    after: 'function sweepWithheld() external returns (uint256 amount) {',
    reason:
      'It calls ANKR and contracts of the system, which call nobody else; the guard is for another token.',
  },
  {
    file: 'contracts/src/governance/ParamStore.sol',
    within: 'epochStart',
    operator: 'border moved',
    before: 'if (epoch >= era.firstEpoch) break;',
    after: 'if (epoch > era.firstEpoch) break;',
    reason: 'The first epoch of an era begins where the era before it would have it begin.',
  },
  {
    file: 'contracts/src/governance/ParamStore.sol',
    within: 'epochAt',
    operator: 'border moved',
    before: 'for (uint256 i = _eras.length; i > 0; i--) {',
    after: 'for (uint256 i = _eras.length; i >= 0; i--) {',
    reason:
      'What is before the first era is refused above, so the loop breaks before it comes to its end.',
  },
]
