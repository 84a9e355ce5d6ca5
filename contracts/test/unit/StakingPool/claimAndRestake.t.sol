// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract ClaimAndRestake_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;
    /// One token a second.
    uint256 private constant REWARD = EPOCH * 1e18;

    function setUp() public override {
        super.setUp();
        _delegate(alice, STAKE);
        _delegate(bob, 3 * STAKE);
    }

    function test_RevertGiven_NothingEarned() external {
        _reward(REWARD);
        _expectNothingToClaim();
        _restake(alice);
        skip(1 hours);
        _expectNothingToClaim();
        _restake(carol);
    }

    function test_RevertGiven_ProviderIsJailed() external {
        _reward(REWARD);
        skip(1 hours);
        _jail();
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolProviderJailed.selector, id));
        _restake(alice);
        assertEq(_claim(alice), 900e18);
    }

    function test_RevertGiven_BelowTheMinimum() external {
        _reward(REWARD);
        skip(1 hours);
        _unstakeAll(alice);
        _expectBelowMinimum(900e18);
        _restake(alice);
        assertEq(pool.earned(id, alice), 900e18);
    }

    function test_RevertGiven_CapReached() external {
        _setCaps(4 * STAKE + 900e18 - 1, 1_000_000e18, 4);
        _reward(REWARD);
        skip(1 hours);
        _expectCapReached(4 * STAKE + 900e18, 4 * STAKE + 900e18 - 1);
        _restake(alice);
        assertEq(pool.earned(id, alice), 900e18);
    }

    function test_RevertWhen_TooFewShares() external {
        _reward(REWARD);
        skip(1 hours);
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolTooFewShares.selector, 900e18, 900e18 + 1)
        );
        pool.claimAndRestake(id, 900e18 + 1);
        pool.claimAndRestake(id, 900e18);
    }

    function test_StakesWhatWasEarned() external {
        _reward(REWARD);
        skip(1 hours);
        uint256 held = pool.held(ankr);
        vm.expectEmit(address(pool));
        emit IStakingPool.RewardClaimed(id, alice, address(pool), 900e18);
        vm.expectEmit(address(pool));
        emit IStakingPool.Staked(id, DELEGATED, alice, 900e18, 900e18);
        (uint256 amount, uint256 shares) = _restake(alice);
        assertEq(amount, 900e18);
        assertEq(shares, 900e18);
        assertEq(_stakeOf(alice), STAKE + 900e18);
        assertEq(pool.delegatedTotal(), 4 * STAKE + 900e18);
        assertEq(pool.earned(id, alice), 0);
        assertEq(pool.earned(id, bob), 2700e18);
        assertEq(pool.held(ankr), held);
        assertEq(ankr.balanceOf(alice), 0);
        _assertBooks();
        _assertRewards(_people());
    }

    function test_StakesOneUnit() external {
        _reward(EPOCH);
        skip(4);
        (uint256 amount, uint256 shares) = _restake(alice);
        assertEq(amount, 1);
        assertEq(shares, 1);
        assertEq(_stakeOf(alice), STAKE + 1);
    }

    function test_StakesAtTheLowerPrice() external {
        _reward(REWARD);
        skip(1 hours);
        _slash(0, 2 * STAKE);
        (uint256 amount, uint256 shares) = _restake(alice);
        assertEq(amount, 900e18);
        assertEq(shares, 1800e18);
        assertEq(_stakeOf(alice), STAKE / 2 + 900e18);
        assertEq(_stakeOf(bob), 3 * STAKE / 2);
    }

    function test_BeginsAnewAfterLeaving() external {
        _reward(REWARD);
        skip(2 hours);
        _unstakeAll(alice);
        (uint256 amount,) = _restake(alice);
        assertEq(amount, 1800e18);
        assertEq(_stakeOf(alice), 1800e18);
    }

    function test_BeginsInTheNextGeneration() external {
        _reward(REWARD);
        skip(2 hours);
        _slash(0, 4 * STAKE);
        (uint256 amount, uint256 shares) = _restake(alice);
        assertEq(amount, 1800e18);
        assertEq(shares, 1800e18);
        assertEq(_stakeOf(alice), 1800e18);
        _assertBooks();
        _assertRewards(_people());
    }

    function testFuzz_IsTheSameAsClaimingAndStaking(uint256 reward, uint256 wait, uint256 loss) external {
        _reward(bound(reward, 1e18, 10_000_000e18));
        skip(bound(wait, 1 hours, 10 days));
        _slash(0, bound(loss, 0, 2 * STAKE));
        uint256 snapshot = vm.snapshotState();
        (uint256 amount, uint256 shares) = _restake(alice);
        bytes32 left = _stateHash();
        vm.revertToState(snapshot);

        assertEq(_claim(alice), amount);
        vm.startPrank(alice);
        ankr.approve(address(pool), amount);
        assertEq(pool.stake(id, DELEGATED, amount, 0), shares);
        vm.stopPrank();
        assertEq(_stateHash(), left);
        _assertBooks();
    }

    function _restake(address who) private returns (uint256 amount, uint256 shares) {
        vm.prank(who);
        return pool.claimAndRestake(id, 0);
    }

    function _stateHash() private view returns (bytes32) {
        (uint256 reserve,) = pool.rewardsOf(id);
        return keccak256(
            abi.encode(
                pool.bucketOf(id, DELEGATED),
                _sharesOf(alice),
                pool.earnedRaysOf(id, alice),
                pool.earnedRaysOf(id, bob),
                reserve,
                pool.held(ankr),
                pool.delegatedTotal()
            )
        );
    }
}
