// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Test } from "forge-std/Test.sol";
import { RewardStream } from "../../src/libraries/RewardStream.sol";

/// @notice One stream, with calls from outside so that their refusals can be expected.
contract RewardStreamHolder {
    using RewardStream for RewardStream.Stream;

    RewardStream.Stream private _stream;

    function settle(uint256 shares) external {
        _stream.settle(shares);
    }

    function add(uint256 amount, uint256 span) external {
        _stream.add(amount, span);
    }

    function get() external view returns (RewardStream.Stream memory) {
        return _stream;
    }

    function accumulatedNow(uint256 shares) external view returns (uint256) {
        return _stream.accumulatedNow(shares);
    }

    function unflowed() external view returns (uint256) {
        return _stream.unflowed();
    }
}

contract RewardStreamTest is Test {
    uint256 private constant RAY = 1e27;
    uint256 private constant SPAN = 1000;

    RewardStreamHolder private stream = new RewardStreamHolder();

    function setUp() external {
        vm.warp(1_800_000_000);
    }

    function test_NothingFlowsBeforeTheFirst() external {
        stream.settle(5);
        assertEq(stream.accumulatedNow(5), 0);
        assertEq(stream.unflowed(), 0);
        assertEq(stream.get().settledAt, 0);
    }

    function test_FlowsEvenlyAndEnds() external {
        stream.add(3000, SPAN);
        assertEq(stream.get().rate, 3);
        assertEq(stream.get().end, block.timestamp + SPAN);
        assertEq(stream.accumulatedNow(2), 0);
        skip(1);
        assertEq(stream.accumulatedNow(2), 3 * RAY / 2);
        skip(SPAN - 2);
        assertEq(stream.accumulatedNow(2), 999 * 3 * RAY / 2);
        skip(1);
        assertEq(stream.accumulatedNow(2), 1500 * RAY);
        skip(1_000_000);
        assertEq(stream.accumulatedNow(2), 1500 * RAY);
        stream.settle(2);
        assertEq(stream.get().accumulated, 1500 * RAY);
        assertEq(stream.get().settledAt, stream.get().end);
        assertEq(stream.unflowed(), 0);
    }

    function test_SettlesOnceInASecond() external {
        stream.add(3000, SPAN);
        skip(10);
        stream.settle(1);
        stream.settle(1);
        stream.settle(1000);
        assertEq(stream.get().accumulated, 30 * RAY);
        assertEq(stream.unflowed(), 2970);
    }

    function test_SettlesNothingAfterTheEnd() external {
        stream.add(3000, SPAN);
        skip(2 * SPAN);
        stream.settle(1);
        RewardStream.Stream memory before = stream.get();
        skip(SPAN);
        stream.settle(1);
        assertEq(keccak256(abi.encode(stream.get())), keccak256(abi.encode(before)));
    }

    function test_WhatTheDivisionLeavesIsCarried() external {
        stream.add(SPAN, SPAN);
        skip(1);
        stream.settle(7);
        assertEq(stream.get().accumulated, RAY / 7);
        assertEq(stream.get().carry, RAY % 7);
        skip(6);
        assertEq(stream.accumulatedNow(7), RAY);
        stream.settle(7);
        assertEq(stream.get().accumulated, RAY);
        assertEq(stream.get().carry, 0);
    }

    function test_ACarryIsKeptWhenSharesFall() external {
        stream.add(SPAN, SPAN);
        skip(1);
        stream.settle(1e27 - 1);
        assertEq(stream.get().accumulated, 1);
        assertEq(stream.get().carry, 1);
        skip(1);
        stream.settle(1);
        assertEq(stream.get().accumulated, 1 + RAY + 1);
        assertEq(stream.get().carry, 0);
    }

    function test_FlowsIdleWithoutShares() external {
        stream.add(3000, SPAN);
        skip(10);
        assertEq(stream.accumulatedNow(0), 0);
        stream.settle(0);
        assertEq(stream.get().idle, 30);
        assertEq(stream.get().accumulated, 0);
        skip(10);
        stream.settle(1);
        assertEq(stream.get().idle, 30);
        assertEq(stream.get().accumulated, 30 * RAY);
    }

    function test_AddJoinsWhatHasNotFlowedAndTheRemainder() external {
        stream.add(3999, SPAN);
        assertEq(stream.get().rate, 3);
        assertEq(stream.get().remainder, 999);
        skip(400);
        stream.settle(1);
        assertEq(stream.unflowed(), 1800);
        stream.add(201, SPAN);
        assertEq(stream.get().rate, 3);
        assertEq(stream.get().remainder, 0);
        assertEq(stream.get().end, block.timestamp + SPAN);
        assertEq(stream.get().settledAt, block.timestamp);
        assertEq(stream.get().accumulated, 1200 * RAY);
    }

    function test_LessThanAUnitASecondWaits() external {
        stream.add(SPAN - 1, SPAN);
        assertEq(stream.get().rate, 0);
        assertEq(stream.get().remainder, SPAN - 1);
        skip(2 * SPAN);
        stream.settle(1);
        assertEq(stream.get().accumulated, 0);
        stream.add(1, SPAN);
        assertEq(stream.get().rate, 1);
        assertEq(stream.get().remainder, 0);
    }

    function test_MoreThanASlotHoldsIsRefused() external {
        uint256 amount = (uint256(type(uint128).max) + 1) * SPAN;
        vm.expectRevert(
            abi.encodeWithSelector(
                SafeCast.SafeCastOverflowedUintDowncast.selector, 128, uint256(type(uint128).max) + 1
            )
        );
        stream.add(amount, SPAN);
        stream.add(amount - 1, SPAN);
    }

    function testFuzz_TheViewSaysWhatSettlingDoes(
        uint256 amount,
        uint256 first,
        uint256 second,
        uint256 shares
    ) external {
        shares = bound(shares, 1, type(uint128).max);
        stream.add(bound(amount, 0, 1e28), SPAN);
        skip(bound(first, 0, 2 * SPAN));
        stream.settle(bound(second, 1, type(uint128).max));
        skip(bound(second, 0, 2 * SPAN));
        uint256 expected = stream.accumulatedNow(shares);
        stream.settle(shares);
        assertEq(stream.get().accumulated, expected);
        assertEq(stream.accumulatedNow(shares), expected);
    }

    /// @dev Whatever comes when and however many shares there are: every ray is in one of six places.
    function testFuzz_NoRayIsLost(uint256 seed) external {
        uint256 added;
        uint256 owed;
        uint256 accumulated;
        uint256 shares = seed % 1e28;
        for (uint256 i = 0; i < 30; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            stream.settle(shares);
            owed += shares * (stream.get().accumulated - accumulated);
            accumulated = stream.get().accumulated;
            if (seed % 3 == 0) {
                uint256 amount = (seed >> 8) % 1e26;
                stream.add(amount, 1 + (seed >> 200) % (2 * SPAN));
                added += amount;
            }
            if (seed % 3 == 1) shares = seed % 7 == 0 ? 0 : (seed >> 8) % (10 ** (1 + (seed >> 100) % 30));
            RewardStream.Stream memory now_ = stream.get();
            uint256 rest = (stream.unflowed() + now_.remainder + now_.idle) * RAY;
            assertEq(owed + now_.carry + rest, added * RAY);
            skip((seed >> 50) % SPAN);
        }
    }

    function testFuzz_SettlingInBetweenChangesLessThanARayAShare(
        uint256 amount,
        uint256 shares,
        uint256 stops
    ) external {
        shares = bound(shares, 1, 1e28);
        stream.add(bound(amount, 1, 1e28), SPAN);
        uint256 snapshot = vm.snapshotState();
        skip(SPAN);
        stream.settle(shares);
        uint256 whole = stream.get().accumulated;
        vm.revertToState(snapshot);
        for (uint256 i = 0; i < 8; i++) {
            skip((stops >> (i * 8)) % 125);
            stream.settle(shares);
        }
        vm.warp(stream.get().end);
        stream.settle(shares);
        // Carried from one to the next, so nothing at all.
        assertEq(stream.get().accumulated, whole);
    }
}
