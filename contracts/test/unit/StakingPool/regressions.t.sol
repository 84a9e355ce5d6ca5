// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

/// @notice Findings on shares, rewards and votes. Those on leaving and slashing: `regressionsOfExits.t.sol`.
contract Regressions_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;

    // What the end of a generation of delegators had earned was overwritten when the provider's own generation of the
    // same number ended, so that those who had left with the first one earned on from rewards of those who came later.
    function test_Regression_FinalAccumulated_AProvidersOwnGenerationLeavesDelegatorsRewardsAlone() external {
        _stakeSelf(200_000e18);
        _delegate(alice, STAKE);
        _reward(700e18);
        skip(1 days);
        _slash(0, STAKE);
        uint256 earned = pool.earned(id, alice);
        _delegate(bob, STAKE);
        skip(EPOCH);
        uint256 bobs = pool.earned(id, bob);
        // Settles the stream, as everybody's call does.
        _delegate(carol, MIN);
        _slash(200_000e18, 0);
        assertEq(pool.earned(id, alice), earned);
        assertEq(_claim(alice), earned);
        assertEq(_claim(bob), bobs);
        _assertRewards(_people());
        _assertBooks();
    }

    // The same for a provider whose own stake is wiped out before anybody's delegation.
    function test_Regression_FinalAccumulated_InTheOtherOrder() external {
        _stakeSelf(200_000e18);
        _delegate(alice, STAKE);
        _reward(700e18);
        skip(1 days);
        _slash(200_000e18, 0);
        skip(1 days);
        uint256 earned = pool.earned(id, alice);
        assertApproxEqAbs(earned, 200e18, 1e6);
        _slash(0, STAKE);
        skip(1 days);
        assertEq(_claim(alice), earned);
        _assertRewards(_people());
    }

    // An address took its allotment, asked it out, took it again and cancelled: twice the allotment at work.
    function test_Regression_Allotment_CancellingDoesNotPassTheCapOfAnAddress() external {
        _setCaps(1_000_000e18, 5000e18, 10);
        _delegate(alice, 5000e18);
        uint64 requestId = _unstakeAll(alice);
        _ready(alice, 5000e18);
        _expectCapReached(10_000e18, 5000e18);
        vm.prank(alice);
        pool.stake(id, DELEGATED, 5000e18, 0);
        _cancel(alice, requestId);
        assertEq(_stakeOf(alice), 5000e18);
    }

    // Stake was booked that nobody had paid, and could be withdrawn from others' money.
    function test_Regression_Beosin_1_StakeIsBookedWhenItIsPaid() external {
        _delegate(bob, STAKE);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(alice);
        pool.stake(id, DELEGATED, STAKE, 0);
        vm.prank(owner);
        ankr.approve(address(pool), STAKE);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientBalance.selector);
        vm.prank(owner);
        pool.stake(id, SELF, STAKE, 0);
        assertEq(pool.held(ankr), STAKE);
    }

    // The wrong asset was pulled.
    function test_Regression_Beosin_4_OnlyTheAssetIsPulled() external {
        _fundStable(alice, 1_000_000e6);
        vm.prank(alice);
        stable.approve(address(pool), STAKE);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(alice);
        pool.stake(id, DELEGATED, STAKE, 0);
        _delegate(alice, STAKE);
        assertEq(ankr.balanceOf(address(pool)), STAKE);
        assertEq(stable.balanceOf(alice), 1_000_000e6);
    }

    // A donation, booked though not paid, inflated the pool.
    function test_Regression_OZ_C01_NothingButStakeMovesAShare() external {
        _delegate(alice, STAKE);
        _fundAnkr(address(pool), 1_000_000e18);
        _reward(1_000_000e18);
        skip(EPOCH);
        assertEq(_stakeOf(alice), STAKE);
        assertEq(_delegate(bob, STAKE), STAKE);
        assertEq(pool.sweepSurplus(ankr), 1_000_000e18);
        assertEq(_stakeOf(alice), STAKE);
    }

    // After a first deposit of one unit, a donation made shares so dear that the next depositor's were rounded away.
    function testFuzz_Regression_Trust_M3_TheFirstDepositorCannotInflate(uint256 gift, uint256 amount)
        external
    {
        gift = bound(gift, 1, 1_000_000_000e18);
        amount = bound(amount, MIN, 1_000_000e18);
        // A delegation of a single unit, by way of a request that is taken back when all else has left.
        _delegate(alice, MIN + 1);
        uint64 unit = _unstake(alice, 1);
        _unstakeAll(alice);
        _cancel(alice, unit);
        assertEq(pool.bucketOf(id, DELEGATED).shares, 1);
        _fundAnkr(address(pool), gift);
        _reward(gift);
        assertEq(_delegate(bob, amount), amount);
        assertEq(_stakeOf(bob), amount);
        assertEq(_stakeOf(alice), 1);
        assertEq(_stakeSelf(1), 1);
        assertEq(_stakeSelf(amount), amount);
    }

    // Shares were divided by stake that was there, of which everything was thawing.
    function test_Regression_OZ_H06_StakingWorksWhenAllIsUnbonding() external {
        _delegate(alice, STAKE);
        _slash(0, STAKE / 3);
        uint64 requestId = _unstakeAll(alice);
        assertEq(pool.activeOf(id, DELEGATED), 0);
        assertEq(_delegate(bob, STAKE), STAKE);
        assertEq(_stakeOf(bob), STAKE);
        _reward(700e18);
        skip(1);
        assertEq(pool.earned(id, alice), 0);
        assertEq(_cancel(alice, requestId), STAKE - STAKE / 3);
    }

    // Minting and burning both rounded up, so that a depositor was credited up to a unit more than it paid.
    function testFuzz_Regression_AnkrV2_Ceil_SharesAreRoundedAgainstWhoAsks(uint256 loss, uint256 amount)
        external
    {
        _delegate(bob, 1_000_000e18);
        _slash(0, bound(loss, 1, 900_000e18));
        amount = bound(amount, MIN + 1, 1_000_000e18);
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, DELEGATED);
        uint256 shares = _delegate(alice, amount);
        assertLe(shares * bucket.active, amount * bucket.shares);
        assertGt((shares + 1) * bucket.active, amount * bucket.shares);
        uint64 requestId = _unstakeAll(alice);
        assertLe(pool.requestValueOf(requestId), amount);
    }

    // A reward was claimed twice by undelegating a part in between.
    function test_Regression_Veridise_VUL002_APartialExitPaysNothingTwice() external {
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
        _reward(EPOCH * 2e18);
        skip(1000);
        for (uint256 i = 0; i < 5; i++) {
            uint64 requestId = _unstake(alice, 1000e18);
            _cancel(alice, requestId);
            _unstake(alice, 100e18);
        }
        assertEq(_claim(alice), 1000e18);
        _expectNothingToClaim();
        _claim(alice);
        _unstakeAll(alice);
        _expectNothingToClaim();
        _claim(alice);
        assertEq(_claim(bob), 1000e18);
    }

    // Amounts were cut to fewer bits without a check.
    function test_Regression_Veridise_VUL003_AmountsAreNotTruncated() external {
        uint256 amount = uint256(type(uint128).max) + 1 + STAKE;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, amount));
        vm.prank(alice);
        pool.stake(id, DELEGATED, amount, 0);
        vm.expectPartialRevert(SafeCast.SafeCastOverflowedUintDowncast.selector);
        vm.prank(address(distributor));
        pool.addReward(id, uint256(type(uint128).max) * EPOCH + EPOCH);
    }

    // A later change was written into a snapshot of the past.
    function test_Regression_Veridise_VUL010_ThePastIsNeverWritten() external {
        _delegate(alice, STAKE);
        uint48 then = uint48(block.timestamp);
        skip(1);
        _delegate(alice, STAKE);
        _slash(0, STAKE);
        skip(1 hours);
        _slash(0, type(uint256).max);
        _delegate(alice, 7 * STAKE);
        assertEq(pool.activeAt(id, DELEGATED, then), STAKE);
        assertEq(pool.powerAt(id, alice, then), STAKE);
        assertEq(pool.activeAt(id, DELEGATED, then + 1), STAKE);
    }

    // Claims walked every epoch since the last one, and records were deleted unpaid when gas ran out.
    function test_Regression_Beosin_5_AClaimCostsTheSameAfterManyEpochs() external {
        _delegate(alice, STAKE);
        for (uint256 i = 0; i < 100; i++) {
            _reward(700e18);
            skip(EPOCH);
        }
        vm.cool(address(pool));
        uint256 before = gasleft();
        assertApproxEqAbs(_claim(alice), 70_000e18, 1e6);
        assertLt(before - gasleft(), 200_000, "gas");
    }

    // The time of the last change was stale, so that rewards were counted for it again.
    function test_Regression_Beosin_9_EveryChangeSettlesFirst() external {
        _delegate(alice, STAKE);
        _reward(EPOCH * 1e18);
        skip(1000);
        _delegate(alice, 9 * STAKE);
        assertEq(pool.earned(id, alice), 1000e18);
        _delegate(bob, 10 * STAKE);
        skip(1000);
        _slash(0, 10 * STAKE);
        _unstake(alice, 5 * STAKE);
        assertEq(pool.earned(id, alice), 1500e18);
        assertEq(pool.earned(id, bob), 500e18);
    }

    // Stake that came for the collection of fees and left at once took a part of them.
    function testFuzz_Regression_OZ2025_L12_AVisitAroundAPayoutEarnsNothing(uint256 amount) external {
        amount = bound(amount, MIN, 100_000_000e18);
        _delegate(alice, MIN);
        _delegate(bob, amount);
        _reward(10_000e18);
        assertEq(pool.earned(id, bob), 0);
        uint64 requestId = _unstakeAll(bob);
        _await(requestId);
        assertEq(pool.earned(id, bob), 0);
        assertEq(_withdraw(bob, requestId), amount);
        assertGt(_claim(alice), 10_000e18 - EPOCH);
    }

    // A loan of one block voted.
    function test_Regression_FlashLoan_StakeOfTheRunningSecondHasNoVote() external {
        _delegate(bob, STAKE);
        skip(1);
        _delegate(alice, 1000 * STAKE);
        uint48 now_ = uint48(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolNotPast.selector, now_, now_));
        pool.powerAt(id, alice, now_);
        assertEq(pool.powerAt(id, alice, now_ - 1), 0);
        _unstakeAll(alice);
        skip(1);
        assertEq(pool.powerAt(id, alice, now_), 0);
        assertEq(pool.activeAt(id, DELEGATED, now_), STAKE);
    }

    // Nearly everything was slashed again and again, until shares for a token outgrew their 256 bits.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_Regression_Trust_M2_SharesForATokenStayBounded(uint256 seed) external {
        _changeParam(Param.DelegationMin, 1e18);
        for (uint256 i = 0; i < 20; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            _delegate(alice, 1e18 + seed % 100_000_000e18);
            _slash(0, _totalOf(id, DELEGATED) - 1e18 - (seed >> 128) % 1e18);
            IStakingPool.BucketState memory bucket = pool.bucketOf(id, DELEGATED);
            assertLe(bucket.shares, uint256(bucket.active) * 1_000_000);
            assertLt(bucket.shares, 2 ** 120);
        }
        _assertBooks();
    }
}
