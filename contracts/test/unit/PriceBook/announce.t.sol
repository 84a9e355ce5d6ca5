// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IPriceBook } from "../../../src/governance/IPriceBook.sol";
import { PriceBookFixture } from "./PriceBookFixture.sol";

contract Announce_PriceBook_Test is PriceBookFixture {
    function test_RevertWhen_CallerMayNotAnnounce() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        book.announce(SECOND, "ipfs://second", 1);
    }

    function test_RevertWhen_TheHashIsZero() external {
        vm.expectRevert(IPriceBook.PriceBookZeroHash.selector);
        _announce(bytes32(0), "ipfs://second", 1);
    }

    function test_RevertWhen_TheEpochHasBegun() external {
        vm.expectRevert(abi.encodeWithSelector(IPriceBook.PriceBookEpochTooSoon.selector, 0, 1));
        _announce(SECOND, "ipfs://second", 0);
        vm.warp(START + 3 * 7 days - 1);
        _announce(SECOND, "ipfs://second", 3);
        _cancel();
        vm.warp(START + 3 * 7 days);
        vm.expectRevert(abi.encodeWithSelector(IPriceBook.PriceBookEpochTooSoon.selector, 3, 4));
        _announce(SECOND, "ipfs://second", 3);
        _announce(SECOND, "ipfs://second", 4);
    }

    function test_RevertGiven_AnotherTableWaits() external {
        _announce(SECOND, "ipfs://second", 2);
        vm.expectRevert(abi.encodeWithSelector(IPriceBook.PriceBookTableWaiting.selector, 2));
        _announce(THIRD, "ipfs://third", 1);
        vm.warp(START + 2 * 7 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IPriceBook.PriceBookTableWaiting.selector, 2));
        _announce(THIRD, "ipfs://third", 3);
        vm.warp(START + 2 * 7 days);
        _announce(THIRD, "ipfs://third", 3);
    }

    function test_TheTableInForceStaysUntilTheEpochBegins() external {
        _announce(SECOND, "ipfs://second", 1);
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
        vm.warp(START + 7 days - 1);
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
    }

    function test_IsInForceFromTheFirstSecondWithoutACall() external {
        _announce(SECOND, "ipfs://second", 1);
        vm.warp(START + 7 days);
        _assertTable(book.current(), SECOND, "ipfs://second", 1);
        _assertTable(book.waiting(), bytes32(0), "", 0);
    }

    function test_ShowsTheTableAsWaiting() external {
        _announce(SECOND, "ipfs://second", 9);
        _assertTable(book.waiting(), SECOND, "ipfs://second", 9);
        vm.warp(START + 9 * 7 days - 1);
        _assertTable(book.waiting(), SECOND, "ipfs://second", 9);
    }

    function test_TheSameTableMayComeAgainFromAnotherPlace() external {
        _announce(FIRST, "https://mirror", 1);
        vm.warp(START + 7 days);
        _assertTable(book.current(), FIRST, "https://mirror", 1);
    }

    function test_FollowsTheClockWhenTheLengthOfEpochsChanges() external {
        _announce(SECOND, "ipfs://second", 3);
        _announceLength(1 days, 2);
        // Epochs 0 and 1 last a week, so epoch 3 begins after 15 days.
        vm.warp(START + 15 days - 1);
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
        vm.warp(START + 15 days);
        _assertTable(book.current(), SECOND, "ipfs://second", 3);
    }

    function test_AnEpochThatNeverBeginsCanBeTakenBack() external {
        _announce(SECOND, "ipfs://second", type(uint64).max);
        _assertTable(book.tableAt(type(uint64).max), SECOND, "ipfs://second", type(uint64).max);
        _assertTable(book.tableAt(type(uint64).max - 1), FIRST, "ipfs://first", 0);
        _cancel();
        _announce(THIRD, "ipfs://third", 1);
    }

    function test_EmitsTheTable() external {
        vm.expectEmit();
        emit IPriceBook.TableAnnounced(SECOND, 2, "ipfs://second");
        _announce(SECOND, "ipfs://second", 2);
    }
}
