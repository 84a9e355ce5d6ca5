// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ParamStore } from "../../../src/governance/ParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Roles } from "../../../src/governance/Roles.sol";

/// @notice A store with the defaults, and a governor that may change them.
abstract contract ParamStoreFixture is Test {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant PARAM_COUNT = 44;

    address internal governor = makeAddr("governor");
    address internal stranger = makeAddr("stranger");
    AccessManager internal manager;
    ParamStore internal params;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        manager.grantRole(Roles.GOVERNOR, governor, 0);
        params = _deploy(new IParamStore.Change[](0));
    }

    function _deploy(IParamStore.Change[] memory initial) internal returns (ParamStore deployed) {
        deployed = new ParamStore(address(manager), initial);
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = IParamStore.announce.selector;
        selectors[1] = IParamStore.cancel.selector;
        manager.setTargetFunctionRole(address(deployed), selectors, Roles.GOVERNOR);
    }

    function _one(Param param, uint256 value) internal pure returns (IParamStore.Change[] memory changes) {
        changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(param, value);
    }

    function _two(Param first, uint256 firstValue, Param second, uint256 secondValue)
        internal
        pure
        returns (IParamStore.Change[] memory changes)
    {
        changes = new IParamStore.Change[](2);
        changes[0] = IParamStore.Change(first, firstValue);
        changes[1] = IParamStore.Change(second, secondValue);
    }

    function _announce(IParamStore.Change[] memory changes, uint64 effectiveEpoch) internal {
        vm.prank(governor);
        params.announce(changes, effectiveEpoch);
    }

    /// @dev Announces for the next epoch and lets it begin.
    function _change(IParamStore.Change[] memory changes) internal {
        uint64 next = params.currentEpoch() + 1;
        _announce(changes, next);
        vm.warp(params.epochStart(next));
    }

    function _cancel() internal {
        vm.prank(governor);
        params.cancel();
    }

    function _expectBroken(bytes32 rule, uint256 left, uint256 right) internal {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreRuleBroken.selector, rule, left, right));
    }

    function _expectOutOfBounds(Param param, uint256 value) internal {
        (,,, uint256 min, uint256 max) = params.describe(param);
        vm.expectRevert(
            abi.encodeWithSelector(IParamStore.ParamStoreOutOfBounds.selector, param, value, min, max)
        );
    }

    function _nextOf(Param param) internal view returns (uint256 next, uint64 nextEpoch) {
        (, next, nextEpoch,,) = params.describe(param);
    }
}
