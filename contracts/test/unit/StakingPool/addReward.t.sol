// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Custody } from "../../../src/libraries/Custody.sol";
import { RewardStream } from "../../../src/libraries/RewardStream.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract AddReward_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;
    /// One token a second.
    uint256 private constant REWARD = EPOCH * 1e18;

    function test_RevertWhen_CallerIsNotTheRewarder() external {
        _fundAnkr(address(pool), REWARD);
        address[4] memory callers = [stranger, slasher, address(timelock), owner];
        for (uint256 i = 0; i < callers.length; i++) {
            _expectUnauthorized(callers[i]);
            vm.prank(callers[i]);
            pool.addReward(id, REWARD);
        }
    }

    function test_RevertGiven_TheAmountHasNotArrived() external {
        _delegate(alice, STAKE);
        _fundAnkr(address(pool), REWARD - 1);
        vm.startPrank(address(distributor));
        vm.expectRevert(
            abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, ankr, REWARD, REWARD - 1)
        );
        pool.addReward(id, REWARD);
        pool.addReward(id, REWARD - 1);
        vm.expectRevert(abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, ankr, 1, 0));
        pool.addReward(id, 1);
    }

    function test_StreamsOverOneEpoch() external {
        _delegate(alice, STAKE);
        _fundAnkr(address(pool), REWARD);
        vm.expectEmit(address(pool));
        emit IStakingPool.RewardAdded(id, REWARD, uint64(block.timestamp + EPOCH));
        vm.prank(address(distributor));
        pool.addReward(id, REWARD);
        (uint256 reserve, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        assertEq(reserve, REWARD);
        assertEq(stream.rate, 1e18);
        assertEq(stream.end, block.timestamp + EPOCH);
        assertEq(stream.settledAt, block.timestamp);
        assertEq(stream.remainder, 0);
        assertEq(stream.idle, 0);
        assertEq(pool.held(ankr), STAKE + REWARD);
        assertEq(pool.earned(id, alice), 0);
        _assertBooks();
    }

    function test_FlowsEvenly() external {
        _delegate(alice, STAKE);
        _reward(REWARD);
        for (uint256 hour_ = 1; hour_ <= 5; hour_++) {
            skip(1 hours);
            assertEq(pool.earned(id, alice), hour_ * 3600e18);
        }
        skip(1);
        assertEq(pool.earned(id, alice), 5 * 3600e18 + 1e18);
    }

    function test_EndsAfterAnEpoch() external {
        _delegate(alice, STAKE);
        skip(3 days);
        _reward(REWARD);
        skip(EPOCH - 1);
        assertEq(pool.earned(id, alice), REWARD - 1e18);
        skip(1);
        assertEq(pool.earned(id, alice), REWARD);
        skip(100 days);
        assertEq(_claim(alice), REWARD);
    }

    function test_JoinsWhatIsLeft() external {
        _delegate(alice, STAKE);
        _reward(REWARD);
        skip(EPOCH / 2);
        _reward(REWARD);
        (uint256 reserve, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        assertEq(reserve, 2 * REWARD);
        assertEq(stream.rate, 1.5e18);
        assertEq(stream.end, block.timestamp + EPOCH);
        assertEq(pool.earned(id, alice), REWARD / 2);
        skip(EPOCH);
        assertEq(pool.earned(id, alice), 2 * REWARD);
    }

    function test_LeavesWhatWasEarned() external {
        _delegate(alice, STAKE);
        _delegate(bob, 3 * STAKE);
        _reward(REWARD);
        skip(1 hours);
        _claim(bob);
        _reward(REWARD);
        assertEq(pool.earned(id, alice), 900e18);
        assertEq(pool.earned(id, bob), 0);
        _assertRewards(_people());
    }

    function test_NothingSpreadsWhatIsLeft() external {
        _delegate(alice, STAKE);
        _reward(REWARD);
        skip(EPOCH / 2);
        _reward(0);
        (, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        assertEq(stream.rate, 0.5e18);
        skip(EPOCH);
        assertEq(pool.earned(id, alice), REWARD);
    }

    function test_AddsTheRemainder() external {
        _delegate(alice, STAKE);
        _reward(EPOCH + EPOCH - 1);
        (, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        assertEq(stream.rate, 1);
        assertEq(stream.remainder, EPOCH - 1);
        skip(EPOCH);
        assertEq(pool.earned(id, alice), EPOCH);
        _reward(1);
        (, stream) = pool.rewardsOf(id);
        assertEq(stream.rate, 1);
        assertEq(stream.remainder, 0);
        skip(EPOCH);
        assertEq(_claim(alice), 2 * EPOCH);
        (uint256 reserve,) = pool.rewardsOf(id);
        assertEq(reserve, 0);
    }

    function test_FlowsIdleWithoutDelegators() external {
        _stakeSelf(STAKE);
        _reward(REWARD);
        skip(1 hours);
        _delegate(alice, STAKE);
        (, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        assertEq(stream.idle, 3600e18);
        assertEq(pool.earned(id, alice), 0);
        _assertRewards(_people());
    }

    function test_FlowsToWhoComes() external {
        _reward(REWARD);
        skip(1 hours);
        _delegate(alice, STAKE);
        skip(EPOCH);
        assertEq(pool.earned(id, alice), REWARD - 3600e18);
    }

    function test_AChangedEpochLeavesARunningStream() external {
        _delegate(alice, STAKE);
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(Param.EpochSeconds, 5 days);
        uint64 epoch = params.currentEpoch() + 1;
        _govern(address(params), abi.encodeCall(IParamStore.announce, (changes, epoch)));
        vm.warp(params.epochStart(epoch) - 1);
        _reward(REWARD);
        (, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        uint64 end = uint64(block.timestamp + EPOCH);
        assertEq(stream.end, end);
        skip(1 days);
        _claim(alice);
        (, stream) = pool.rewardsOf(id);
        assertEq(stream.end, end);
        _reward(0);
        (, stream) = pool.rewardsOf(id);
        assertEq(stream.end, block.timestamp + 5 days);
        skip(5 days);
        assertApproxEqAbs(pool.earned(id, alice), REWARD - 1 days * 1e18, 5 days);
    }

    function test_NothingForAVisit() external {
        _delegate(alice, STAKE);
        _reward(REWARD);
        skip(1 days);
        uint256 earned = pool.earned(id, alice);
        _delegate(bob, 1000 * STAKE);
        _reward(REWARD);
        _unstakeAll(bob);
        assertEq(pool.earned(id, bob), 0);
        assertEq(pool.earned(id, alice), earned);
        skip(EPOCH);
        assertEq(pool.earned(id, bob), 0);
        (, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        assertEq(pool.earned(id, alice), 2 * REWARD - stream.remainder);
    }

    function test_GivesByTheSecond() external {
        _delegate(alice, STAKE);
        _reward(REWARD);
        skip(EPOCH - 100);
        _delegate(bob, STAKE);
        skip(EPOCH);
        assertEq(pool.earned(id, bob), 50e18);
        assertEq(pool.earned(id, alice), REWARD - 50e18);
    }

    function test_LeavesThePrice() external {
        _delegate(alice, STAKE);
        _reward(1_000_000e18);
        skip(2 * EPOCH);
        assertEq(_stakeOf(alice), STAKE);
        assertEq(_delegate(bob, MIN), MIN);
        assertEq(pool.bucketOf(id, DELEGATED).active, STAKE + MIN);
    }

    function test_KeepsProvidersApart() external {
        uint64 second = _newProvider();
        _delegate(alice, STAKE);
        _stakeWith(second, alice, DELEGATED, STAKE);
        _reward(REWARD);
        skip(1 hours);
        assertEq(pool.earned(id, alice), 3600e18);
        assertEq(pool.earned(second, alice), 0);
        (uint256 reserve,) = pool.rewardsOf(second);
        assertEq(reserve, 0);
    }

    function testFuzz_LosesNoRay(uint256 seed) external {
        address[] memory people = _people();
        for (uint256 i = 0; i < 12; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            address who = people[(seed >> 8) % 3];
            uint256 action = seed % 5;
            if (action == 0) _reward(seed % 1_000_000e18);
            else if (action == 1) _delegate(who, MIN + seed % 1_000_000e18);
            else if (action == 2 && _sharesOf(who) > 0) _unstakeAll(who);
            else if (action == 3 && pool.earned(id, who) > 0) _claim(who);
            else if (action == 4) _slash(0, seed % (_totalOf(id, DELEGATED) + 1));
            _assertRewards(people);
            skip((seed >> 16) % 5 days);
            _assertRewards(people);
        }
        _assertBooks();
    }
}
