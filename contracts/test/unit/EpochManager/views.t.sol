// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { EpochManagerFixture } from "./EpochManagerFixture.sol";

contract Views_EpochManager_Test is EpochManagerFixture {
    function setUp() public override {
        super.setUp();
        _skipEpochs(10);
    }

    function test_NothingIsPostedAtFirst() external view {
        _assertNone();
        assertFalse(epochs.isActive(0));
        assertEq(epochs.attempt(), 0);
    }

    function test_EpochZeroIsToldFromNone() external {
        _post(0, 0, 0);
        (uint64 epoch, bool any) = epochs.latest();
        assertEq(epoch, 0);
        assertTrue(any);
        (epoch, any) = epochs.first();
        assertEq(epoch, 0);
        assertTrue(any);
        (epoch, any) = epochs.latestActive();
        assertFalse(any);

        _activate(0);
        (epoch, any) = epochs.latestActive();
        assertEq(epoch, 0);
        assertTrue(any);
        assertTrue(epochs.isActive(0));
    }

    function test_ActiveFromTheSecondOfTheDate() external {
        _post(1, 0, 0);
        vm.warp(block.timestamp + ROOT_DELAY - 1);
        assertFalse(epochs.isActive(1));
        (, bool any) = epochs.latestActive();
        assertFalse(any);
        vm.warp(block.timestamp + 1);
        assertTrue(epochs.isActive(1));
        (, any) = epochs.latestActive();
        assertTrue(any);
    }

    function test_LatestActivePassesOverWaitingOnes() external {
        _post(1, 0, 0);
        _post(2, 0, 0);
        skip(1);
        _post(4, 0, 0);
        _post(5, 0, 0);
        _activate(2);
        (uint64 epoch, bool any) = epochs.latestActive();
        assertTrue(any);
        assertEq(epoch, 2);
        (epoch,) = epochs.latest();
        assertEq(epoch, 5);
        (epoch,) = epochs.first();
        assertEq(epoch, 1);
        _activate(4);
        (epoch,) = epochs.latestActive();
        assertEq(epoch, 5);
    }

    function test_EveryEpochDisabledIsNone() external {
        _post(0, 0, 0);
        _post(1, 0, 0);
        _disable(0);
        _assertNone();
    }

    function _assertNone() private view {
        (uint64 epoch, bool any) = epochs.latest();
        assertEq(epoch, 0);
        assertFalse(any);
        (epoch, any) = epochs.latestActive();
        assertEq(epoch, 0);
        assertFalse(any);
        (epoch, any) = epochs.first();
        assertEq(epoch, 0);
        assertFalse(any);
    }
}
