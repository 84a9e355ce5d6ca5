// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Slash_StakingPool_Test is StakingPoolFixture {
    uint256 private constant OWN = 200_000e18;
    uint256 private constant STAKE = 10_000e18;

    function setUp() public override {
        super.setUp();
        _stakeSelf(OWN);
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
    }

    function test_RevertWhen_CallerIsNotTheSlasher() external {
        address[4] memory callers = [stranger, address(distributor), address(timelock), owner];
        for (uint256 i = 0; i < callers.length; i++) {
            _expectUnauthorized(callers[i]);
            vm.prank(callers[i]);
            pool.slash(id, 1, 1);
        }
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        vm.prank(slasher);
        pool.slash(2, 0, 0);
    }

    function test_TakesNothing() external {
        _expectSlashed(0, 0);
        _slash(0, 0);
        assertEq(_totalOf(id, SELF), OWN);
        assertEq(_totalOf(id, DELEGATED), 2 * STAKE);
        assertEq(ankr.balanceOf(slasher), 0);
    }

    function test_TakingNothingSweepsNothing() external {
        uint64 requestId = _unstakeSelf(1);
        _slash(0, 0);
        assertEq(pool.requestValueOf(requestId), 1);
        _slash(0, 1);
        assertEq(pool.requestValueOf(requestId), 1);
        _slash(1, 0);
        assertEq(pool.requestValueOf(requestId), 0);
    }

    function test_TakesWhatThereIs() external {
        _unstakeAll(bob);
        _expectSlashed(OWN, 2 * STAKE);
        _slash(OWN + 1, type(uint256).max);
        assertEq(ankr.balanceOf(slasher), OWN + 2 * STAKE);
        assertEq(pool.held(ankr), 0);
        assertEq(pool.delegatedTotal(), 0);
        _expectSlashed(0, 0);
        _slash(type(uint256).max, type(uint256).max);
        _assertBooks();
    }

    function test_TakesFromBothBuckets() external {
        // Nothing is left over, so nothing goes to the treasury: not even a transfer of nothing.
        vm.expectCall(address(ankr), abi.encodeCall(IERC20.transfer, (treasury, 0)), 0);
        vm.prank(slasher);
        _expectSlashed(1000e18, 500e18);
        (uint256 self, uint256 delegated, uint256 covered) = pool.slash(id, 1000e18, 500e18);
        assertEq(self, 1000e18);
        assertEq(delegated, 500e18);
        assertEq(covered, 0);
        assertEq(ankr.balanceOf(slasher), 1500e18);
        assertEq(pool.activeOf(id, SELF), OWN - 1000e18);
        assertEq(pool.activeOf(id, DELEGATED), 2 * STAKE - 500e18);
        assertEq(pool.delegatedTotal(), 2 * STAKE - 500e18);
        assertEq(pool.held(ankr), OWN + 2 * STAKE - 1500e18);
        _assertBooks();
    }

    function test_LowersThePriceForAll() external {
        _slash(0, STAKE);
        assertEq(_stakeOf(alice), STAKE / 2);
        assertEq(_stakeOf(bob), STAKE / 2);
        assertEq(_sharesOf(alice), STAKE);
        assertEq(pool.stakeOf(id, SELF, address(0)), OWN);
        _slash(OWN / 4, 0);
        assertEq(pool.stakeOf(id, SELF, address(0)), OWN * 3 / 4);
        assertEq(_stakeOf(alice), STAKE / 2);
    }

    function test_TheOddUnitIsOfWhoIsLeaving() external {
        uint64 requestId = _unstakeAll(bob);
        _slash(0, 1);
        assertEq(pool.requestValueOf(requestId), STAKE - 1);
        assertEq(_stakeOf(alice), STAKE);
        _slash(0, 1);
        assertEq(pool.requestValueOf(requestId), STAKE - 2);
        _slash(0, 2);
        assertEq(_totalOf(id, DELEGATED), 2 * STAKE - 4);
        assertEq(pool.requestValueOf(requestId) + _stakeOf(alice), 2 * STAKE - 4);
    }

    function test_TakesUnbondingAlone() external {
        uint64 requestId = _unstakeAll(bob);
        _unstakeAll(alice);
        _await(requestId);
        skip(30 days);
        _slash(0, STAKE);
        assertEq(pool.requestValueOf(requestId), STAKE / 2);
        assertEq(pool.activeOf(id, DELEGATED), 0);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 0);
    }

    function test_LetsTheRegistryCheck() external {
        vm.expectCall(address(registry), abi.encodeCall(registry.checkSelfStake, (id)));
        _slash(0, 1);
    }

    function test_TakesWhatIsLocked() external {
        _lock("dispute", DELEGATED, 2 * STAKE);
        _jail();
        _slash(0, STAKE);
        assertEq(_totalOf(id, DELEGATED), STAKE);
        assertEq(pool.bucketOf(id, DELEGATED).locked, 2 * STAKE);
    }

    function test_WritesDownWhatIsLeft() external {
        skip(1 hours);
        _unstakeAll(bob);
        _slash(OWN / 2, STAKE);
        uint48 then = uint48(block.timestamp);
        skip(1);
        assertEq(pool.activeAt(id, SELF, then), OWN / 2);
        assertEq(pool.activeAt(id, DELEGATED, then), STAKE / 2);
        assertEq(pool.powerAt(id, alice, then), STAKE / 2);
        assertEq(pool.activeAt(id, SELF, then - 1), OWN);
        assertEq(pool.activeAt(id, DELEGATED, then - 1), 2 * STAKE);
        assertEq(pool.powerAt(id, alice, then - 1), STAKE);
    }

    function testFuzz_ActiveAndUnbondingAlike(uint256 part, uint256 loss, bool self) external {
        StakeKind kind = self ? SELF : DELEGATED;
        uint256 leaving = self ? bound(part, 10e18, OWN - 10e18) : bound(part, 10e18, STAKE);
        uint64 requestId = self ? _unstakeSelf(leaving) : _unstakeAll(bob);
        if (!self) leaving = STAKE;
        uint256 total = _totalOf(id, kind);
        loss = bound(loss, 1, total * 8 / 10);
        _slash(self ? loss : 0, self ? 0 : loss);
        uint256 left = pool.requestValueOf(requestId);
        uint256 fair = leaving * (total - loss) / total;
        assertApproxEqAbs(left, fair, 1);
        assertEq(pool.bucketOf(id, kind).active, total - loss - pool.bucketOf(id, kind).unbonding);
        assertApproxEqAbs(pool.activeOf(id, kind), (total - leaving) * (total - loss) / total, 1);
        _assertBooks();
    }

    function test_ClosesBelowOneToken() external {
        _slash(OWN - 1e18, 2 * STAKE - 1e18);
        assertEq(pool.bucketOf(id, SELF).generation, 0);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 0);
        assertEq(_stakeOf(alice), 0.5e18);
        _slash(1, 1);
        assertEq(pool.bucketOf(id, SELF).generation, 1);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 1);
        assertEq(_totalOf(id, DELEGATED), 0);
    }

    function test_ClosesBelowAMillionth() external {
        _delegate(carol, 4_000_000e18 - 2 * STAKE);
        _slash(0, 4_000_000e18 - 4e18);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 0);
        assertEq(_stakeOf(alice), 0.01e18);
        _slash(0, 1);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 1);
        assertEq(ankr.balanceOf(treasury), 4e18 - 1);
    }

    function test_SendsTheRestToTheTreasury() external {
        _unstakeAll(bob);
        vm.expectEmit(address(pool));
        emit IStakingPool.GenerationClosed(id, DELEGATED, false, 0, 0.5e18);
        vm.expectEmit(address(pool));
        emit IStakingPool.GenerationClosed(id, DELEGATED, true, 0, 0.5e18);
        vm.expectEmit(address(ankr));
        emit IERC20.Transfer(address(pool), treasury, 1e18);
        _slash(0, 2 * STAKE - 1e18);
        assertEq(ankr.balanceOf(treasury), 1e18);
        assertEq(ankr.balanceOf(slasher), 2 * STAKE - 1e18);
        assertEq(pool.delegatedTotal(), 0);
        assertEq(pool.held(ankr), OWN);
        _assertBooks();
    }

    function test_ClosesOnlyTheSideThatIsGone() external {
        uint64 requestId = _unstake(bob, 1e18);
        _slash(0, 1e18);
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, DELEGATED);
        assertEq(bucket.generation, 0);
        assertEq(bucket.unbondingGeneration, 1);
        assertEq(bucket.unbonding, 0);
        assertEq(bucket.unbondingShares, 0);
        assertEq(pool.requestValueOf(requestId), 0);
        assertApproxEqAbs(_stakeOf(alice), STAKE - STAKE / 20_000, 1);

        _unstakeAll(alice);
        _unstake(bob, STAKE - 1e18 - MIN - 1e18);
        _slash(0, _totalOf(id, DELEGATED) - 18e18);
        bucket = pool.bucketOf(id, DELEGATED);
        assertEq(bucket.generation, 1);
        assertEq(bucket.unbondingGeneration, 1);
        assertGt(bucket.unbonding, 1e18);
        assertEq(bucket.active, 0);
        _assertBooks();
    }

    function test_ClosesSelfStake() external {
        uint64 requestId = _unstakeSelf(OWN / 2);
        vm.expectEmit(address(pool));
        emit IStakingPool.GenerationClosed(id, SELF, false, 0, 0);
        vm.expectEmit(address(pool));
        emit IStakingPool.GenerationClosed(id, SELF, true, 0, 0);
        _slash(OWN, 0);
        assertEq(_selfShares(), 0);
        assertEq(pool.requestValueOf(requestId), 0);
        assertEq(_stakeSelf(5e18), 5e18);
        assertEq(pool.stakeOf(id, SELF, address(0)), 5e18);
        _assertBooks();
    }

    function test_LeavesRewardsThatWereEarned() external {
        _reward(EPOCH * 1e18);
        skip(1 hours);
        _slash(0, 2 * STAKE);
        assertEq(pool.earned(id, alice), 1800e18);
        _delegate(carol, STAKE);
        skip(1 hours);
        assertEq(pool.earned(id, alice), 1800e18);
        assertEq(_claim(alice), 1800e18);
        // Bob comes back first and claims afterwards.
        _delegate(bob, STAKE);
        skip(1 hours);
        assertEq(_claim(bob), 3600e18);
        assertEq(_claim(carol), 5400e18);
        _assertRewards(_people());
        _assertBooks();
    }

    function test_GenerationsFollowEachOther() external {
        _reward(EPOCH * 1e18);
        for (uint32 generation = 1; generation <= 5; generation++) {
            skip(1 hours);
            _slash(0, type(uint256).max);
            assertEq(pool.bucketOf(id, DELEGATED).generation, generation);
            assertEq(_delegate(carol, MIN), MIN);
            assertEq(_stakeOf(carol), MIN);
        }
        assertEq(pool.earned(id, alice), 1800e18);
        assertEq(pool.earned(id, carol), 4 * 3600e18);
        _assertRewards(_people());
    }

    function _expectSlashed(uint256 self, uint256 delegated) private {
        vm.expectEmit(address(pool));
        emit IStakingPool.Slashed(id, self, delegated, 0);
    }
}
