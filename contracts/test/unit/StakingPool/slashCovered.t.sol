// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { IIndemnifier, IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { OddIndemnifier } from "./OddIndemnifier.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

/// @notice The part of `StakingPool.slash.tree` that has an indemnifier.
contract SlashCovered_StakingPool_Test is StakingPoolFixture {
    uint256 private constant OWN = 200_000e18;
    uint256 private constant STAKE = 10_000e18;
    uint256 private constant RICH = 1_000_000e18;

    OddIndemnifier private indemnifier;

    function setUp() public override {
        super.setUp();
        _stakeSelf(OWN);
        _delegate(alice, STAKE);
        indemnifier = new OddIndemnifier(ankr);
        _fundAnkr(address(indemnifier), RICH);
        _setIndemnifier(indemnifier);
    }

    function test_TakesWhatIsNotCovered() external {
        uint64 requestId = _unstake(alice, STAKE / 2);
        indemnifier.pay(600e18);
        vm.expectEmit(address(pool));
        emit IStakingPool.Slashed(id, 0, 1000e18, 600e18);
        vm.prank(slasher);
        (uint256 self, uint256 delegated, uint256 covered) = pool.slash(id, 0, 1000e18);
        assertEq(self, 0);
        assertEq(delegated, 1000e18);
        assertEq(covered, 600e18);
        assertEq(ankr.balanceOf(slasher), 1000e18);
        assertEq(_stakeOf(alice), STAKE / 2 - 200e18);
        assertEq(pool.requestValueOf(requestId), STAKE / 2 - 200e18);
        assertEq(pool.delegatedTotal(), STAKE - 400e18);
        assertEq(pool.surplusOf(ankr), 0);
        _assertBooks();
    }

    function test_LeavesDelegatorsWhole() external {
        indemnifier.pay(STAKE);
        _slash(0, STAKE);
        assertEq(_stakeOf(alice), STAKE);
        assertEq(pool.bucketOf(id, DELEGATED).generation, 0);
        assertEq(ankr.balanceOf(slasher), STAKE);
        _assertBooks();
    }

    function test_DoesNotAskForSelfStake() external {
        indemnifier.pay(1e18);
        vm.expectCall(address(indemnifier), abi.encodeWithSelector(IIndemnifier.cover.selector), 0);
        _slash(OWN / 2, 0);
        assertEq(pool.activeOf(id, SELF), OWN / 2);
        _slash(0, 0);
        assertEq(ankr.balanceOf(address(indemnifier)), RICH);
    }

    function test_AsksForNoMoreThanThereIs() external {
        _slash(1, type(uint256).max);
        assertEq(indemnifier.askedProvider(), id);
        assertEq(indemnifier.askedLoss(), STAKE);
    }

    function test_TakesNoMoreThanTheLoss() external {
        indemnifier.pay(1000e18 + 7);
        vm.prank(slasher);
        (,, uint256 covered) = pool.slash(id, 0, 1000e18);
        assertEq(covered, 1000e18);
        assertEq(ankr.balanceOf(slasher), 1000e18);
        assertEq(_stakeOf(alice), STAKE);
        assertEq(pool.surplusOf(ankr), 7);
    }

    function test_BelievesTheBalance() external {
        indemnifier.answerWith(OddIndemnifier.Answer.Lie);
        _assertSlashedInFull();
    }

    function test_DoesNotCountWhatCameBefore() external {
        _fundAnkr(address(pool), 1000e18);
        _assertSlashedInFull();
        assertEq(pool.surplusOf(ankr), 1000e18);
    }

    function test_SlashesInFullWhenItFails() external {
        indemnifier.pay(500e18);
        uint256 snapshot = vm.snapshotState();
        OddIndemnifier.Answer[4] memory answers = [
            OddIndemnifier.Answer.Revert,
            OddIndemnifier.Answer.PayAndRevert,
            OddIndemnifier.Answer.Bomb,
            OddIndemnifier.Answer.Burn
        ];
        for (uint256 i = 0; i < answers.length; i++) {
            vm.revertToState(snapshot);
            indemnifier.answerWith(answers[i]);
            _assertSlashedInFull();
            assertEq(ankr.balanceOf(address(indemnifier)), RICH);
        }
        vm.revertToState(snapshot);
        indemnifier.pay(RICH + 1);
        _assertSlashedInFull();
    }

    function test_SlashesInFullWhenItIsNoContract() external {
        _setIndemnifier(IIndemnifier(makeAddr("nobody")));
        _assertSlashedInFull();
        _setIndemnifier(IIndemnifier(address(0)));
        _slash(0, 1000e18);
        assertEq(_stakeOf(alice), STAKE - 2000e18);
    }

    function test_LetsItCallNothing() external {
        _govern(
            address(manager),
            abi.encodeCall(AccessManager.grantRole, (Roles.REWARDER, address(indemnifier), 0))
        );
        _reward(EPOCH * 1e18);
        skip(1 days);
        bytes[7] memory calls = [
            abi.encodeCall(IStakingPool.stake, (id, DELEGATED, MIN, 0)),
            abi.encodeCall(IStakingPool.unstake, (id, DELEGATED, 1, 0)),
            abi.encodeCall(IStakingPool.withdraw, (1, address(this))),
            abi.encodeCall(IStakingPool.claim, (id, address(this))),
            abi.encodeCall(IStakingPool.payIdleReward, (id)),
            abi.encodeCall(IStakingPool.sweepSurplus, (ankr)),
            // What it has just paid would be a reward and a cover at once.
            abi.encodeCall(IStakingPool.addReward, (id, 500e18))
        ];
        indemnifier.pay(500e18);
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < calls.length; i++) {
            vm.revertToState(snapshot);
            indemnifier.reenterWith(calls[i]);
            _slash(0, 1000e18);
            assertEq(
                indemnifier.refusal(),
                abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
            );
            assertEq(_stakeOf(alice), STAKE - 500e18);
            _assertBooks();
        }
    }

    function testFuzz_SharesTheLoss(uint256 loss, uint256 pays, uint256 leaving) external {
        uint64 requestId = _unstake(alice, bound(leaving, 10e18, STAKE - MIN));
        pays = bound(pays, 0, RICH);
        loss = bound(loss, 0, 2 * STAKE);
        indemnifier.pay(pays);
        uint256 before = ankr.balanceOf(treasury);
        vm.prank(slasher);
        (, uint256 taken, uint256 covered) = pool.slash(id, 0, loss);
        assertEq(taken, Math.min(loss, STAKE));
        assertEq(covered, Math.min(pays, taken));
        assertEq(ankr.balanceOf(slasher), taken);
        uint256 swept = ankr.balanceOf(treasury) - before;
        assertEq(_totalOf(id, DELEGATED) + swept, STAKE - (taken - covered));
        assertLe(_stakeOf(alice) + pool.requestValueOf(requestId), STAKE - (taken - covered));
        assertEq(pool.surplusOf(ankr), taken > 0 ? pays - covered : 0);
        _assertBooks();
    }

    /// @dev With the gas of one block, and nothing covered.
    function _assertSlashedInFull() private {
        vm.prank(slasher);
        (, uint256 taken, uint256 covered) = pool.slash{ gas: 30_000_000 }(id, 0, 1000e18);
        assertEq(taken, 1000e18);
        assertEq(covered, 0);
        assertEq(_stakeOf(alice), STAKE - 1000e18);
        assertEq(ankr.balanceOf(slasher), 1000e18);
        _assertBooks();
    }
}
