// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { System } from "../../System.sol";

contract Slashing_StakingPool_Test is System {
    address private owner = makeAddr("owner");
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    uint64 private id;

    function setUp() external {
        vm.warp(1_800_000_000);
        _deploySystem();
        vm.prank(owner);
        id = registry.registerProvider(owner, 100_000, "ipfs://p");
        _stakeAs(owner, StakeKind.Self, 200_000e18);
        _stakeAs(alice, StakeKind.Delegated, 10_000e18);
        _stakeAs(bob, StakeKind.Delegated, 10_000e18);
    }

    /// @dev Trust H-4, OZ M-06: who is leaving loses what who stays loses.
    function testFuzz_Regression_UnbondingIsSlashedLikeActive(uint256 amount) external {
        amount = bound(amount, 1, 19_000e18);
        uint64 requestId = _unstakeAll(bob);
        vm.prank(slasher);
        pool.slash(id, 0, amount);
        uint256 staying = pool.stakeOf(id, StakeKind.Delegated, alice);
        uint256 leaving = pool.requestValueOf(requestId);
        assertApproxEqAbs(staying, leaving, 1);
        assertEq(staying + leaving, 20_000e18 - amount);
    }

    /// @dev OZ M-05, OZ-2025 M-02: a slash of more than there is takes what there is.
    function test_Regression_OZ_M05_SlashNeverRevertsOnSize() external {
        vm.prank(slasher);
        (uint256 self, uint256 delegated,) = pool.slash(id, type(uint256).max, type(uint256).max);
        assertEq(self, 200_000e18);
        assertEq(delegated, 20_000e18);
        assertEq(ankr.balanceOf(slasher), 220_000e18);
        assertEq(pool.held(ankr), 0);
    }

    /// @dev Trust M-2, OZ-2025 L-03: after next to nothing is left, the next to come begin at a price of one.
    function test_Regression_Trust_M2_AGenerationThatIsAllButGoneIsClosed() external {
        vm.prank(slasher);
        pool.slash(id, 0, 20_000e18 - 0.5e18);
        assertEq(pool.sharesOf(id, StakeKind.Delegated, alice), 0);
        assertEq(ankr.balanceOf(address(timelock)), 0.5e18);
        _stakeAs(bob, StakeKind.Delegated, 3000e18);
        assertEq(pool.sharesOf(id, StakeKind.Delegated, bob), 3000e18);
        assertEq(pool.stakeOf(id, StakeKind.Delegated, alice), 0);
    }

    function test_AGenerationIsKeptWithOneTokenLeft() external {
        vm.prank(slasher);
        pool.slash(id, 0, 20_000e18 - 1e18);
        assertEq(pool.bucketOf(id, StakeKind.Delegated).generation, 0);
        assertEq(pool.stakeOf(id, StakeKind.Delegated, alice), 0.5e18);
    }

    /// @dev OZ M-06: requests of a bucket that was wiped out take nothing from those who come later.
    function test_Regression_OZ_M06_StaleRequestsPayNothing() external {
        uint64 requestId = _unstakeAll(bob);
        vm.prank(slasher);
        pool.slash(id, 0, 20_000e18);
        _stakeAs(alice, StakeKind.Delegated, 5000e18);
        vm.prank(alice);
        pool.unstake(id, StakeKind.Delegated, 5000e18, 0);
        vm.warp(block.timestamp + 22 days);
        vm.prank(bob);
        assertEq(pool.withdraw(requestId, bob), 0);
        assertEq(pool.bucketOf(id, StakeKind.Delegated).unbonding, 5000e18);
    }

    /// @dev OZ-2025 L-17, Ankr v2: a new request does not move the date of an older one.
    function test_Regression_OZ2025_L17_EachRequestHasItsOwnDate() external {
        vm.startPrank(alice);
        uint64 first = pool.unstake(id, StakeKind.Delegated, 1000e18, 0);
        uint64 date = pool.requestOf(first).withdrawableAt;
        vm.warp(block.timestamp + 10 days);
        pool.unstake(id, StakeKind.Delegated, 1000e18, 0);
        assertEq(pool.requestOf(first).withdrawableAt, date);
        vm.warp(date - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolStillUnbonding.selector, first, date));
        pool.withdraw(first, alice);
        vm.warp(date);
        assertEq(pool.withdraw(first, alice), 1000e18);
        vm.stopPrank();
    }

    function test_ALockKeepsStakeAndEndsByItself() external {
        uint64 until = uint64(block.timestamp + 12 days);
        vm.prank(slasher);
        pool.lock("dispute", id, StakeKind.Self, 1e18, until);
        vm.prank(owner);
        uint64 requestId = pool.unstake(id, StakeKind.Self, 200_000e18, 0);
        vm.warp(block.timestamp + 28 days);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLocked.selector, id, StakeKind.Self, 0, 1e18)
        );
        vm.prank(owner);
        pool.withdraw(requestId, owner);
        pool.release("dispute");
        vm.prank(owner);
        assertEq(pool.withdraw(requestId, owner), 200_000e18);
    }

    function _stakeAs(address who, StakeKind kind, uint256 amount) private {
        _fundAnkr(who, amount);
        vm.startPrank(who);
        ankr.approve(address(pool), amount);
        pool.stake(id, kind, amount, 0);
        vm.stopPrank();
    }

    function _unstakeAll(address who) private returns (uint64) {
        uint256 shares = pool.sharesOf(id, StakeKind.Delegated, who);
        vm.prank(who);
        return pool.unstake(id, StakeKind.Delegated, shares, 0);
    }
}
