// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Lock_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;

    function setUp() public override {
        super.setUp();
        _stakeSelf(200_000e18);
        _delegate(alice, STAKE);
    }

    function test_RevertWhen_CallerIsNotTheSlasher() external {
        address[4] memory callers = [stranger, address(distributor), address(timelock), owner];
        for (uint256 i = 0; i < callers.length; i++) {
            _expectUnauthorized(callers[i]);
            vm.prank(callers[i]);
            pool.lock("dispute", id, SELF, 1, uint64(block.timestamp + 1));
        }
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        vm.prank(slasher);
        pool.lock("dispute", 2, SELF, 1, uint64(block.timestamp + 1));
    }

    function test_RevertGiven_IdentifierWasUsed() external {
        _lock("dispute", SELF, 1);
        _expectLockExists("dispute");
        _lock("dispute", DELEGATED, 2);
        vm.prank(slasher);
        pool.release("dispute");
        _expectLockExists("dispute");
        _lock("dispute", SELF, 1);
        _lock("another", SELF, 1);
    }

    function test_RevertWhen_TheDateIsTooFar() external {
        uint64 latest = uint64(block.timestamp + LOCK_MAX);
        vm.startPrank(slasher);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLockTooLong.selector, latest + 1, latest)
        );
        pool.lock("dispute", id, SELF, 1, latest + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLockTooLong.selector, type(uint64).max, latest)
        );
        pool.lock("dispute", id, SELF, 1, type(uint64).max);
        pool.lock("dispute", id, SELF, 1, latest);
    }

    function test_RevertWhen_TheAmountIsOutOfBounds() external {
        uint256 amount = uint256(type(uint128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, amount));
        _lock("dispute", SELF, amount);
    }

    function test_NotesWhatMayNotLeave() external {
        vm.expectEmit(address(pool));
        emit IStakingPool.Locked("dispute", id, SELF, 7e18, uint64(block.timestamp + LOCK_MAX));
        _lock("dispute", SELF, 7e18);
        assertEq(pool.bucketOf(id, SELF).locked, 7e18);
        assertEq(pool.bucketOf(id, DELEGATED).locked, 0);
        assertEq(pool.activeOf(id, SELF), 200_000e18);
        _assertBooks();
    }

    function test_AddsUp() external {
        _lock("first", DELEGATED, 3e18);
        _lock("second", DELEGATED, 4e18);
        _lock("third", SELF, 5e18);
        assertEq(pool.bucketOf(id, DELEGATED).locked, 7e18);
        assertEq(pool.bucketOf(id, SELF).locked, 5e18);
    }

    function test_LocksMoreThanThereIs() external {
        uint64 requestId = _unstake(alice, 1e18);
        _lock("dispute", DELEGATED, STAKE + 1);
        _await(requestId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakingPool.StakingPoolLocked.selector, id, DELEGATED, STAKE - 1e18, STAKE + 1
            )
        );
        _withdraw(alice, requestId);
        // By then the lock is over.
        pool.release("dispute");
        assertEq(_withdraw(alice, requestId), 1e18);
    }

    function test_KeepsRequestsThatAreDue() external {
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        skip(1 days);
        uint64 until = _lock("dispute", DELEGATED, 1);
        vm.warp(until - 1);
        vm.expectPartialRevert(IStakingPool.StakingPoolLocked.selector);
        _withdraw(alice, requestId);
        _slash(0, STAKE / 2);
        vm.prank(slasher);
        pool.release("dispute");
        assertEq(_withdraw(alice, requestId), STAKE / 2);
    }

    function test_LeavesEverythingElse() external {
        _reward(EPOCH * 1e18);
        _lock("dispute", DELEGATED, type(uint96).max);
        _delegate(bob, MIN);
        uint64 requestId = _unstakeAll(alice);
        _cancel(alice, requestId);
        skip(1 hours);
        assertGt(_claim(alice), 0);
        _slash(0, 1e18);
        assertEq(_totalOf(id, DELEGATED), STAKE + MIN - 1e18);
    }

    function testFuzz_LeavesTheRestFree(uint256 locked, uint256 leaving, uint256 loss) external {
        loss = bound(loss, 0, STAKE / 2);
        uint64 requestId = _unstake(alice, bound(leaving, 10e18, STAKE - MIN));
        _slash(0, loss);
        _await(requestId);
        locked = bound(locked, 0, STAKE);
        vm.prank(slasher);
        pool.lock("dispute", id, DELEGATED, locked, uint64(block.timestamp + 1 days));
        uint256 value = pool.requestValueOf(requestId);
        uint256 remaining = STAKE - loss - value;
        if (remaining < locked) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IStakingPool.StakingPoolLocked.selector, id, DELEGATED, remaining, locked
                )
            );
            _withdraw(alice, requestId);
        } else {
            assertEq(_withdraw(alice, requestId), value);
        }
    }

    function _expectLockExists(bytes32 lockId) private {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolLockExists.selector, lockId));
    }
}
