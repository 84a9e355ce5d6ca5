// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ParamStore } from "../../../src/governance/ParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

contract Constructor_ParamStore_Test is ParamStoreFixture {
    function test_RevertWhen_AnInitialValueIsOutOfBounds() external {
        _expectOutOfBounds(Param.EpochSeconds, 1 hours - 1);
        new ParamStore(address(manager), _one(Param.EpochSeconds, 1 hours - 1));
        _expectOutOfBounds(Param.NodesPerProviderMax, 129);
        new ParamStore(address(manager), _one(Param.NodesPerProviderMax, 129));
    }

    function test_RevertWhen_InitialValuesNameAParameterTwice() external {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreDuplicate.selector, Param.EpochSeconds));
        new ParamStore(address(manager), _two(Param.EpochSeconds, 1 days, Param.EpochSeconds, 1 days));
    }

    function test_RevertWhen_InitialValuesBreakARule() external {
        _expectBroken("unbonding covers disputes", 22 days, 28 days);
        new ParamStore(address(manager), _one(Param.EpochSeconds, 14 days));
    }

    function test_BeginsWithTheDefaults() external view {
        assertEq(params.get(Param.EpochSeconds), 7 days);
        assertEq(params.get(Param.SignerExitSeconds), 28 days);
        (IParamStore.Change[] memory changes, uint64 effectiveEpoch) = params.waiting();
        assertEq(changes.length, 0);
        assertEq(effectiveEpoch, 0);
        assertEq(params.authority(), address(manager));
    }

    function test_EmitsNothingForTheDefaults() external {
        vm.recordLogs();
        new ParamStore(address(manager), new IParamStore.Change[](0));
        // Only the access manager's address is told, by the part that keeps it.
        assertEq(vm.getRecordedLogs().length, 1);
    }

    function test_InitialValuesAreInForceAtOnce() external {
        params = _deploy(_two(Param.EpochSeconds, 1 hours, Param.DelegationMin, 7e18));
        assertEq(params.get(Param.EpochSeconds), 1 hours);
        assertEq(params.get(Param.DelegationMin), 7e18);
        assertEq(params.get(Param.SelfStakePerNode), 100_000e18);
        (uint256 next, uint64 nextEpoch) = _nextOf(Param.DelegationMin);
        assertEq(next, 7e18);
        assertEq(nextEpoch, 0);
        assertEq(params.epochStart(1), START + 1 hours);
    }

    function test_EmitsInitialValuesWithEpochZero() external {
        IParamStore.Change[] memory changes = _one(Param.EpochSeconds, 1 days);
        vm.expectEmit();
        emit IParamStore.ChangesAnnounced(0, changes);
        new ParamStore(address(manager), changes);
    }

    function test_EpochZeroBeginsNow() external {
        vm.warp(START + 12_345);
        params = _deploy(new IParamStore.Change[](0));
        assertEq(params.epochStart(0), START + 12_345);
        assertEq(params.currentEpoch(), 0);
    }
}
