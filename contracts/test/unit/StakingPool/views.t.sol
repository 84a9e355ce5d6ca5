// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { RewardStream } from "../../../src/libraries/RewardStream.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Views_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;

    function test_KnowsItsNeighbours() external view {
        assertEq(address(pool.params()), address(params));
        assertEq(address(pool.registry()), address(registry));
        assertEq(address(pool.asset()), address(ankr));
        assertEq(pool.treasury(), address(timelock));
        assertEq(pool.authority(), address(manager));
    }

    function test_NothingIsThereOfWhatIsUnknown() external view {
        assertEq(pool.bucketOf(2, DELEGATED).active, 0);
        assertEq(pool.sharesOf(2, DELEGATED, alice), 0);
        assertEq(pool.stakeOf(2, DELEGATED, alice), 0);
        assertEq(pool.earned(2, alice), 0);
        assertEq(pool.requestOf(1).providerId, 0);
        assertEq(pool.requestValueOf(1), 0);
        assertEq(pool.openRequestsOf(2, SELF, address(0)).length, 0);
        assertEq(pool.countedDelegationOf(2), 0);
        (uint256 reserve, RewardStream.Stream memory stream) = pool.rewardsOf(2);
        assertEq(reserve, 0);
        assertEq(stream.end, 0);
    }

    function test_StakeIsWhatWouldBeginToUnbond() external {
        _delegate(alice, STAKE);
        _delegate(bob, STAKE + 1);
        _slash(0, 7777e18 + 7);
        uint256 stake = _stakeOf(alice);
        uint256 snapshot = vm.snapshotState();
        vm.startPrank(alice);
        vm.expectPartialRevert(IStakingPool.StakingPoolTooFewTokens.selector);
        pool.unstake(id, DELEGATED, STAKE, stake + 1);
        pool.unstake(id, DELEGATED, STAKE, stake);
        vm.stopPrank();
        vm.revertToState(snapshot);
        assertEq(stake, STAKE * (2 * STAKE + 1 - 7777e18 - 7) / (2 * STAKE + 1));
    }

    function test_ARequestIsWorthWhatItWouldPay() external {
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
        uint64 first = _unstakeAll(alice);
        _unstakeAll(bob);
        _slash(0, 3333e18 + 1);
        uint256 value = pool.requestValueOf(first);
        _await(first);
        assertEq(_withdraw(alice, first), value);
        assertEq(pool.requestValueOf(first), 0);
    }

    function test_EarnedIsWhatAClaimWouldPay() external {
        _delegate(alice, STAKE);
        _delegate(bob, STAKE * 7 / 3);
        _reward(12_345e18);
        skip(12_345);
        uint256 rays = pool.earnedRaysOf(id, alice);
        uint256 earned = pool.earned(id, alice);
        assertEq(earned, rays / 1e27);
        assertEq(_claim(alice), earned);
        assertEq(pool.earnedRaysOf(id, alice), rays - earned * 1e27);
    }

    function test_OpenRequestsAreOfOnePosition() external {
        uint64 second = _newProvider();
        _stakeSelf(STAKE);
        _delegate(alice, STAKE);
        _stakeWith(second, alice, DELEGATED, STAKE);
        uint64 a = _unstake(alice, 1e18);
        uint64 b = _unstakeSelf(1e18);
        vm.prank(alice);
        uint64 c = pool.unstake(second, DELEGATED, 1e18, 0);
        uint64 d = _unstake(alice, 1e18);
        assertEq(a, 1);
        assertEq(d, 4);
        uint64[] memory open = pool.openRequestsOf(id, DELEGATED, alice);
        assertEq(open.length, 2);
        assertEq(open[0], a);
        assertEq(open[1], d);
        assertEq(pool.openRequestsOf(id, SELF, address(0))[0], b);
        assertEq(pool.openRequestsOf(second, DELEGATED, alice)[0], c);
        assertEq(pool.openRequestsOf(id, SELF, owner).length, 0);
    }

    function test_DelegationCountsUpToARatioOfActiveSelfStake() external {
        _delegate(alice, 2 * RATIO_MAX * 1000e18);
        assertEq(pool.countedDelegationOf(id), 0);
        _stakeSelf(1000e18);
        assertEq(pool.countedDelegationOf(id), RATIO_MAX * 1000e18);
        _stakeSelf(1000e18 - 1);
        assertEq(pool.countedDelegationOf(id), RATIO_MAX * (2000e18 - 1));
        _stakeSelf(2);
        assertEq(pool.countedDelegationOf(id), 2 * RATIO_MAX * 1000e18);
        // Self-stake that is unbonding carries nothing.
        _unstakeSelf(1000e18 + 1);
        assertEq(pool.countedDelegationOf(id), RATIO_MAX * 1000e18);
        _changeParam(Param.DelegationRatioMax, 1);
        assertEq(pool.countedDelegationOf(id), 1000e18);
    }

    function testFuzz_CountsTheLesserOfDelegationAndRatio(uint256 self, uint256 delegated) external {
        self = bound(self, 1, 1_000_000e18);
        delegated = bound(delegated, MIN, 20_000_000e18);
        _stakeSelf(self);
        _delegate(alice, delegated);
        uint256 most = RATIO_MAX * self;
        assertEq(pool.countedDelegationOf(id), delegated < most ? delegated : most);
    }

    function test_RevertWhen_TheTimeIsNotPast() external {
        _delegate(alice, STAKE);
        uint48[3] memory times = [uint48(block.timestamp), uint48(block.timestamp + 1), type(uint48).max];
        for (uint256 i = 0; i < times.length; i++) {
            bytes memory refusal =
                abi.encodeWithSelector(IStakingPool.StakingPoolNotPast.selector, times[i], block.timestamp);
            vm.expectRevert(refusal);
            pool.activeAt(id, DELEGATED, times[i]);
            vm.expectRevert(refusal);
            pool.powerAt(id, alice, times[i]);
        }
        assertEq(pool.activeAt(id, DELEGATED, uint48(block.timestamp - 1)), 0);
        assertEq(pool.powerAt(id, alice, uint48(block.timestamp - 1)), 0);
    }

    function test_RemembersTheEndOfEachSecond() external {
        uint48 start = uint48(block.timestamp);
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
        _unstakeAll(bob);
        skip(1 hours);
        _delegate(bob, 3 * STAKE);
        _stakeSelf(5e18);
        skip(1 hours);
        _slash(0, 2 * STAKE);
        skip(1 hours);
        assertEq(pool.activeAt(id, DELEGATED, start - 1), 0);
        assertEq(pool.activeAt(id, DELEGATED, start), STAKE);
        assertEq(pool.powerAt(id, bob, start), 0);
        assertEq(pool.activeAt(id, DELEGATED, start + 1 hours - 1), STAKE);
        assertEq(pool.activeAt(id, DELEGATED, start + 1 hours), 4 * STAKE);
        assertEq(pool.activeAt(id, SELF, start + 1 hours), 5e18);
        assertEq(pool.powerAt(id, bob, start + 1 hours), 3 * STAKE);
        // Of 50,000 in all, of which bob has 10,000 unbonding, two fifths are gone.
        assertEq(pool.activeAt(id, DELEGATED, start + 2 hours), STAKE * 12 / 5);
        assertEq(pool.powerAt(id, alice, start + 2 hours), STAKE * 3 / 5);
        assertEq(pool.powerAt(id, bob, start + 2 hours), STAKE * 9 / 5);
    }

    function test_PowerOfAClosedGenerationIsThatOfItsTime() external {
        _delegate(alice, STAKE);
        skip(1 hours);
        _slash(0, STAKE);
        uint48 closed = uint48(block.timestamp);
        skip(1 hours);
        _delegate(bob, STAKE);
        uint48 next = uint48(block.timestamp);
        skip(1 hours);
        assertEq(pool.powerAt(id, alice, closed - 1), STAKE);
        assertEq(pool.powerAt(id, alice, closed), 0);
        assertEq(pool.powerAt(id, alice, next), 0);
        assertEq(pool.powerAt(id, bob, next), STAKE);
        _delegate(alice, MIN);
        uint48 again = uint48(block.timestamp);
        skip(1);
        assertEq(pool.powerAt(id, alice, again - 1), 0);
        assertEq(pool.powerAt(id, alice, again), MIN);
    }

    function test_SelfStakeHasNoPowerAndRewardsGiveNone() external {
        _stakeSelf(STAKE);
        _delegate(alice, MIN);
        _reward(1_000_000e18);
        skip(1 days);
        assertEq(pool.powerAt(id, owner, uint48(block.timestamp - 1)), 0);
        assertEq(pool.powerAt(id, address(0), uint48(block.timestamp - 1)), 0);
        assertEq(pool.powerAt(id, alice, uint48(block.timestamp - 1)), MIN);
    }

    function testFuzz_HistoryNeverChangesAndPowersSumToStake(uint256 seed) external {
        uint48[8] memory times;
        uint256[8] memory active;
        uint256[3][8] memory stakes;
        for (uint256 i = 0; i < 8; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            address who = _people()[(seed >> 8) % 3];
            if (seed % 4 < 2) _delegate(who, MIN + (seed >> 16) % 1_000_000e18);
            else if (seed % 4 == 2 && _sharesOf(who) > 0) _unstakeAll(who);
            else _slash(0, (seed >> 16) % (_totalOf(id, DELEGATED) + 1));
            times[i] = uint48(block.timestamp);
            active[i] = pool.activeOf(id, DELEGATED);
            for (uint256 j = 0; j < 3; j++) {
                stakes[i][j] = _stakeOf(_people()[j]);
            }
            skip(1 + (seed >> 64) % 1 days);
        }
        for (uint256 i = 0; i < 8; i++) {
            assertEq(pool.activeAt(id, DELEGATED, times[i]), active[i]);
            uint256 sum;
            for (uint256 j = 0; j < 3; j++) {
                assertEq(pool.powerAt(id, _people()[j], times[i]), stakes[i][j]);
                sum += stakes[i][j];
            }
            assertLe(sum, active[i]);
            assertLe(active[i], sum + 2);
        }
    }
}
