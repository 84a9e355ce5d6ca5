// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Claim_StakingPool_Test is StakingPoolFixture {
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
        // In the second in which it arrives nothing has flowed.
        _expectNothingToClaim();
        _claim(alice);
        skip(1 hours);
        _expectNothingToClaim();
        _claim(carol);
        _expectNothingToClaim();
        vm.prank(alice);
        pool.claim(2, alice);
    }

    function test_RevertGiven_LessThanAUnit() external {
        // A unit a second, of which a quarter is alice's.
        _reward(EPOCH);
        skip(3);
        assertEq(pool.earned(id, alice), 0);
        _expectNothingToClaim();
        _claim(alice);
        skip(1);
        assertEq(pool.earnedRaysOf(id, alice), 1e27);
        assertEq(_claim(alice), 1);
        skip(6);
        assertEq(_claim(alice), 1);
        assertEq(pool.earnedRaysOf(id, alice), 0.5e27);
        skip(2);
        assertEq(_claim(alice), 1);
    }

    function test_RevertWhen_TheReceiverIsZero() external {
        _reward(REWARD);
        skip(1 hours);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        vm.prank(alice);
        pool.claim(id, address(0));
        assertEq(_claim(alice), 900e18);
    }

    function test_PaysWhatWasEarned() external {
        _reward(REWARD);
        skip(1 hours);
        uint256 held = pool.held(ankr);
        vm.expectEmit(address(pool));
        emit IStakingPool.RewardClaimed(id, alice, alice, 900e18);
        assertEq(_claim(alice), 900e18);
        assertEq(ankr.balanceOf(alice), 900e18);
        assertEq(pool.held(ankr), held - 900e18);
        (uint256 reserve,) = pool.rewardsOf(id);
        assertEq(reserve, REWARD - 900e18);
        assertEq(pool.earned(id, alice), 0);
        assertEq(pool.earned(id, bob), 2700e18);
        _assertBooks();
        _assertRewards(_people());
    }

    function test_PaysToWhomTheCallerSays() external {
        _reward(REWARD);
        skip(1 hours);
        vm.expectEmit(address(pool));
        emit IStakingPool.RewardClaimed(id, alice, stranger, 900e18);
        vm.prank(alice);
        pool.claim(id, stranger);
        assertEq(ankr.balanceOf(stranger), 900e18);
    }

    function test_PaysOnce() external {
        _reward(REWARD);
        skip(1 hours);
        _claim(alice);
        _expectNothingToClaim();
        _claim(alice);
        skip(1 hours);
        assertEq(_claim(alice), 900e18);
    }

    function test_LeavesStake() external {
        _reward(REWARD);
        skip(1 hours);
        _claim(alice);
        assertEq(_sharesOf(alice), STAKE);
        assertEq(_stakeOf(alice), STAKE);
        assertEq(pool.activeOf(id, DELEGATED), 4 * STAKE);
        assertEq(pool.delegatedTotal(), 4 * STAKE);
    }

    function test_PaysAfterLeaving() external {
        _reward(REWARD);
        skip(1 hours);
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        _withdraw(alice, requestId);
        assertEq(_claim(alice), 900e18);
        assertEq(_claim(bob), REWARD - 900e18);
        _assertRewards(_people());
    }

    function test_PaysAClosedGenerationOnce() external {
        _reward(REWARD);
        skip(1 hours);
        _slash(0, 4 * STAKE);
        _delegate(carol, STAKE);
        skip(1 hours);
        assertEq(pool.earned(id, alice), 900e18);
        assertEq(_claim(alice), 900e18);
        _expectNothingToClaim();
        _claim(alice);
        skip(1 hours);
        assertEq(pool.earned(id, alice), 0);
        assertEq(_claim(bob), 2700e18);
        assertEq(_claim(carol), 7200e18);
        _assertRewards(_people());
    }

    function test_PaysWhileJailed() external {
        _reward(REWARD);
        _slash(0, STAKE);
        _jail();
        skip(1 hours);
        assertEq(_claim(alice), 900e18);
    }

    function testFuzz_PaysBySharesAndTime(uint256 reward, uint256 third, uint256[3] memory waits) external {
        reward = bound(reward, EPOCH, 10_000_000e18);
        third = bound(third, MIN, 1_000_000e18);
        for (uint256 i = 0; i < 3; i++) {
            waits[i] = bound(waits[i], 1, 5 days);
        }
        _reward(reward);
        skip(waits[0]);
        _delegate(carol, third);
        skip(waits[1]);
        _unstakeAll(bob);
        skip(waits[2]);
        uint256 rate = reward / EPOCH;
        uint256 start = block.timestamp - waits[0] - waits[1] - waits[2];
        uint256 first = rate * _within(start, 0, waits[0]);
        uint256 second = rate * _within(start, waits[0], waits[0] + waits[1]);
        uint256 last = rate * _within(start, waits[0] + waits[1], waits[0] + waits[1] + waits[2]);
        uint256 all = 4 * STAKE + third;
        uint256 alices = first / 4 + second * STAKE / all + last * STAKE / (STAKE + third);
        uint256 bobs = first * 3 / 4 + second * 3 * STAKE / all;
        uint256 carols = second * third / all + last * third / (STAKE + third);
        assertApproxEqAbs(pool.earned(id, alice), alices, 3);
        assertApproxEqAbs(pool.earned(id, bob), bobs, 3);
        assertApproxEqAbs(pool.earned(id, carol), carols, 3);
        _assertRewards(_people());
        _assertBooks();
    }

    function testFuzz_OrderAndNumberOfClaimsDoNotMatter(uint256 reward, uint256 wait, uint256 order)
        external
    {
        reward = bound(reward, EPOCH, 1_000_000e18);
        wait = bound(wait, 1, EPOCH / 4);
        _delegate(carol, 12_345e18);
        _reward(reward);
        uint256 snapshot = vm.snapshotState();
        skip(4 * wait);
        uint256[3] memory expected;
        for (uint256 i = 0; i < 3; i++) {
            expected[i] = _claimed(_people()[i]);
        }
        vm.revertToState(snapshot);
        for (uint256 turn = 0; turn < 4; turn++) {
            skip(wait);
            for (uint256 i = 0; i < 3; i++) {
                _claimed(_people()[order % 3]);
                order /= 3;
            }
        }
        for (uint256 i = 0; i < 3; i++) {
            address who = _people()[i];
            _claimed(who);
            // What a division leaves over is carried, so the same comes out but for a unit on its way.
            assertApproxEqAbs(ankr.balanceOf(who), expected[i], 1);
        }
        _assertRewards(_people());
    }

    /// @dev Seconds of the stream that lie between two times after its start.
    function _within(uint256 start, uint256 from, uint256 to) private view returns (uint256) {
        assert(start + to <= block.timestamp);
        if (from >= EPOCH) return 0;
        return (to > EPOCH ? EPOCH : to) - from;
    }

    function _claimed(address who) private returns (uint256) {
        return pool.earned(id, who) == 0 ? 0 : _claim(who);
    }
}
