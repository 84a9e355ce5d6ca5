// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

contract Get_ParamStore_Test is ParamStoreFixture {
    function test_ReadsOneSlot() external {
        assertEq(_slotsReadFor(Param.DelegationMin), 1);
        _announce(_one(Param.DelegationRatioMax, 20), 1);
        assertEq(_slotsReadFor(Param.DelegationMin), 1);
    }

    function test_AsksTheClockWhenAValueWaits() external {
        _announce(_one(Param.DelegationMin, 2e18), 1);
        assertGt(_slotsReadFor(Param.DelegationMin), 1);
        vm.warp(START + 7 days);
        assertGt(_slotsReadFor(Param.DelegationMin), 1);
    }

    function test_ReadsOneSlotAfterTheFold() external {
        _change(_one(Param.DelegationMin, 2e18));
        _announce(_one(Param.DelegationRatioMax, 20), 2);
        assertEq(_slotsReadFor(Param.DelegationMin), 1);
        assertEq(params.get(Param.DelegationMin), 2e18);
    }

    function _slotsReadFor(Param param) private returns (uint256) {
        vm.record();
        params.get(param);
        (bytes32[] memory reads,) = vm.accesses(address(params));
        return reads.length;
    }
}
