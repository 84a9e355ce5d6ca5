// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Regressions_StakingPool_Test is StakingPoolFixture {
    // What the end of a generation of delegators had earned was overwritten when the provider's own generation of the
    // same number ended, so that those who had left with the first one earned on from rewards of those who came later.
    function test_Regression_FinalAccumulated_AProvidersOwnGenerationLeavesDelegatorsRewardsAlone() external {
        _stakeSelf(200_000e18);
        _delegate(alice, 10_000e18);
        _reward(700e18);
        skip(1 days);
        _slash(0, 10_000e18);
        uint256 earned = pool.earned(id, alice);
        _delegate(bob, 10_000e18);
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
}
