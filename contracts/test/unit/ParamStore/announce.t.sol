// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

contract Announce_ParamStore_Test is ParamStoreFixture {
    function test_RevertWhen_CallerMayNotAnnounce() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        params.announce(_one(Param.DelegationMin, 2e18), 1);
    }

    function test_RevertWhen_ThereIsNothingToChange() external {
        vm.expectRevert(IParamStore.ParamStoreNothingToChange.selector);
        _announce(new IParamStore.Change[](0), 1);
    }

    function test_RevertWhen_TheEpochHasBegun() external {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreEpochTooSoon.selector, 0, 1));
        _announce(_one(Param.DelegationMin, 2e18), 0);
        vm.warp(START + 3 * 7 days - 1);
        _announce(_one(Param.DelegationMin, 2e18), 3);
        _cancel();
        vm.warp(START + 3 * 7 days);
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreEpochTooSoon.selector, 3, 4));
        _announce(_one(Param.DelegationMin, 2e18), 3);
        _announce(_one(Param.DelegationMin, 2e18), 4);
    }

    function test_RevertWhen_TheEpochIsBeyondASlot() external {
        uint64 last = type(uint32).max;
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 32, uint256(last) + 1)
        );
        _announce(_one(Param.DelegationMin, 2e18), last + 1);
        _announce(_one(Param.DelegationMin, 2e18), last);
        (, uint64 nextEpoch) = _nextOf(Param.DelegationMin);
        assertEq(nextEpoch, last);
    }

    function test_RevertWhen_AParameterIsNamedTwice() external {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreDuplicate.selector, Param.DelegationMin));
        _announce(_two(Param.DelegationMin, 2e18, Param.DelegationMin, 2e18), 1);
    }

    function test_RevertGiven_AnotherSetWaits() external {
        _announce(_one(Param.DelegationMin, 2e18), 2);
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreChangesWaiting.selector, 2));
        _announce(_one(Param.DelegationRatioMax, 20), 1);
        vm.warp(START + 2 * 7 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreChangesWaiting.selector, 2));
        _announce(_one(Param.DelegationRatioMax, 20), 3);
        vm.warp(START + 2 * 7 days);
        _announce(_one(Param.DelegationRatioMax, 20), 3);
    }

    function test_ARefusedSetLeavesNothingBehind() external {
        _expectBroken("lots have a range", 299e18, 300e18);
        _announce(_two(Param.DelegationMin, 2e18, Param.AuctionLotMax, 299e18), 1);
        (IParamStore.Change[] memory changes, uint64 effectiveEpoch) = params.waiting();
        assertEq(changes.length, 0);
        assertEq(effectiveEpoch, 0);
        _announce(_one(Param.DelegationMin, 3e18), 1);
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 3e18);
        assertEq(params.get(Param.AuctionLotMax), 1_000_000e18);
    }

    function test_ValuesStayUntilTheEpochBegins() external {
        _announce(_one(Param.DelegationMin, 2e18), 1);
        assertEq(params.get(Param.DelegationMin), 1_000e18);
        vm.warp(START + 7 days - 1);
        assertEq(params.get(Param.DelegationMin), 1_000e18);
        (uint256 value, uint256 next, uint64 nextEpoch,,) = params.describe(Param.DelegationMin);
        assertEq(value, 1_000e18);
        assertEq(next, 2e18);
        assertEq(nextEpoch, 1);
    }

    function test_ValuesAreInForceFromTheFirstSecond() external {
        _announce(_one(Param.DelegationMin, 2e18), 1);
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 2e18);
        (uint256 value, uint256 next, uint64 nextEpoch,,) = params.describe(Param.DelegationMin);
        assertEq(value, 2e18);
        assertEq(next, 2e18);
        assertEq(nextEpoch, 0);
        vm.warp(START + 700 days);
        assertEq(params.get(Param.DelegationMin), 2e18);
    }

    function test_ChangesOnlyWhatIsNamed() external {
        uint256[] memory before = new uint256[](PARAM_COUNT);
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            before[i] = params.get(Param(i));
        }
        _change(_two(Param.DelegationMin, 2e18, Param.SignerBond, 0));
        before[uint256(Param.DelegationMin)] = 2e18;
        before[uint256(Param.SignerBond)] = 0;
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            assertEq(params.get(Param(i)), before[i]);
        }
    }

    function test_AnEpochFurtherAhead() external {
        _announce(_one(Param.DelegationMin, 2e18), 5);
        vm.warp(START + 5 * 7 days - 1);
        assertEq(params.get(Param.DelegationMin), 1_000e18);
        vm.warp(START + 5 * 7 days);
        assertEq(params.get(Param.DelegationMin), 2e18);
    }

    function test_ShowsTheSetAsWaiting() external {
        _announce(_two(Param.DelegationMin, 2e18, Param.SignerBond, 0), 1);
        vm.warp(START + 7 days - 1);
        (IParamStore.Change[] memory changes, uint64 effectiveEpoch) = params.waiting();
        assertEq(abi.encode(changes), abi.encode(_two(Param.DelegationMin, 2e18, Param.SignerBond, 0)));
        assertEq(effectiveEpoch, 1);
        vm.warp(START + 7 days);
        (changes, effectiveEpoch) = params.waiting();
        assertEq(changes.length, 0);
        assertEq(effectiveEpoch, 0);
    }

    function test_EmitsTheChanges() external {
        IParamStore.Change[] memory changes = _two(Param.DelegationMin, 2e18, Param.SignerBond, 0);
        vm.expectEmit();
        emit IParamStore.ChangesAnnounced(3, changes);
        _announce(changes, 3);
    }

    function test_FoldsWhatTookEffect() external {
        _change(_two(Param.DelegationMin, 2e18, Param.SignerBond, 0));
        _announce(_one(Param.DelegationRatioMax, 20), 2);
        assertEq(params.get(Param.DelegationMin), 2e18);
        assertEq(params.get(Param.SignerBond), 0);
        (uint256 next, uint64 nextEpoch) = _nextOf(Param.DelegationMin);
        assertEq(next, 2e18);
        assertEq(nextEpoch, 0);
        (IParamStore.Change[] memory changes, uint64 effectiveEpoch) = params.waiting();
        assertEq(abi.encode(changes), abi.encode(_one(Param.DelegationRatioMax, 20)));
        assertEq(effectiveEpoch, 2);

        // What was folded is the value in force: taking the second set back does not touch it.
        _cancel();
        assertEq(params.get(Param.DelegationMin), 2e18);
        assertEq(params.get(Param.SignerBond), 0);
    }

    function test_AParameterChangesAgain() external {
        _change(_one(Param.DelegationMin, 2e18));
        _announce(_one(Param.DelegationMin, 3e18), 2);
        assertEq(params.get(Param.DelegationMin), 2e18);
        vm.warp(START + 14 days - 1);
        assertEq(params.get(Param.DelegationMin), 2e18);
        vm.warp(START + 14 days);
        assertEq(params.get(Param.DelegationMin), 3e18);
        _change(_one(Param.DelegationMin, 4e18));
        assertEq(params.get(Param.DelegationMin), 4e18);
    }

    function testFuzz_AnyValueInBoundsIsRead(uint256 seed, uint256 value) external {
        Param param = Param(bound(seed, 0, PARAM_COUNT - 1));
        (,,, uint256 min, uint256 max) = params.describe(param);
        value = bound(value, min, max);
        uint256 before = params.get(param);
        vm.prank(governor);
        try params.announce(_one(param, value), 1) {
            vm.warp(START + 7 days - 1);
            assertEq(params.get(param), before);
            vm.warp(START + 7 days);
            assertEq(params.get(param), value);
            _announce(_one(Param.TopUpSeconds, 8 days), 2);
            if (param != Param.TopUpSeconds) assertEq(params.get(param), value);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IParamStore.ParamStoreRuleBroken.selector);
            assertEq(params.get(param), before);
        }
    }
}
