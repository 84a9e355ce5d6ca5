// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract PayIdleReward_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;
    /// One token a second.
    uint256 private constant REWARD = EPOCH * 1e18;

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        pool.payIdleReward(2);
    }

    function test_RevertGiven_NothingIsIdle() external {
        _expectNothingToClaim();
        pool.payIdleReward(id);
        _delegate(alice, STAKE);
        _reward(REWARD);
        skip(EPOCH);
        _expectNothingToClaim();
        pool.payIdleReward(id);
    }

    function test_PaysTheRewardsAddress() external {
        _reward(REWARD);
        skip(1 hours);
        vm.expectEmit(address(pool));
        emit IStakingPool.IdleRewardPaid(id, rewardsTo, 3600e18);
        vm.prank(stranger);
        assertEq(pool.payIdleReward(id), 3600e18);
        assertEq(ankr.balanceOf(rewardsTo), 3600e18);
        assertEq(ankr.balanceOf(stranger), 0);
        assertEq(pool.held(ankr), REWARD - 3600e18);
        _assertBooks();
    }

    function test_PaysUpToNow() external {
        _reward(REWARD);
        skip(1 hours);
        pool.payIdleReward(id);
        _expectNothingToClaim();
        pool.payIdleReward(id);
        skip(1);
        assertEq(pool.payIdleReward(id), 1e18);
        skip(2 * EPOCH);
        assertEq(pool.payIdleReward(id), REWARD - 3601e18);
        assertEq(pool.held(ankr), 0);
    }

    function test_LeavesWhatDelegatorsEarned() external {
        _reward(REWARD);
        skip(1 hours);
        _delegate(alice, STAKE);
        skip(1 hours);
        assertEq(pool.payIdleReward(id), 3600e18);
        assertEq(_claim(alice), 3600e18);
        skip(EPOCH);
        assertEq(_claim(alice), REWARD - 7200e18);
    }

    function test_PaysTheNewRewardsAddress() external {
        _reward(REWARD);
        skip(1 hours);
        vm.prank(owner);
        registry.setRewardsTo(id, carol);
        pool.payIdleReward(id);
        assertEq(ankr.balanceOf(carol), 3600e18);
        assertEq(ankr.balanceOf(rewardsTo), 0);
    }

    function test_PaysAfterAGenerationWasClosed() external {
        _delegate(alice, STAKE);
        _reward(REWARD);
        skip(1 hours);
        _slash(0, STAKE);
        skip(EPOCH);
        assertEq(pool.payIdleReward(id), REWARD - 3600e18);
        assertEq(_claim(alice), 3600e18);
        assertEq(pool.held(ankr), 0);
    }

    function testFuzz_PaysWhatDelegatorsDoNotGet(uint256 reward, uint256 comes, uint256 stays) external {
        reward = bound(reward, EPOCH, 1_000_000e18);
        _reward(reward);
        skip(bound(comes, 1, EPOCH - 2));
        _delegate(alice, STAKE);
        skip(bound(stays, 1, 2 * EPOCH));
        _unstakeAll(alice);
        skip(2 * EPOCH);
        uint256 earned = pool.earned(id, alice);
        uint256 idle = pool.payIdleReward(id);
        // Less than a unit a second waits for the next stream, less than a unit is carried or in a ray of alice's.
        assertLe(earned + idle, reward);
        assertLe(reward - earned - idle, reward % EPOCH + 1);
        _assertRewards(_people());
    }
}
