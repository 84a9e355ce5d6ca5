// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Custody } from "../../../src/libraries/Custody.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPool } from "../../../src/staking/StakingPool.sol";
import { HostileToken } from "../Escrow/HostileToken.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Stake_StakingPool_Test is StakingPoolFixture {
    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        pool.stake(2, DELEGATED, MIN, 0);
        _expectUnknownProvider(0);
        pool.stake(0, SELF, MIN, 0);
    }

    function test_RevertWhen_AmountIsZero() external {
        _expectZeroAmount();
        pool.stake(id, DELEGATED, 0, 0);
        _expectZeroAmount();
        vm.prank(owner);
        pool.stake(id, SELF, 0, 0);
    }

    function test_RevertGiven_NoAllowance() external {
        _fundAnkr(alice, MIN);
        vm.startPrank(alice);
        ankr.approve(address(pool), MIN - 1);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        pool.stake(id, DELEGATED, MIN, 0);
    }

    function test_RevertGiven_TheAssetTakesAFee() external {
        (StakingPool other, HostileToken token) = _hostilePool();
        token.setFee(1);
        vm.expectRevert(abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, token, MIN, MIN - 1));
        other.stake(id, DELEGATED, MIN, 0);
    }

    function test_RevertGiven_TheAssetCallsBack() external {
        (StakingPool other, HostileToken token) = _hostilePool();
        bytes[8] memory calls = [
            abi.encodeCall(IStakingPool.stake, (id, DELEGATED, MIN, 0)),
            abi.encodeCall(IStakingPool.stakeWithPermit, (id, DELEGATED, MIN, 0, 0, 0, 0, 0)),
            abi.encodeCall(IStakingPool.unstake, (id, DELEGATED, 1, 0)),
            abi.encodeCall(IStakingPool.cancelUnbonding, (1, 0)),
            abi.encodeCall(IStakingPool.withdraw, (1, address(this))),
            abi.encodeCall(IStakingPool.claim, (id, address(this))),
            abi.encodeCall(IStakingPool.claimAndRestake, (id, 0)),
            abi.encodeCall(IStakingPool.sweepSurplus, (token))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            token.setCallback(address(other), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            other.stake(id, DELEGATED, MIN, 0);
        }
    }

    function test_RevertWhen_TooFewShares() external {
        _ready(alice, MIN);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolTooFewShares.selector, MIN, MIN + 1));
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN, MIN + 1);
    }

    function test_StakesForExactlyTheSharesAskedFor() external {
        _delegate(bob, 10_000e18);
        _slash(0, 5000e18);
        _ready(alice, MIN);
        vm.prank(alice);
        assertEq(pool.stake(id, DELEGATED, MIN, 2 * MIN), 2 * MIN);
    }

    function test_RevertWhen_SelfAndCallerIsNotTheOwner() external {
        vm.prank(owner);
        registry.setOperator(id, alice, true);
        _ready(alice, MIN);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolNotOwner.selector, id, alice));
        vm.prank(alice);
        pool.stake(id, SELF, MIN, 0);
    }

    function test_TakesAnySelfStake() external {
        _ready(owner, 1);
        vm.expectEmit(address(pool));
        emit IStakingPool.Staked(id, SELF, address(0), 1, 1);
        vm.prank(owner);
        assertEq(pool.stake(id, SELF, 1, 1), 1);
        assertEq(pool.activeOf(id, SELF), 1);
    }

    function test_SelfStakeBelongsToTheProvider() external {
        _stakeSelf(100e18);
        vm.prank(owner);
        registry.offerOwnership(id, bob);
        vm.prank(bob);
        registry.acceptOwnership(id);
        _stakeWith(id, bob, SELF, 50e18);
        assertEq(_selfShares(), 150e18);
        assertEq(pool.sharesOf(id, SELF, owner), 0);
        assertEq(pool.sharesOf(id, SELF, bob), 0);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolNotOwner.selector, id, owner));
        vm.prank(owner);
        pool.unstake(id, SELF, 1, 0);
        vm.prank(bob);
        pool.unstake(id, SELF, 150e18, 0);
    }

    function test_SelfStakesWhileJailed() external {
        _jail();
        assertEq(_stakeSelf(1e18), 1e18);
    }

    function test_RevertGiven_ProviderIsJailed() external {
        _jail();
        vm.warp(block.timestamp + 30 days - 1);
        _ready(alice, MIN);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolProviderJailed.selector, id));
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN, 0);
        skip(1);
        vm.prank(alice);
        assertEq(pool.stake(id, DELEGATED, MIN, 0), MIN);
    }

    function test_RevertWhen_BelowTheMinimum() external {
        _ready(alice, MIN);
        _expectBelowMinimum(MIN - 1);
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN - 1, 0);
    }

    function test_TheMinimumIsEnoughAtAnyPrice() external {
        _delegate(alice, MIN);
        // A price at which the shares for the minimum are worth a unit less than it.
        _slash(0, 1);
        _delegate(bob, MIN);
        assertEq(_stakeOf(bob), MIN - 1);
    }

    function test_TopsUpByOneUnit() external {
        _delegate(alice, MIN);
        assertEq(_delegate(alice, 1), 1);
        assertEq(_stakeOf(alice), MIN + 1);
    }

    function test_ASlashedPositionIsFilledUp() external {
        _delegate(alice, MIN);
        _slash(0, 100e18);
        _ready(alice, 100e18);
        _expectBelowMinimum(MIN - 1);
        vm.prank(alice);
        pool.stake(id, DELEGATED, 100e18 - 1, 0);
        vm.prank(alice);
        pool.stake(id, DELEGATED, 100e18, 0);
        assertEq(_stakeOf(alice), MIN);
    }

    function test_ARaisedMinimumLeavesPositions() external {
        _delegate(alice, MIN);
        _changeParam(Param.DelegationMin, 2 * MIN);
        assertEq(_stakeOf(alice), MIN);
        _ready(alice, MIN);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolBelowMinimum.selector, 2 * MIN - 1, 2 * MIN)
        );
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN - 1, 0);
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN, 0);
        assertEq(_stakeOf(alice), 2 * MIN);
    }

    function test_TakesMoreThanCounts() external {
        _stakeSelf(100e18);
        _delegate(alice, 2 * MIN);
        assertEq(pool.activeOf(id, DELEGATED), 2000e18);
        assertEq(pool.countedDelegationOf(id), 1600e18);
    }

    function test_RevertWhen_AboveTheTotalCap() external {
        _delegate(carol, MIN);
        _setCaps(5000e18, 1_000_000e18, 4);
        _delegate(alice, 2000e18);
        _ready(bob, 3000e18);
        _expectCapReached(5000e18 + 1, 5000e18);
        vm.prank(bob);
        pool.stake(id, DELEGATED, 2000e18 + 1, 0);
        vm.prank(bob);
        pool.stake(id, DELEGATED, 2000e18, 0);
        assertEq(pool.delegatedTotal(), 5000e18);
    }

    function test_UnbondingCountsForTheTotalCap() external {
        _setCaps(5000e18, 1_000_000e18, 10);
        _delegate(alice, 5000e18);
        uint64 requestId = _unstakeAll(alice);
        _ready(bob, 5000e18);
        _expectCapReached(10_000e18, 5000e18);
        vm.prank(bob);
        pool.stake(id, DELEGATED, 5000e18, 0);
        _await(requestId);
        _withdraw(alice, requestId);
        vm.prank(bob);
        pool.stake(id, DELEGATED, 5000e18, 0);
        assertEq(pool.delegatedTotal(), 5000e18);
    }

    function test_RevertWhen_AboveTheAllotment() external {
        uint64 second = _newProvider();
        _delegate(alice, 2000e18);
        _setCaps(1_000_000e18, 5000e18, 4);
        _stakeWith(second, alice, DELEGATED, 2000e18);
        _ready(alice, MIN + 1);
        _expectCapReached(5000e18 + 1, 5000e18);
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN + 1, 0);
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN, 0);
        assertEq(_delegate(bob, 5000e18), 5000e18);
    }

    function test_AnAllotmentIsFreeAgainWhenWithdrawn() external {
        _setCaps(1_000_000e18, 5000e18, 10);
        _delegate(alice, 5000e18);
        uint64 requestId = _unstake(alice, 2000e18);
        _ready(alice, 2000e18);
        _expectCapReached(7000e18, 5000e18);
        vm.prank(alice);
        pool.stake(id, DELEGATED, 2000e18, 0);
        _await(requestId);
        _withdraw(alice, requestId);
        vm.prank(alice);
        pool.stake(id, DELEGATED, 2000e18, 0);
        assertEq(_stakeOf(alice), 5000e18);
    }

    function test_CapsLeaveSelfStakeAlone() external {
        _setCaps(0, 0, 4);
        assertEq(_stakeSelf(1_000_000e18), 1_000_000e18);
        assertEq(pool.delegatedTotal(), 0);
    }

    function test_CapsEndByThemselves() external {
        _setCaps(0, 0, 4);
        uint64 end = params.currentEpoch() + 4;
        vm.warp(params.epochStart(end) - 1);
        _ready(alice, MIN);
        _expectCapReached(MIN, 0);
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN, 0);
        skip(1);
        vm.prank(alice);
        pool.stake(id, DELEGATED, MIN, 0);
        assertEq(_stakeOf(alice), MIN);
    }

    function test_StakesAtAPriceOfOne() external {
        _ready(alice, 2 * MIN);
        vm.expectEmit(address(pool));
        emit IStakingPool.Staked(id, DELEGATED, alice, MIN, MIN);
        vm.prank(alice);
        assertEq(pool.stake(id, DELEGATED, MIN, MIN), MIN);
        assertEq(_sharesOf(alice), MIN);
        assertEq(_stakeOf(alice), MIN);
        assertEq(pool.held(ankr), MIN);
        assertEq(pool.delegatedTotal(), MIN);
        assertEq(ankr.balanceOf(address(pool)), MIN);
        assertEq(ankr.balanceOf(alice), MIN);
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, DELEGATED);
        assertEq(bucket.active, MIN);
        assertEq(bucket.shares, MIN);
        assertEq(bucket.unbonding, 0);
        assertEq(bucket.generation, 0);
    }

    function test_KeepsBucketsApart() external {
        uint64 second = _newProvider();
        _stakeSelf(1e18);
        _delegate(alice, MIN);
        _delegate(bob, 2 * MIN);
        _stakeWith(second, alice, DELEGATED, 3 * MIN);
        assertEq(pool.activeOf(id, SELF), 1e18);
        assertEq(pool.activeOf(id, DELEGATED), 3 * MIN);
        assertEq(pool.activeOf(second, SELF), 0);
        assertEq(pool.activeOf(second, DELEGATED), 3 * MIN);
        assertEq(_stakeOf(alice), MIN);
        assertEq(_stakeOf(bob), 2 * MIN);
        _assertBooks();
    }

    function test_SharesAtTheLowerPrice() external {
        _delegate(alice, 4 * MIN);
        _slash(0, MIN);
        // Three quarters a share.
        assertEq(_delegate(bob, 3 * MIN), 4 * MIN);
        assertEq(_stakeOf(bob), 3 * MIN);
        assertEq(_stakeOf(alice), 3 * MIN);
    }

    function test_ANewGenerationBeginsAtOne() external {
        _delegate(alice, 4 * MIN);
        _slash(0, 4 * MIN - 1);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 1);
        assertEq(_delegate(alice, MIN), MIN);
        assertEq(_sharesOf(alice), MIN);
        assertEq(_stakeOf(alice), MIN);
    }

    function test_KeepsWhatWasEarned() external {
        _delegate(alice, MIN);
        _reward(700e18);
        skip(1 days);
        uint256 earned = pool.earnedRaysOf(id, alice);
        _delegate(alice, 9 * MIN);
        assertEq(pool.earnedRaysOf(id, alice), earned);
        _delegate(bob, 10 * MIN);
        skip(1 days);
        assertApproxEqAbs(pool.earned(id, alice), 150e18, 1e6);
        _assertRewards(_people());
    }

    function testFuzz_RoundsSharesDown(uint256 first, uint256 loss, uint256 amount) external {
        first = bound(first, MIN, 1_000_000e18);
        loss = bound(loss, 0, first - 1e18);
        amount = bound(amount, MIN + 1, 1_000_000e18);
        _delegate(alice, first);
        _slash(0, loss);
        uint256 before = _stakeOf(alice);
        uint256 shares = _delegate(bob, amount);
        assertLe(_stakeOf(bob), amount);
        // A share is never worth more than a base unit, and nobody loses more than a part of one.
        assertGe(_stakeOf(bob) + 1, amount);
        assertGe(shares, amount);
        assertGe(_stakeOf(alice), before);
        assertLe(_stakeOf(alice), before + 1);
        _assertBooks();
    }

    /// @dev A pool over a token that is not plain; this contract may delegate.
    function _hostilePool() private returns (StakingPool other, HostileToken token) {
        token = new HostileToken(address(this));
        other = new StakingPool(address(manager), params, registry, token, treasury);
        token.approve(address(other), type(uint256).max);
    }
}
