// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

contract Cancel_ParamStore_Test is ParamStoreFixture {
    function test_RevertWhen_CallerMayNotCancel() external {
        _announce(_one(Param.DelegationMin, 2e18), 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        params.cancel();
    }

    function test_RevertGiven_NothingWasAnnounced() external {
        vm.expectRevert(IParamStore.ParamStoreNothingWaiting.selector);
        _cancel();
    }

    function test_RevertGiven_TheSetHasTakenEffect() external {
        _change(_one(Param.DelegationMin, 2e18));
        vm.expectRevert(IParamStore.ParamStoreNothingWaiting.selector);
        _cancel();
        assertEq(params.get(Param.DelegationMin), 2e18);
    }

    function test_ValuesStayForEver() external {
        _announce(_two(Param.DelegationMin, 2e18, Param.SignerBond, 0), 1);
        _cancel();
        assertEq(params.get(Param.DelegationMin), 1_000e18);
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 1_000e18);
        assertEq(params.get(Param.SignerBond), 10_000e18);
    }

    function test_CancelsUpToTheLastSecond() external {
        _announce(_one(Param.DelegationMin, 2e18), 1);
        vm.warp(START + 7 days - 1);
        _cancel();
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 1_000e18);
    }

    function test_ShowsNothingAsWaiting() external {
        _announce(_one(Param.DelegationMin, 2e18), 1);
        _cancel();
        (uint256 next, uint64 nextEpoch) = _nextOf(Param.DelegationMin);
        assertEq(next, 1_000e18);
        assertEq(nextEpoch, 0);
        (IParamStore.Change[] memory changes, uint64 effectiveEpoch) = params.waiting();
        assertEq(changes.length, 0);
        assertEq(effectiveEpoch, 0);
        vm.expectRevert(IParamStore.ParamStoreNothingWaiting.selector);
        _cancel();
    }

    function test_AnotherSetMayBeAnnounced() external {
        _announce(_two(Param.DelegationMin, 2e18, Param.SignerBond, 0), 1);
        _cancel();
        _announce(_one(Param.DelegationMin, 3e18), 1);
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 3e18);
        assertEq(params.get(Param.SignerBond), 10_000e18);
        // The fold of the second set finds nothing of the first.
        _announce(_one(Param.DelegationRatioMax, 20), 2);
        assertEq(params.get(Param.DelegationMin), 3e18);
        assertEq(params.get(Param.SignerBond), 10_000e18);
    }

    function test_TakesALengthOfEpochsBack() external {
        _announce(_one(Param.EpochSeconds, 1 days), 2);
        assertEq(params.epochStart(3), START + 15 days);
        _cancel();
        assertEq(params.epochStart(3), START + 21 days);
        vm.warp(START + 15 days);
        assertEq(params.currentEpoch(), 2);
        assertEq(params.get(Param.EpochSeconds), 7 days);
    }

    function test_EmitsTheEpoch() external {
        _announce(_one(Param.DelegationMin, 2e18), 6);
        vm.expectEmit();
        emit IParamStore.ChangesCancelled(6);
        _cancel();
    }
}
