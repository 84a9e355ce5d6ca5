// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

contract Epochs_ParamStore_Test is ParamStoreFixture {
    function test_RevertWhen_BeforeTheFirstEpoch() external {
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreBeforeStart.selector, START - 1, START));
        params.epochAt(START - 1);
        assertEq(params.epochAt(START), 0);
    }

    function test_AnEpochBeginsWithItsFirstSecond() external {
        vm.warp(START + 7 days - 1);
        assertEq(params.currentEpoch(), 0);
        vm.warp(START + 7 days);
        assertEq(params.currentEpoch(), 1);
        vm.warp(START + 14 days - 1);
        assertEq(params.currentEpoch(), 1);
        vm.warp(START + 14 days);
        assertEq(params.currentEpoch(), 2);
        assertEq(params.epochStart(0), START);
        assertEq(params.epochStart(1), START + 7 days);
        assertEq(params.epochStart(2), START + 14 days);
    }

    function test_KnowsEpochsAhead() external view {
        assertEq(params.epochStart(1_000), START + 7_000 days);
        assertEq(params.epochAt(START + 7_000 days - 1), 999);
        assertEq(params.epochAt(START + 7_000 days), 1_000);
    }

    function testFuzz_StartAndSecondAgree(uint256 length, uint64 epoch, uint256 into) external {
        length = bound(length, 1 hours, 8 days);
        into = bound(into, 0, length - 1);
        params = _deploy(_one(Param.EpochSeconds, length));
        uint256 start = params.epochStart(epoch);
        assertEq(start, START + uint256(epoch) * length);
        assertEq(params.epochAt(start + into), epoch);
    }

    function test_ALengthStaysUntilItsEpochBegins() external {
        _announce(_one(Param.EpochSeconds, 1 days), 2);
        vm.warp(START + 8 days);
        assertEq(params.currentEpoch(), 1);
        vm.warp(START + 14 days - 1);
        assertEq(params.currentEpoch(), 1);
        assertEq(params.get(Param.EpochSeconds), 7 days);
        vm.warp(START + 14 days);
        assertEq(params.currentEpoch(), 2);
        assertEq(params.get(Param.EpochSeconds), 1 days);
    }

    function test_KnowsEpochsAfterAWaitingLength() external {
        _announce(_one(Param.EpochSeconds, 1 days), 2);
        _assertDaysFromEpochTwo();
        // A waiting change of something else has no part in the clock.
        _cancel();
        _announce(_one(Param.DelegationMin, 2e18), 2);
        assertEq(params.epochStart(3), START + 21 days);
    }

    function test_CountsByTheNewLengthWithoutACall() external {
        _announce(_one(Param.EpochSeconds, 1 days), 2);
        vm.warp(START + 15 days - 1);
        assertEq(params.currentEpoch(), 2);
        vm.warp(START + 15 days);
        assertEq(params.currentEpoch(), 3);
        vm.warp(START + 114 days);
        assertEq(params.currentEpoch(), 102);
        _assertDaysFromEpochTwo();
    }

    function test_EpochsBeforeKeepTheirStarts() external {
        _announce(_one(Param.EpochSeconds, 1 days), 2);
        vm.warp(START + 100 days);
        assertEq(params.epochStart(0), START);
        assertEq(params.epochStart(1), START + 7 days);
        assertEq(params.epochAt(START + 7 days - 1), 0);
        assertEq(params.epochAt(START + 7 days), 1);
        assertEq(params.epochAt(START + 13 days), 1);
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreBeforeStart.selector, START - 1, START));
        params.epochAt(START - 1);
    }

    function test_FoldingChangesNoAnswer() external {
        _announce(_one(Param.EpochSeconds, 1 days), 2);
        // Long after, so that the fold writes down a beginning that is past.
        vm.warp(START + 100 days);
        _announce(_one(Param.DelegationMin, 2e18), 200);
        _assertDaysFromEpochTwo();
        assertEq(params.epochStart(1), START + 7 days);
        assertEq(params.currentEpoch(), 88);
        assertEq(params.get(Param.EpochSeconds), 1 days);
    }

    function test_EpochsLengthenToo() external {
        _change(_one(Param.EpochSeconds, 1 hours));
        _change(_one(Param.EpochSeconds, 8 days));
        _change(_one(Param.EpochSeconds, 2 days));
        uint256 start = START + 7 days;
        assertEq(params.epochStart(1), start);
        assertEq(params.epochStart(2), start + 1 hours);
        assertEq(params.epochStart(3), start + 1 hours + 8 days);
        assertEq(params.epochStart(4), start + 1 hours + 10 days);
        assertEq(params.epochAt(start + 1 hours - 1), 1);
        assertEq(params.epochAt(start + 1 hours), 2);
        assertEq(params.epochAt(start + 1 hours + 8 days - 1), 2);
        assertEq(params.epochAt(start + 1 hours + 8 days), 3);
        assertEq(params.currentEpoch(), 3);
    }

    function test_ALengthAndAValueBeginTogether() external {
        _announce(_two(Param.EpochSeconds, 1 hours, Param.DelegationMin, 2e18), 1);
        vm.warp(START + 7 days - 1);
        assertEq(params.get(Param.DelegationMin), 1_000e18);
        assertEq(params.get(Param.EpochSeconds), 7 days);
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DelegationMin), 2e18);
        assertEq(params.get(Param.EpochSeconds), 1 hours);
        _announce(_one(Param.DelegationMin, 3e18), 2);
        vm.warp(START + 7 days + 1 hours - 1);
        assertEq(params.get(Param.DelegationMin), 2e18);
        vm.warp(START + 7 days + 1 hours);
        assertEq(params.get(Param.DelegationMin), 3e18);
    }

    /// @dev Starts are written down by hand, one epoch after the other, and every one is asked for again at the end.
    function testFuzz_StartAndSecondAgreeThroughChanges(
        uint256 length,
        uint256 length2,
        uint256 length3,
        uint8 ahead,
        uint8 ahead2
    ) external {
        length = bound(length, 1 hours, 8 days);
        length2 = bound(length2, 1 hours, 8 days);
        length3 = bound(length3, 1 hours, 8 days);
        uint64 second = uint64(bound(ahead, 1, 10));
        uint64 third = second + uint64(bound(ahead2, 1, 10));

        params = _deploy(_one(Param.EpochSeconds, length));
        _announce(_one(Param.EpochSeconds, length2), second);
        _assertStarts(length, length2, length2, second, third);
        vm.warp(params.epochStart(second));
        assertEq(params.currentEpoch(), second);
        _announce(_one(Param.EpochSeconds, length3), third);
        _assertStarts(length, length2, length3, second, third);
        vm.warp(params.epochStart(third) + 30 days);
        _assertStarts(length, length2, length3, second, third);
    }

    function _assertStarts(uint256 length, uint256 length2, uint256 length3, uint64 second, uint64 third)
        private
        view
    {
        uint256 start = START;
        for (uint64 epoch = 0; epoch < third + 3; ++epoch) {
            assertEq(params.epochStart(epoch), start);
            assertEq(params.epochAt(start), epoch);
            if (epoch > 0) assertEq(params.epochAt(start - 1), epoch - 1);
            start += epoch < second ? length : epoch < third ? length2 : length3;
        }
    }

    function _assertDaysFromEpochTwo() private view {
        assertEq(params.epochStart(2), START + 14 days);
        assertEq(params.epochStart(3), START + 15 days);
        assertEq(params.epochStart(1_002), START + 1_014 days);
        assertEq(params.epochAt(START + 14 days - 1), 1);
        assertEq(params.epochAt(START + 14 days), 2);
        assertEq(params.epochAt(START + 15 days - 1), 2);
        assertEq(params.epochAt(START + 15 days), 3);
    }
}
