// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { SharePool } from "../../../src/libraries/SharePool.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Unstake_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;

    function setUp() public override {
        super.setUp();
        _stakeSelf(200_000e18);
        _delegate(alice, STAKE);
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        vm.prank(alice);
        pool.unstake(2, DELEGATED, 1, 0);
    }

    function test_RevertWhen_SharesAreZero() external {
        _expectZeroAmount();
        _unstake(alice, 0);
    }

    function test_RevertWhen_MoreThanHeld() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakingPool.StakingPoolInsufficientShares.selector, alice, STAKE, STAKE + 1
            )
        );
        _unstake(alice, STAKE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolInsufficientShares.selector, bob, 0, 1)
        );
        _unstake(bob, 1);
    }

    function test_RevertGiven_AClosedGeneration() external {
        _slash(0, STAKE);
        _delegate(bob, STAKE);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolInsufficientShares.selector, alice, 0, 1)
        );
        _unstake(alice, 1);
    }

    function test_RevertWhen_SelfAndCallerIsNotTheOwner() external {
        vm.prank(owner);
        registry.setOperator(id, alice, true);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolNotOwner.selector, id, alice));
        vm.prank(alice);
        pool.unstake(id, SELF, 1, 0);
    }

    function test_RevertWhen_TooFewTokens() external {
        _slash(0, STAKE / 2);
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolTooFewTokens.selector, 1000e18, 1000e18 + 1)
        );
        pool.unstake(id, DELEGATED, 2000e18, 1000e18 + 1);
        pool.unstake(id, DELEGATED, 2000e18, 1000e18);
    }

    function test_RevertWhen_AShareIsWorthNothing() external {
        _slash(0, STAKE / 2);
        vm.expectRevert(abi.encodeWithSelector(SharePool.SharePoolTooLittle.selector, 1));
        _unstake(alice, 1);
        _unstake(alice, 2);
    }

    function test_RevertWhen_TooLittleRemains() external {
        _expectBelowMinimum(MIN - 1);
        _unstake(alice, STAKE - MIN + 1);
        // At half the price; the odd unit of rounding stays with who stays.
        _slash(0, STAKE / 2);
        _expectBelowMinimum(MIN - 1);
        _unstake(alice, STAKE - 2 * MIN + 2);
    }

    function test_LeavesTheMinimum() external {
        _unstake(alice, STAKE - MIN);
        assertEq(_stakeOf(alice), MIN);
    }

    function test_LetsGoOfAll() external {
        _delegate(bob, MIN);
        _slash(0, STAKE);
        // Far below the minimum, and free to go.
        assertLt(_stakeOf(bob), MIN);
        uint64 requestId = _unstakeAll(bob);
        assertEq(_sharesOf(bob), 0);
        assertGt(pool.requestValueOf(requestId), 0);
    }

    function test_LeavesAnySelfStake() external {
        _unstakeSelf(200_000e18 - 1);
        assertEq(_selfShares(), 1);
    }

    function test_RevertGiven_TooManyRequests() external {
        for (uint256 i = 0; i < REQUESTS_MAX; i++) {
            _unstake(alice, 1e18);
            _unstakeSelf(1e18);
        }
        bytes memory full = abi.encodeWithSelector(
            IStakingPool.StakingPoolTooManyRequests.selector, REQUESTS_MAX, REQUESTS_MAX
        );
        vm.expectRevert(full);
        _unstake(alice, 1e18);
        vm.expectRevert(full);
        _unstakeSelf(1e18);

        _delegate(bob, MIN);
        _unstakeAll(bob);
        uint64 second = _newProvider();
        _stakeWith(second, alice, DELEGATED, MIN);
        vm.prank(alice);
        pool.unstake(second, DELEGATED, MIN, 0);
    }

    function test_TakesAnotherOnceOneHasEnded() external {
        uint64 first = _unstake(alice, 1e18);
        for (uint256 i = 1; i < REQUESTS_MAX; i++) {
            _unstake(alice, 1e18);
        }
        _cancel(alice, first + 5);
        _unstake(alice, 1e18);
        _await(first);
        _withdraw(alice, first);
        _unstakeAll(alice);
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, REQUESTS_MAX);
    }

    function test_ADelegationLeavesAfter22Days() external {
        uint64 date = uint64(block.timestamp + DELEGATOR_PERIOD);
        vm.expectEmit(address(pool));
        emit IStakingPool.UnbondingStarted(id, DELEGATED, alice, 1, 1000e18, 1000e18, date);
        assertEq(_unstake(alice, 1000e18), 1);
        skip(1 days);
        assertEq(_unstake(alice, 1000e18), 2);
        IStakingPool.UnbondingRequest memory request = pool.requestOf(1);
        assertEq(request.providerId, id);
        assertEq(uint256(request.kind), uint256(DELEGATED));
        assertEq(request.holder, alice);
        assertEq(request.withdrawableAt, date);
        assertEq(request.generation, 0);
        assertEq(request.shares, 1000e18);
        assertEq(pool.requestOf(2).withdrawableAt, date + 1 days);
    }

    function test_SelfStakeLeavesAfter28Days() external {
        vm.expectCall(address(registry), abi.encodeCall(registry.checkSelfStake, (id)));
        vm.expectEmit(address(pool));
        uint64 date = uint64(block.timestamp + SELF_PERIOD);
        emit IStakingPool.UnbondingStarted(id, SELF, address(0), 1, 150_000e18, 150_000e18, date);
        uint64 requestId = _unstakeSelf(150_000e18);
        IStakingPool.UnbondingRequest memory request = pool.requestOf(requestId);
        assertEq(request.withdrawableAt, date);
        assertEq(request.holder, address(0));
        assertEq(uint256(request.kind), uint256(SELF));
    }

    function test_MovesToUnbonding() external {
        uint256 held = pool.held(ankr);
        _unstake(alice, 4000e18);
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, DELEGATED);
        assertEq(bucket.active, 6000e18);
        assertEq(bucket.shares, 6000e18);
        assertEq(bucket.unbonding, 4000e18);
        assertEq(bucket.unbondingShares, 4000e18);
        assertEq(pool.delegatedTotal(), STAKE);
        assertEq(pool.held(ankr), held);
        assertEq(ankr.balanceOf(alice), 0);
        _assertBooks();
    }

    function test_EarnsAndVotesNoMore() external {
        _delegate(bob, STAKE);
        _reward(700e18);
        skip(1 days);
        _unstakeAll(alice);
        uint256 earned = pool.earned(id, alice);
        uint48 then = uint48(block.timestamp);
        skip(1 days);
        assertApproxEqAbs(earned, 50e18, 1e6);
        assertEq(pool.earned(id, alice), earned);
        assertApproxEqAbs(pool.earned(id, bob), 150e18, 1e6);
        assertEq(pool.powerAt(id, alice, then), 0);
        assertEq(pool.powerAt(id, alice, then - 1), STAKE);
        assertEq(pool.countedDelegationOf(id), STAKE);
        _assertRewards(_people());
    }

    function test_LeavesWhileJailedAndLocked() external {
        _jail();
        _lock("dispute", DELEGATED, type(uint64).max);
        uint64 requestId = _unstakeAll(alice);
        assertEq(pool.requestValueOf(requestId), STAKE);
        assertEq(pool.requestValueOf(_unstakeSelf(200_000e18)), 200_000e18);
    }

    function test_AChangedPeriodLeavesDates() external {
        uint64 requestId = _unstake(alice, 1000e18);
        uint64 date = pool.requestOf(requestId).withdrawableAt;
        _changeParam(Param.UnbondingDelegatorSeconds, 28 days);
        assertEq(pool.requestOf(requestId).withdrawableAt, date);
        uint64 next = _unstake(alice, 1000e18);
        assertEq(pool.requestOf(next).withdrawableAt, block.timestamp + 28 days);
    }

    function test_JoinsUnbondingAtItsPrice() external {
        _delegate(bob, STAKE);
        uint64 first = _unstakeAll(alice);
        _slash(0, STAKE);
        uint64 second = _unstakeAll(bob);
        assertEq(pool.requestOf(second).shares, STAKE);
        assertEq(pool.requestValueOf(first), STAKE / 2);
        assertEq(pool.requestValueOf(second), STAKE / 2);
    }

    function testFuzz_RoundsDown(uint256 loss, uint256 firstPart, uint256 secondPart) external {
        _delegate(bob, 3 * STAKE);
        _slash(0, bound(loss, 0, 2 * STAKE));
        uint64 first = _unstake(bob, bound(firstPart, 10e18, STAKE));
        // A second slash, so that active and unbonding shares have prices of their own.
        _slash(0, bound(loss, 1, STAKE));
        uint256 value = pool.requestValueOf(first);
        uint256 before = _totalOf(id, DELEGATED);
        uint256 staying = _stakeOf(alice);
        uint256 shares = bound(secondPart, 1, STAKE);
        uint256 worth = shares * pool.activeOf(id, DELEGATED) / pool.bucketOf(id, DELEGATED).shares;
        vm.assume(worth > 0);
        uint64 second = _unstake(bob, shares);

        assertLe(pool.requestValueOf(second), worth);
        assertGe(pool.requestValueOf(second) + 1, worth);
        assertGe(_stakeOf(alice), staying);
        assertLe(_stakeOf(alice), staying + 1);
        assertGe(pool.requestValueOf(first), value);
        assertLe(pool.requestValueOf(first), value + 1);
        assertEq(_totalOf(id, DELEGATED), before);
        _assertBooks();
    }
}
