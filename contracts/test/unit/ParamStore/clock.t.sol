// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamTable } from "../../../src/governance/ParamTable.sol";
import { System } from "../../System.sol";

contract Clock_ParamStore_Test is System {
    uint256 private constant START = 1_800_000_000;

    function setUp() external {
        vm.warp(START);
        _deploySystem();
    }

    function test_EpochsBeginAtTheDeploymentAndLastTheirLength() external view {
        assertEq(params.epochAt(START), 0);
        assertEq(params.epochAt(START + 7 days - 1), 0);
        assertEq(params.epochAt(START + 7 days), 1);
        assertEq(params.epochStart(3), START + 21 days);
    }

    function test_RevertWhen_TheTimeIsBeforeTheStart() external {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreBeforeStart.selector, START - 1, START));
        params.epochAt(START - 1);
    }

    function test_ALengthThatChangesLeavesPastEpochsAsTheyWere() external {
        _announce(Param.EpochSeconds, 1 days, 2);
        uint256 second = START + 14 days;
        assertEq(params.get(Param.EpochSeconds), 7 days);
        vm.warp(second - 1);
        assertEq(params.currentEpoch(), 1);
        assertEq(params.get(Param.EpochSeconds), 7 days);
        vm.warp(second);
        assertEq(params.currentEpoch(), 2);
        assertEq(params.get(Param.EpochSeconds), 1 days);
        vm.warp(second + 3 days);
        assertEq(params.currentEpoch(), 5);
        assertEq(params.epochStart(1), START + 7 days);
        assertEq(params.epochStart(4), second + 2 days);
        // Written down by the next announcement, and the same afterwards.
        _announce(Param.DelegationMin, 5e18, 6);
        assertEq(params.currentEpoch(), 5);
        assertEq(params.epochStart(1), START + 7 days);
        assertEq(params.epochStart(4), second + 2 days);
        assertEq(params.epochAt(START + 13 days), 1);
    }

    function test_RevertWhen_TheEpochHasBegun() external {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreEpochTooSoon.selector, 0, 1));
        _announce(Param.DelegationMin, 5e18, 0);
    }

    function test_RevertGiven_AnotherSetWaits() external {
        _announce(Param.DelegationMin, 5e18, 1);
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreChangesWaiting.selector, 1));
        _announce(Param.DelegationRatioMax, 5, 2);
    }

    function test_ACancelledChangeNeverTakesEffect() external {
        _announce(Param.DelegationMin, 5e18, 1);
        vm.prank(address(timelock));
        params.cancel();
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 1000e18);
        vm.expectRevert(IParamStore.ParamStoreNothingWaiting.selector);
        vm.prank(address(timelock));
        params.cancel();
    }

    function test_RevertWhen_TheCallerIsNotTheTimelock() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(Param.DelegationMin, 5e18);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this))
        );
        params.announce(changes, 1);
    }

    function test_EveryParameterKeepsItsBounds() external {
        for (uint256 i = 0; i < ParamTable.COUNT; i++) {
            (, uint256 next,, uint256 min, uint256 max) = params.describe(Param(i));
            assertGe(next, min);
            assertLe(next, max);
            bytes4 outOfBounds = IParamStore.ParamStoreOutOfBounds.selector;
            if (max < type(uint112).max) {
                vm.expectRevert(abi.encodeWithSelector(outOfBounds, Param(i), max + 1, min, max));
                _announce(Param(i), max + 1, 1);
            }
            if (min > 0) {
                vm.expectRevert(abi.encodeWithSelector(outOfBounds, Param(i), min - 1, min, max));
                _announce(Param(i), min - 1, 1);
            }
        }
    }

    function test_RevertWhen_UnbondingWouldNotCoverADispute() external {
        // 7 + 2 + 7 + 5 days are 21; one second less is refused, 21 days themselves are not.
        vm.expectRevert(
            abi.encodeWithSelector(
                IParamStore.ParamStoreRuleBroken.selector,
                bytes32("unbonding covers disputes"),
                21 days - 1,
                21 days
            )
        );
        _announce(Param.UnbondingDelegatorSeconds, 21 days - 1, 1);
        _announce(Param.UnbondingDelegatorSeconds, 21 days, 1);
    }

    function test_RevertWhen_TheSplitDoesNotSumToOne() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IParamStore.ParamStoreRuleBroken.selector,
                bytes32("fee split sums to one"),
                1_000_001,
                1_000_000
            )
        );
        _announce(Param.FeeBurnPpm, 50_001, 1);
    }

    function test_RevertWhen_AWithdrawalWouldNotWaitForCharges() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IParamStore.ParamStoreRuleBroken.selector,
                bytes32("withdrawal waits for charges"),
                36 hours - 1,
                36 hours
            )
        );
        _announce(Param.WithdrawDelaySeconds, 36 hours - 1, 1);
        _announce(Param.WithdrawDelaySeconds, 36 hours, 1);
    }

    function _announce(Param param, uint256 value, uint64 epoch) private {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(param, value);
        vm.prank(address(timelock));
        params.announce(changes, epoch);
    }
}
