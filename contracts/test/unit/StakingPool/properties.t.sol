// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

/// @notice What holds over any sequence of calls: nobody gains, order does not matter, everybody leaves.
contract Properties_StakingPool_Test is StakingPoolFixture {
    uint256 private constant FUNDS = 10_000_000e18;
    uint256 private constant STEPS = 24;

    address[] private people = [owner, alice, bob, carol];
    /// What a person did not pay by itself: rewards.
    uint256 private brought;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < people.length; i++) {
            _ready(people[i], FUNDS);
        }
    }

    // Round trip

    function testFuzz_NobodyGainsWithoutOutsideReward(uint256 seed) external {
        for (uint256 i = 0; i < STEPS; i++) {
            seed = _next(seed);
            _act(seed);
        }
        _leaveAll();
        for (uint256 i = 0; i < people.length; i++) {
            assertEq(ankr.balanceOf(people[i]), FUNDS);
        }
        assertEq(pool.held(ankr), 0);
    }

    /// @dev With slashes a price is a fraction, and each call may hand a unit of rounding to those who stay.
    /// forge-config: default.fuzz.runs = 128
    function testFuzz_NobodyGainsByMovesBetweenSlashes(uint256 seed) external {
        uint256[4] memory losses;
        for (uint256 i = 0; i < STEPS; i++) {
            seed = _next(seed);
            if (seed % 4 > 0) {
                _act(seed >> 8);
                continue;
            }
            uint256[4] memory before = _worths();
            _slash((seed >> 8) % (_totalOf(id, SELF) + 1), (seed >> 100) % (_totalOf(id, DELEGATED) + 1));
            uint256[4] memory worths = _worths();
            for (uint256 j = 0; j < 4; j++) {
                losses[j] += before[j] - worths[j];
            }
        }
        _leaveAll();
        uint256 sum = ankr.balanceOf(slasher) + ankr.balanceOf(treasury);
        for (uint256 i = 0; i < people.length; i++) {
            uint256 balance = ankr.balanceOf(people[i]);
            assertApproxEqAbs(balance, FUNDS - losses[i], 2 * STEPS);
            sum += balance;
        }
        assertEq(sum, people.length * FUNDS);
        assertEq(pool.held(ankr), 0);
    }

    function testFuzz_RewardsPayOutWhatWasBroughtAndNoMore(uint256 seed) external {
        for (uint256 i = 0; i < STEPS; i++) {
            seed = _next(seed);
            uint256 kind = seed % 6;
            if (kind == 0) _bring((seed >> 8) % 1_000_000e18);
            else if (kind == 1) _slash(0, (seed >> 8) % (_totalOf(id, DELEGATED) + 1));
            else _act(seed >> 8);
        }
        _leaveAll();
        (uint256 reserve,) = pool.rewardsOf(id);
        // Only what waits for another stream is left: less than a unit a second, and what is less than a unit.
        assertLe(reserve, EPOCH + 4);
        assertEq(pool.held(ankr), reserve);
        uint256 sum = ankr.balanceOf(slasher) + ankr.balanceOf(treasury) + ankr.balanceOf(rewardsTo);
        for (uint256 i = 0; i < people.length; i++) {
            sum += ankr.balanceOf(people[i]);
        }
        assertEq(sum + reserve, people.length * FUNDS + brought);
    }

    // Order

    function testFuzz_WithdrawalsPayTheSameInAnyOrder(uint256 seed) external {
        uint64[4] memory requests;
        for (uint256 i = 1; i < 4; i++) {
            vm.prank(people[i]);
            pool.stake(id, DELEGATED, MIN + (seed >> (i * 40)) % 1_000_000e18, 0);
        }
        _slash(0, seed % (_totalOf(id, DELEGATED) / 2));
        for (uint256 i = 1; i < 4; i++) {
            requests[i] = _unstakeAll(people[i]);
            _slash(0, (seed >> 200) % (_totalOf(id, DELEGATED) / 4));
        }
        _await(requests[3]);
        uint256 snapshot = vm.snapshotState();
        uint256[4] memory paid;
        for (uint256 i = 1; i < 4; i++) {
            paid[i] = _withdraw(people[i], requests[i]);
        }
        vm.revertToState(snapshot);
        uint256 first = 1 + seed % 3;
        uint256 second = 1 + (first + (seed >> 8) % 2) % 3;
        uint256 third = 6 - first - second;
        assertApproxEqAbs(_withdraw(people[first], requests[first]), paid[first], 2);
        assertApproxEqAbs(_withdraw(people[second], requests[second]), paid[second], 2);
        assertApproxEqAbs(_withdraw(people[third], requests[third]), paid[third], 2);
        assertEq(pool.held(ankr), 0);
    }

    function testFuzz_StakingInOneSecondGivesTheSameInAnyOrder(uint256 loss, uint256 a, uint256 b) external {
        a = bound(a, MIN + 1, FUNDS);
        b = bound(b, MIN + 1, FUNDS);
        vm.prank(carol);
        pool.stake(id, DELEGATED, 100_000e18, 0);
        _slash(0, bound(loss, 0, 90_000e18));
        uint256 snapshot = vm.snapshotState();
        _stakeAs(alice, a);
        _stakeAs(bob, b);
        uint256 alices = _stakeOf(alice);
        uint256 bobs = _stakeOf(bob);
        vm.revertToState(snapshot);
        _stakeAs(bob, b);
        _stakeAs(alice, a);
        assertApproxEqAbs(_stakeOf(alice), alices, 1);
        assertApproxEqAbs(_stakeOf(bob), bobs, 1);
    }

    function testFuzz_TwoSlashesAreOneOfTheirSum(uint256 first, uint256 second, uint256 part) external {
        _stakeAs(alice, 100_000e18);
        _stakeAs(bob, 300_000e18);
        uint64 requestId = _unstake(bob, bound(part, 100e18, 200_000e18));
        first = bound(first, 1, 150_000e18);
        second = bound(second, 1, 150_000e18);
        uint256 snapshot = vm.snapshotState();
        _slash(0, first + second);
        uint256 alices = _stakeOf(alice);
        uint256 bobs = _stakeOf(bob);
        uint256 leaving = pool.requestValueOf(requestId);
        vm.revertToState(snapshot);
        _slash(0, first);
        _slash(0, second);
        assertApproxEqAbs(_stakeOf(alice), alices, 2);
        assertApproxEqAbs(_stakeOf(bob), bobs, 2);
        assertApproxEqAbs(pool.requestValueOf(requestId), leaving, 2);
    }

    // Liveness

    /// @dev Whatever was done before: jailed, locked, a list full. From here on nobody but the holders does anything.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_EveryHolderLeavesInBoundedTimeAlone(uint256 seed) external {
        for (uint256 i = 0; i < STEPS; i++) {
            seed = _next(seed);
            if (seed % 5 == 0) _slash(seed % 1000e18, (seed >> 8) % (_totalOf(id, DELEGATED) + 1));
            else _act(seed >> 8);
        }
        _delegate(alice, 3 * MIN);
        while (_openOf(alice).length < REQUESTS_MAX) {
            _unstakeAs(alice, 1e6);
        }
        _lock("own", SELF, type(uint96).max);
        _lock("theirs", DELEGATED, type(uint96).max);
        _jail();
        uint256 start = block.timestamp;

        vm.mockCallRevert(address(distributor), bytes(""), "silent");
        vm.mockCallRevert(address(epochs), bytes(""), "silent");
        vm.mockCallRevert(address(timelock), bytes(""), "silent");
        skip(LOCK_MAX);
        vm.startPrank(alice);
        pool.release("own");
        pool.release("theirs");
        vm.stopPrank();
        // A full list has room again when its requests are due; what is left then takes a period more.
        _leaveAll();
        assertLe(block.timestamp - start, LOCK_MAX + 2 * SELF_PERIOD);
        assertEq(pool.held(ankr), 0);
    }

    /// @dev One of many things that a holder may do.
    function _act(uint256 seed) private {
        address who = people[seed % 4];
        uint256 action = (seed >> 8) % 6;
        seed >>= 16;
        uint256 stake = _stakeOfPerson(who);
        if (action < 2) {
            uint256 amount = MIN + 1 + seed % 100_000e18;
            if (amount <= ankr.balanceOf(who)) _stakeAs(who, amount);
        } else if (action == 2 && stake > MIN + 10) {
            _unstakeAs(who, 2 + seed % (stake - MIN - 2));
        } else if (action == 3 && stake > 0) {
            _unstakeAs(who, 0);
        } else if (action == 4) {
            _cancelOne(who, seed);
        } else if (action == 5) {
            skip(seed % 15 days);
            _withdrawDue(who);
            _claimAs(who, seed);
        }
    }

    function _stakeAs(address who, uint256 amount) private {
        vm.prank(who);
        pool.stake(id, who == owner ? SELF : DELEGATED, amount, 0);
    }

    /// @param worth Zero for everything.
    function _unstakeAs(address who, uint256 worth) private {
        if (_openOf(who).length >= REQUESTS_MAX) return;
        uint256 shares = who == owner ? _selfShares() : _sharesOf(who);
        uint256 stake = _stakeOfPerson(who);
        // As many shares as are worth at least one unit.
        uint256 wanted = worth == 0 ? shares : shares * worth / stake + 1;
        if (wanted > shares || (who != owner && stake < worth + MIN + 2)) wanted = shares;
        vm.prank(who);
        pool.unstake(id, who == owner ? SELF : DELEGATED, wanted, 0);
    }

    function _cancelOne(address who, uint256 seed) private {
        uint64[] memory open = _openOf(who);
        if (open.length == 0) return;
        uint64 requestId = open[seed % open.length];
        if (pool.requestValueOf(requestId) == 0) return;
        _cancel(who, requestId);
    }

    function _withdrawDue(address who) private {
        uint64[] memory open = _openOf(who);
        for (uint256 i = 0; i < open.length; i++) {
            if (pool.requestOf(open[i]).withdrawableAt <= block.timestamp) _withdraw(who, open[i]);
        }
    }

    function _claimAs(address who, uint256 seed) private {
        if (pool.earned(id, who) == 0) return;
        bool restakes = seed % 2 == 0 && _stakeOf(who) > MIN;
        if (!restakes) {
            _claim(who);
            return;
        }
        vm.prank(who);
        pool.claimAndRestake(id, 0);
    }

    function _bring(uint256 amount) private {
        brought += amount;
        _reward(amount);
    }

    /// @dev All that the holders need to leave, and no other's call.
    function _leaveAll() private {
        for (uint256 round = 0; round < 2; round++) {
            for (uint256 i = 0; i < people.length; i++) {
                if (_stakeOfPerson(people[i]) > 0) _unstakeAs(people[i], 0);
            }
            skip(SELF_PERIOD);
            for (uint256 i = 0; i < people.length; i++) {
                _withdrawDue(people[i]);
                if (pool.earned(id, people[i]) > 0) _claim(people[i]);
            }
        }
        (, bool idle) = _idle();
        if (idle) pool.payIdleReward(id);
        for (uint256 i = 0; i < people.length; i++) {
            assertEq(_stakeOfPerson(people[i]), 0);
            assertEq(_openOf(people[i]).length, 0);
        }
    }

    /// @dev Settles by trying.
    function _idle() private returns (uint256 amount, bool any) {
        uint256 snapshot = vm.snapshotState();
        try pool.payIdleReward(id) returns (uint256 paid) {
            (amount, any) = (paid, true);
        } catch { }
        vm.revertToState(snapshot);
    }

    function _openOf(address who) private view returns (uint64[] memory) {
        return pool.openRequestsOf(id, who == owner ? SELF : DELEGATED, who == owner ? address(0) : who);
    }

    function _stakeOfPerson(address who) private view returns (uint256) {
        return who == owner ? pool.stakeOf(id, SELF, address(0)) : _stakeOf(who);
    }

    /// @dev What each has at stake, active and unbonding.
    function _worths() private view returns (uint256[4] memory worths) {
        for (uint256 i = 0; i < 4; i++) {
            worths[i] = _stakeOfPerson(people[i]);
            uint64[] memory open = _openOf(people[i]);
            for (uint256 j = 0; j < open.length; j++) {
                worths[i] += pool.requestValueOf(open[j]);
            }
        }
    }

    function _next(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }
}
