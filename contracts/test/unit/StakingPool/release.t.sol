// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Release_StakingPool_Test is StakingPoolFixture {
    function test_RevertGiven_LockUnknown() external {
        _expectUnknownLock("dispute");
        pool.release("dispute");
        _expectUnknownLock("dispute");
        vm.prank(slasher);
        pool.release("dispute");
    }

    function test_RevertGiven_LockWasReleased() external {
        uint64 until = _lock("dispute", SELF, 1);
        _lock("another", SELF, 1);
        vm.startPrank(slasher);
        pool.release("dispute");
        _expectUnknownLock("dispute");
        pool.release("dispute");
        vm.stopPrank();
        vm.warp(until);
        _expectUnknownLock("dispute");
        pool.release("dispute");
        assertEq(pool.bucketOf(id, SELF).locked, 1);
    }

    function test_RevertWhen_TheLockIsHeld() external {
        uint64 until = _lock("dispute", SELF, 1);
        vm.warp(until - 1);
        address[3] memory callers = [stranger, owner, address(timelock)];
        for (uint256 i = 0; i < callers.length; i++) {
            vm.expectRevert(
                abi.encodeWithSelector(IStakingPool.StakingPoolLockHeld.selector, bytes32("dispute"), until)
            );
            vm.prank(callers[i]);
            pool.release("dispute");
        }
    }

    function test_TheLockerReleasesAtAnyTime() external {
        _lock("dispute", DELEGATED, 5e18);
        vm.expectEmit(address(pool));
        emit IStakingPool.Released("dispute");
        vm.prank(slasher);
        pool.release("dispute");
        assertEq(pool.bucketOf(id, DELEGATED).locked, 0);
    }

    function test_AFormerSlasherReleases() external {
        _lock("dispute", DELEGATED, 5e18);
        _govern(address(manager), abi.encodeCall(IAccessManager.revokeRole, (Roles.SLASHER, slasher)));
        _expectUnauthorized(slasher);
        _lock("another", DELEGATED, 5e18);
        vm.prank(slasher);
        pool.release("dispute");
        assertEq(pool.bucketOf(id, DELEGATED).locked, 0);
    }

    function test_AnyoneReleasesFromTheDateOn() external {
        vm.warp(_lock("dispute", SELF, 5e18));
        vm.prank(stranger);
        pool.release("dispute");
        assertEq(pool.bucketOf(id, SELF).locked, 0);
    }

    function testFuzz_ReleasesItsOwnAmount(uint256[4] memory amounts, uint256 order) external {
        bytes32[4] memory locks = [bytes32("a"), "b", "c", "d"];
        uint256 left;
        for (uint256 i = 0; i < 4; i++) {
            amounts[i] = bound(amounts[i], 1, 1_000_000e18);
            _lock(locks[i], SELF, amounts[i]);
            left += amounts[i];
        }
        vm.startPrank(slasher);
        for (uint256 i = 0; i < 4; i++) {
            uint256 next = (order % 4 + i) % 4;
            pool.release(locks[next]);
            left -= amounts[next];
            assertEq(pool.bucketOf(id, SELF).locked, left);
        }
    }

    function _expectUnknownLock(bytes32 lockId) private {
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolUnknownLock.selector, lockId));
    }
}
