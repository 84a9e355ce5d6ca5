// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { RewardStream } from "../../../src/libraries/RewardStream.sol";
import { IIndemnifier, IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { System } from "../../System.sol";

/// @notice The pool of the whole system, a provider in it, and people who stake behind it.
abstract contract StakingPoolFixture is System {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant EPOCH = 7 days;
    uint256 internal constant MIN = 1000e18;
    uint256 internal constant SELF_PERIOD = 28 days;
    uint256 internal constant DELEGATOR_PERIOD = 22 days;
    uint256 internal constant REQUESTS_MAX = 32;
    uint256 internal constant RATIO_MAX = 16;
    uint256 internal constant LOCK_MAX = 12 days;
    StakeKind internal constant SELF = StakeKind.Self;
    StakeKind internal constant DELEGATED = StakeKind.Delegated;

    address internal owner = makeAddr("owner");
    address internal rewardsTo = makeAddr("rewardsTo");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    address internal stranger = makeAddr("stranger");
    address internal treasury;
    uint64 internal id;

    function setUp() public virtual {
        vm.warp(START);
        _deploySystem();
        treasury = address(timelock);
        id = _newProvider();
    }

    // Stake

    function _newProvider() internal returns (uint64) {
        vm.prank(owner);
        return registry.registerProvider(rewardsTo, 100_000, "ipfs://provider");
    }

    /// @dev Gives `amount` to `who` and lets the pool take it.
    function _ready(address who, uint256 amount) internal {
        _fundAnkr(who, amount);
        uint256 allowed = ankr.allowance(who, address(pool));
        vm.prank(who);
        ankr.approve(address(pool), allowed + amount);
    }

    function _stakeWith(uint64 providerId, address who, StakeKind kind, uint256 amount)
        internal
        returns (uint256 shares)
    {
        _ready(who, amount);
        vm.prank(who);
        return pool.stake(providerId, kind, amount, 0);
    }

    function _delegate(address who, uint256 amount) internal returns (uint256 shares) {
        return _stakeWith(id, who, DELEGATED, amount);
    }

    function _stakeSelf(uint256 amount) internal returns (uint256 shares) {
        return _stakeWith(id, owner, SELF, amount);
    }

    function _unstake(address who, uint256 shares) internal returns (uint64 requestId) {
        vm.prank(who);
        return pool.unstake(id, DELEGATED, shares, 0);
    }

    function _unstakeAll(address who) internal returns (uint64 requestId) {
        return _unstake(who, _sharesOf(who));
    }

    function _unstakeSelf(uint256 shares) internal returns (uint64 requestId) {
        vm.prank(owner);
        return pool.unstake(id, SELF, shares, 0);
    }

    function _cancel(address who, uint64 requestId) internal returns (uint256 shares) {
        vm.prank(who);
        return pool.cancelUnbonding(requestId, 0);
    }

    function _withdraw(address who, uint64 requestId) internal returns (uint256 amount) {
        vm.prank(who);
        return pool.withdraw(requestId, who);
    }

    /// @dev To the date of the request.
    function _await(uint64 requestId) internal {
        vm.warp(pool.requestOf(requestId).withdrawableAt);
    }

    // What the slasher does

    function _slash(uint256 selfAmount, uint256 delegatedAmount) internal {
        vm.prank(slasher);
        pool.slash(id, selfAmount, delegatedAmount);
    }

    function _lock(bytes32 lockId, StakeKind kind, uint256 amount) internal returns (uint64 until) {
        until = uint64(block.timestamp + LOCK_MAX);
        vm.prank(slasher);
        pool.lock(lockId, id, kind, amount, until);
    }

    function _jail() internal {
        vm.prank(slasher);
        registry.jail(id, uint64(block.timestamp + 30 days));
    }

    // Rewards

    /// @dev As the distributor brings them, over the epoch to come.
    function _reward(uint256 amount) internal {
        _fundAnkr(address(pool), amount);
        vm.prank(address(distributor));
        pool.addReward(id, amount);
    }

    function _claim(address who) internal returns (uint256 amount) {
        vm.prank(who);
        return pool.claim(id, who);
    }

    // Governance

    /// @dev Announces by the timelock, and lets the epoch begin with which the changes take effect.
    function _change(IParamStore.Change[] memory changes) internal {
        uint64 epoch = params.epochAt(block.timestamp + TIMELOCK_DELAY) + 1;
        _govern(address(params), abi.encodeCall(IParamStore.announce, (changes, epoch)));
        vm.warp(params.epochStart(epoch));
    }

    function _changeParam(Param param, uint256 value) internal {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(param, value);
        _change(changes);
    }

    /// @dev An initial period of `epochs_` from now with caps on delegation.
    function _setCaps(uint256 total, uint256 perAddress, uint64 epochs_) internal {
        IParamStore.Change[] memory changes = new IParamStore.Change[](3);
        changes[0] = IParamStore.Change(Param.DelegationCapTotal, total);
        changes[1] = IParamStore.Change(Param.DelegationCapPerAddress, perAddress);
        uint64 first = params.epochAt(block.timestamp + TIMELOCK_DELAY) + 1;
        changes[2] = IParamStore.Change(Param.DelegationCapEndEpoch, first + epochs_);
        _change(changes);
        assertEq(params.currentEpoch(), first);
    }

    function _setIndemnifier(IIndemnifier indemnifier) internal {
        _govern(address(pool), abi.encodeCall(IStakingPool.setIndemnifier, (indemnifier)));
    }

    // What there is

    function _sharesOf(address who) internal view returns (uint256) {
        return pool.sharesOf(id, DELEGATED, who);
    }

    function _stakeOf(address who) internal view returns (uint256) {
        return pool.stakeOf(id, DELEGATED, who);
    }

    function _selfShares() internal view returns (uint256) {
        return pool.sharesOf(id, SELF, address(0));
    }

    function _totalOf(uint64 providerId, StakeKind kind) internal view returns (uint256) {
        IStakingPool.BucketState memory bucket = pool.bucketOf(providerId, kind);
        return uint256(bucket.active) + bucket.unbonding;
    }

    /// @dev The pool's count is the sum of what it owes, and it has at least that.
    function _assertBooks() internal view {
        uint256 self;
        uint256 delegated;
        uint256 rewards;
        for (uint64 i = 1; i <= registry.providerCount(); i++) {
            self += _totalOf(i, SELF);
            delegated += _totalOf(i, DELEGATED);
            (uint256 reserve,) = pool.rewardsOf(i);
            rewards += reserve;
        }
        assertEq(pool.held(ankr), self + delegated + rewards, "held");
        assertEq(pool.delegatedTotal(), delegated, "delegatedTotal");
        assertGe(ankr.balanceOf(address(pool)), pool.held(ankr), "balance");
    }

    /// @dev To the ray: what these holders have earned, is carried, idle and still to flow is what is held for them.
    function _assertRewards(address[] memory holders) internal view {
        (uint256 reserve, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        uint256 until = Math.min(block.timestamp, stream.end);
        uint256 flowed = until > stream.settledAt ? uint256(stream.rate) * (until - stream.settledAt) : 0;
        uint256 shares = pool.bucketOf(id, DELEGATED).shares;
        uint256 rays = stream.carry;
        if (shares == 0) rays += flowed * RewardStream.RAY;
        else if (flowed > 0) rays = (flowed * RewardStream.RAY + stream.carry) % shares;
        uint256 left = stream.end > until ? uint256(stream.rate) * (stream.end - until) : 0;
        rays += (left + stream.remainder + stream.idle) * RewardStream.RAY;
        for (uint256 i = 0; i < holders.length; i++) {
            rays += pool.earnedRaysOf(id, holders[i]);
        }
        assertEq(rays, reserve * RewardStream.RAY, "rewards");
    }

    function _people() internal view returns (address[] memory people) {
        people = new address[](3);
        people[0] = alice;
        people[1] = bob;
        people[2] = carol;
    }

    // What is expected

    function _expectUnknownProvider(uint64 providerId) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolUnknownProvider.selector, providerId));
    }

    function _expectUnknownRequest(uint64 requestId) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolUnknownRequest.selector, requestId));
    }

    function _expectNotHolder(uint64 requestId, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolNotHolder.selector, requestId, caller));
    }

    function _expectBelowMinimum(uint256 position) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolBelowMinimum.selector, position, MIN));
    }

    function _expectCapReached(uint256 wanted, uint256 cap) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolCapReached.selector, wanted, cap));
    }

    function _expectZeroAmount() internal {
        vm.expectRevert(IStakingPool.StakingPoolZeroAmount.selector);
    }

    function _expectNothingToClaim() internal {
        vm.expectRevert(IStakingPool.StakingPoolNothingToClaim.selector);
    }

    function _expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }
}
