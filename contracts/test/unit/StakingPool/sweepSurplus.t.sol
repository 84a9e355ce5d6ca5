// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract SweepSurplus_StakingPool_Test is StakingPoolFixture {
    function setUp() public override {
        super.setUp();
        _stakeSelf(200_000e18);
        _delegate(alice, MIN);
        _unstakeAll(alice);
        _delegate(bob, MIN);
        _reward(700e18);
    }

    function test_RevertGiven_NothingCameUnasked() external {
        _expectZeroAmount();
        pool.sweepSurplus(ankr);
        _expectZeroAmount();
        pool.sweepSurplus(stable);
    }

    function test_SendsTheSurplusAndLeavesTheRest() external {
        uint256 held = pool.held(ankr);
        _fundAnkr(address(pool), 1);
        vm.expectEmit(address(pool));
        emit IStakingPool.SurplusSwept(ankr, 1);
        vm.prank(stranger);
        assertEq(pool.sweepSurplus(ankr), 1);
        assertEq(ankr.balanceOf(treasury), 1);
        assertEq(ankr.balanceOf(address(pool)), held);
        assertEq(pool.held(ankr), held);
        _assertBooks();
    }

    function test_SendsAnyToken() external {
        AnkrToken token = new AnkrToken(address(pool), 5e18);
        assertEq(pool.sweepSurplus(token), 5e18);
        assertEq(token.balanceOf(treasury), 5e18);
        assertEq(pool.held(token), 0);
    }

    function testFuzz_SendsWhatCameUnasked(uint256 gift, uint256 wait) external {
        gift = bound(gift, 1, 1_000_000e18);
        uint256 held = pool.held(ankr);
        _fundAnkr(address(pool), gift);
        skip(bound(wait, 0, 30 days));
        assertEq(_stakeOf(bob), MIN);
        assertEq(pool.sweepSurplus(ankr), gift);
        assertEq(pool.held(ankr), held);
        _expectZeroAmount();
        pool.sweepSurplus(ankr);
        _assertBooks();
    }
}
