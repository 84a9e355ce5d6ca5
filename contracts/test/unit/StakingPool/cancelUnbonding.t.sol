// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract CancelUnbonding_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;

    function setUp() public override {
        super.setUp();
        _stakeSelf(200_000e18);
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
    }

    function test_RevertGiven_RequestUnknown() external {
        _expectUnknownRequest(0);
        _cancel(alice, 0);
        _expectUnknownRequest(1);
        _cancel(alice, 1);
        uint64 requestId = _unstakeAll(alice);
        _cancel(alice, requestId);
        _expectUnknownRequest(requestId);
        _cancel(alice, requestId);
    }

    function test_RevertWhen_CallerIsNotTheHolder() external {
        uint64 requestId = _unstakeAll(alice);
        _expectNotHolder(requestId, bob);
        _cancel(bob, requestId);
        _expectNotHolder(requestId, owner);
        _cancel(owner, requestId);
    }

    function test_RevertWhen_CallerIsAFormerOwner() external {
        uint64 requestId = _unstakeSelf(1e18);
        vm.prank(owner);
        registry.offerOwnership(id, carol);
        vm.prank(carol);
        registry.acceptOwnership(id);
        _expectNotHolder(requestId, owner);
        _cancel(owner, requestId);
        assertEq(_cancel(carol, requestId), 1e18);
    }

    function test_RevertGiven_ItsGenerationIsClosed() external {
        uint64 requestId = _unstakeAll(alice);
        _slash(0, 2 * STAKE);
        assertEq(pool.bucketOf(id, DELEGATED).unbondingGeneration, 1);
        _expectZeroAmount();
        _cancel(alice, requestId);
        _await(requestId);
        assertEq(_withdraw(alice, requestId), 0);
    }

    function test_RevertWhen_TooFewShares() external {
        uint64 requestId = _unstakeAll(alice);
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolTooFewShares.selector, STAKE, STAKE + 1)
        );
        pool.cancelUnbonding(requestId, STAKE + 1);
        assertEq(pool.cancelUnbonding(requestId, STAKE), STAKE);
    }

    function test_PutsBackBeforeItsDate() external {
        uint64 requestId = _unstake(alice, 4000e18);
        vm.expectEmit(address(pool));
        emit IStakingPool.UnbondingCancelled(id, DELEGATED, alice, requestId, 4000e18, 4000e18);
        assertEq(_cancel(alice, requestId), 4000e18);
        assertEq(_sharesOf(alice), STAKE);
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, 0);
        assertEq(pool.requestOf(requestId).providerId, 0);
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, DELEGATED);
        assertEq(bucket.active, 2 * STAKE);
        assertEq(bucket.shares, 2 * STAKE);
        assertEq(bucket.unbonding, 0);
        assertEq(bucket.unbondingShares, 0);
        assertEq(pool.delegatedTotal(), 2 * STAKE);
        _assertBooks();
    }

    function test_PutsBackAfterItsDate() external {
        uint64 requestId = _unstakeAll(alice);
        skip(365 days);
        assertEq(_cancel(alice, requestId), STAKE);
        assertEq(_stakeOf(alice), STAKE);
    }

    function test_PutsSelfStakeBack() external {
        uint64 requestId = _unstakeSelf(150_000e18);
        vm.expectEmit(address(pool));
        emit IStakingPool.UnbondingCancelled(id, SELF, address(0), requestId, 150_000e18, 150_000e18);
        assertEq(_cancel(owner, requestId), 150_000e18);
        assertEq(_selfShares(), 200_000e18);
        assertEq(pool.openRequestsOf(id, SELF, address(0)).length, 0);
    }

    function test_LeavesOtherRequests() external {
        uint64 first = _unstake(alice, 1000e18);
        uint64 second = _unstake(alice, 2000e18);
        uint64 third = _unstake(alice, 3000e18);
        uint64 date = pool.requestOf(third).withdrawableAt;
        _cancel(alice, first);
        uint64[] memory open = pool.openRequestsOf(id, DELEGATED, alice);
        assertEq(open.length, 2);
        assertEq(open[0], third);
        assertEq(open[1], second);
        assertEq(pool.requestValueOf(second), 2000e18);
        assertEq(pool.requestValueOf(third), 3000e18);
        assertEq(pool.requestOf(third).withdrawableAt, date);
    }

    function test_PutsBackWhileJailedAndBelowTheMinimum() external {
        uint64 small = _unstake(alice, 1e18);
        _unstakeAll(alice);
        _jail();
        assertEq(_cancel(alice, small), 1e18);
        assertEq(_stakeOf(alice), 1e18);
        // Such a position leaves whole, as any.
        _expectBelowMinimum(1e18 - 1);
        _unstake(alice, 1);
        _unstakeAll(alice);
    }

    function test_PutsBackUnderAFullCap() external {
        uint64 requestId = _unstake(alice, 4000e18);
        _setCaps(2 * STAKE, STAKE, 10);
        _ready(carol, MIN);
        _expectCapReached(2 * STAKE + MIN, 2 * STAKE);
        vm.prank(carol);
        pool.stake(id, DELEGATED, MIN, 0);
        assertEq(_cancel(alice, requestId), 4000e18);
    }

    function test_EarnsFromThenOn() external {
        _reward(700e18);
        uint64 requestId = _unstakeAll(alice);
        skip(1 days);
        _cancel(alice, requestId);
        assertEq(pool.earned(id, alice), 0);
        skip(1 days);
        assertApproxEqAbs(pool.earned(id, alice), 50e18, 1e6);
        assertApproxEqAbs(pool.earned(id, bob), 150e18, 1e6);
        _assertRewards(_people());
    }

    function test_BeginsTheNextGeneration() external {
        _unstakeAll(bob);
        _unstake(alice, STAKE - MIN);
        uint64 requestId = pool.openRequestsOf(id, DELEGATED, alice)[0];
        // 0.9 of 1000 active tokens and of 19,000 unbonding; then all that is active but a unit.
        _slash(0, 18_000e18);
        _slash(0, 1990e18);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 1);
        assertEq(pool.bucketOf(id, DELEGATED).unbondingGeneration, 0);
        uint256 value = pool.requestValueOf(requestId);
        assertEq(value, 4.5e18);
        assertEq(_cancel(alice, requestId), value);
        assertEq(_stakeOf(alice), value);
        _assertBooks();
    }

    function test_ComesBackAtThePriceOfTheDay() external {
        _unstakeAll(alice);
        _slash(0, STAKE);
        // Unbonding shares at a half; active ones of those who come back are at a half too: as many as before.
        uint64 requestId = pool.openRequestsOf(id, DELEGATED, alice)[0];
        assertEq(_cancel(alice, requestId), STAKE);
        assertEq(_stakeOf(alice), STAKE / 2);
        // Asked out at a half there are half as many unbonding shares, and all shares come back.
        requestId = _unstakeAll(alice);
        assertEq(pool.requestOf(requestId).shares, STAKE / 2);
        assertEq(_cancel(alice, requestId), STAKE);
    }

    function testFuzz_NobodyGains(uint256 part, uint256 loss, uint256 laterLoss) external {
        _slash(0, bound(loss, 0, STAKE));
        uint64 requestId = _unstake(alice, bound(part, 10e18, STAKE - 3 * MIN));
        uint64 others = _unstake(bob, 3 * MIN);
        _slash(0, bound(laterLoss, 0, STAKE / 2));
        uint256 alices = _stakeOf(alice) + pool.requestValueOf(requestId);
        uint256 bobs = _stakeOf(bob) + pool.requestValueOf(others);
        uint256 total = _totalOf(id, DELEGATED);
        _cancel(alice, requestId);
        assertLe(_stakeOf(alice), alices + 1);
        assertGe(_stakeOf(alice) + 1, alices);
        assertGe(_stakeOf(bob) + pool.requestValueOf(others), bobs);
        assertLe(_stakeOf(bob) + pool.requestValueOf(others), bobs + 2);
        assertEq(_totalOf(id, DELEGATED), total);
        _assertBooks();
    }
}
