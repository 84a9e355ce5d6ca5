// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract Withdraw_StakingPool_Test is StakingPoolFixture {
    uint256 private constant STAKE = 10_000e18;

    function setUp() public override {
        super.setUp();
        _stakeSelf(200_000e18);
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
    }

    function test_RevertGiven_RequestUnknown() external {
        _expectUnknownRequest(0);
        _withdraw(alice, 0);
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        _withdraw(alice, requestId);
        _expectUnknownRequest(requestId);
        _withdraw(alice, requestId);
    }

    function test_RevertWhen_CallerIsNotTheHolder() external {
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        _expectNotHolder(requestId, bob);
        _withdraw(bob, requestId);
        _expectNotHolder(requestId, slasher);
        _withdraw(slasher, requestId);
    }

    function test_PaysTheOwnerOfTheDay() external {
        uint64 requestId = _unstakeSelf(200_000e18);
        vm.prank(owner);
        registry.offerOwnership(id, carol);
        _await(requestId);
        _expectNotHolder(requestId, carol);
        _withdraw(carol, requestId);
        vm.prank(carol);
        registry.acceptOwnership(id);
        _expectNotHolder(requestId, owner);
        _withdraw(owner, requestId);
        assertEq(_withdraw(carol, requestId), 200_000e18);
        assertEq(ankr.balanceOf(carol), 200_000e18);
    }

    function test_RevertWhen_TooEarly() external {
        uint64 requestId = _unstakeAll(alice);
        uint64 date = pool.requestOf(requestId).withdrawableAt;
        vm.warp(date - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolStillUnbonding.selector, requestId, date)
        );
        _withdraw(alice, requestId);
    }

    function test_RevertWhen_TheReceiverIsZero() external {
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        vm.prank(alice);
        pool.withdraw(requestId, address(0));
        assertEq(_withdraw(alice, requestId), STAKE);
    }

    function test_RevertGiven_Locked() external {
        uint64 over = _unstake(alice, 4000e18 + 1);
        uint64 exact = _unstake(alice, 4000e18);
        vm.warp(block.timestamp + DELEGATOR_PERIOD);
        _lock("first", DELEGATED, STAKE);
        _lock("second", DELEGATED, 6000e18);
        _expectLocked(DELEGATED, 16_000e18 - 1, 16_000e18);
        _withdraw(alice, over);
        assertEq(_withdraw(alice, exact), 4000e18);
        assertEq(_totalOf(id, DELEGATED), 16_000e18);
    }

    function test_PaysOnceTheLockHasEnded() external {
        uint64 requestId = _unstakeSelf(200_000e18);
        _await(requestId);
        uint64 until = _lock("dispute", SELF, 1);
        _expectLocked(SELF, 0, 1);
        _withdraw(owner, requestId);
        vm.warp(until);
        vm.prank(stranger);
        pool.release("dispute");
        assertEq(_withdraw(owner, requestId), 200_000e18);
    }

    function test_OtherLocksDoNotMatter() external {
        uint64 second = _newProvider();
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        vm.startPrank(slasher);
        pool.lock("own", id, SELF, 1_000_000e18, uint64(block.timestamp + 1 days));
        pool.lock("other", second, DELEGATED, 1_000_000e18, uint64(block.timestamp + 1 days));
        vm.stopPrank();
        assertEq(_withdraw(alice, requestId), STAKE);
    }

    function test_ClosesAnEmptyRequestWhileLocked() external {
        uint64 requestId = _unstakeAll(alice);
        _slash(0, 2 * STAKE);
        _await(requestId);
        _lock("dispute", DELEGATED, 1);
        assertEq(_withdraw(alice, requestId), 0);
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, 0);
    }

    function test_ClosesARequestOfLessThanAUnitWhileLocked() external {
        uint64 requestId = _unstake(alice, 1);
        _unstakeAll(bob);
        _slash(0, STAKE);
        _await(requestId);
        _lock("dispute", DELEGATED, 2 * STAKE);
        assertEq(pool.requestOf(requestId).generation, pool.bucketOf(id, DELEGATED).unbondingGeneration);
        assertEq(_withdraw(alice, requestId), 0);
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, 0);
        _assertBooks();
    }

    function test_PaysNothingOfAClosedGeneration() external {
        uint64 old = _unstakeAll(alice);
        _slash(0, 2 * STAKE);
        _delegate(bob, STAKE);
        uint64 later = _unstakeAll(bob);
        _await(later);
        vm.expectEmit(address(pool));
        emit IStakingPool.Withdrawn(id, DELEGATED, alice, old, 0);
        assertEq(_withdraw(alice, old), 0);
        assertEq(pool.requestValueOf(later), STAKE);
        assertEq(_withdraw(bob, later), STAKE);
        _assertBooks();
    }

    function test_PaysInTheSecondOfTheDate() external {
        uint64 requestId = _unstake(alice, 4000e18);
        _await(requestId);
        uint256 held = pool.held(ankr);
        vm.expectEmit(address(pool));
        emit IStakingPool.Withdrawn(id, DELEGATED, alice, requestId, 4000e18);
        assertEq(_withdraw(alice, requestId), 4000e18);
        assertEq(ankr.balanceOf(alice), 4000e18);
        assertEq(pool.held(ankr), held - 4000e18);
        assertEq(pool.delegatedTotal(), 16_000e18);
        assertEq(pool.bucketOf(id, DELEGATED).unbonding, 0);
        assertEq(pool.bucketOf(id, DELEGATED).unbondingShares, 0);
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, 0);
        assertEq(pool.requestOf(requestId).withdrawableAt, 0);
        _assertBooks();
    }

    function test_PaysToWhomTheHolderSays() external {
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        vm.prank(alice);
        pool.withdraw(requestId, stranger);
        assertEq(ankr.balanceOf(stranger), STAKE);
        assertEq(ankr.balanceOf(alice), 0);
    }

    function test_PaysWhileJailed() external {
        uint64 requestId = _unstakeAll(alice);
        uint64 own = _unstakeSelf(200_000e18);
        _await(own);
        _jail();
        vm.mockCallRevert(address(params), bytes(""), "silent");
        vm.mockCallRevert(address(distributor), bytes(""), "silent");
        assertEq(_withdraw(alice, requestId), STAKE);
        assertEq(_withdraw(owner, own), 200_000e18);
    }

    function test_PaysWhatASlashHasLeft() external {
        uint64 requestId = _unstakeAll(alice);
        _slash(0, STAKE);
        _await(requestId);
        _slash(0, STAKE / 2);
        assertEq(_withdraw(alice, requestId), STAKE / 4);
        assertEq(_stakeOf(bob), STAKE / 4);
    }

    function test_PaysEachOnceInAnyOrder() external {
        uint64 first = _unstake(alice, 1000e18);
        uint64 second = _unstake(alice, 2000e18);
        uint64 third = _unstake(alice, 3000e18);
        _await(third);
        assertEq(_withdraw(alice, second), 2000e18);
        assertEq(_withdraw(alice, third), 3000e18);
        assertEq(_withdraw(alice, first), 1000e18);
        assertEq(ankr.balanceOf(alice), 6000e18);
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, 0);
    }

    function testFuzz_TheLastTakesAll(uint256[3] memory parts, uint256 loss) external {
        _delegate(carol, STAKE);
        uint64[3] memory ids;
        ids[0] = _unstake(alice, bound(parts[0], 1e18, STAKE - MIN));
        ids[1] = _unstake(bob, bound(parts[1], 1e18, STAKE - MIN));
        _slash(0, bound(loss, 0, 2 * STAKE));
        ids[2] = _unstakeAll(carol);
        uint256 unbonding = pool.bucketOf(id, DELEGATED).unbonding;
        _await(ids[2]);
        uint256 first = pool.requestValueOf(ids[0]);
        assertEq(_withdraw(alice, ids[0]), first);
        uint256 second = _withdraw(bob, ids[1]);
        uint256 third = _withdraw(carol, ids[2]);
        assertEq(first + second + third, unbonding);
        assertEq(pool.bucketOf(id, DELEGATED).unbonding, 0);
        assertEq(pool.bucketOf(id, DELEGATED).unbondingShares, 0);
        _assertBooks();
    }

    function _expectLocked(StakeKind kind, uint256 remaining, uint256 locked) private {
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLocked.selector, id, kind, remaining, locked)
        );
    }
}
