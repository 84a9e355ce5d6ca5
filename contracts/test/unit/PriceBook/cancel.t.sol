// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IPriceBook } from "../../../src/governance/IPriceBook.sol";
import { PriceBookFixture } from "./PriceBookFixture.sol";

contract Cancel_PriceBook_Test is PriceBookFixture {
    function test_RevertWhen_CallerMayNotCancel() external {
        _announce(SECOND, "ipfs://second", 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        book.cancel();
    }

    function test_RevertGiven_NothingWasAnnounced() external {
        vm.expectRevert(IPriceBook.PriceBookNothingWaiting.selector);
        _cancel();
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
    }

    function test_RevertGiven_TheTableHasTakenEffect() external {
        _announce(SECOND, "ipfs://second", 1);
        vm.warp(START + 7 days);
        vm.expectRevert(IPriceBook.PriceBookNothingWaiting.selector);
        _cancel();
        _assertTable(book.current(), SECOND, "ipfs://second", 1);
    }

    function test_TheTableInForceStaysForEver() external {
        _announce(SECOND, "ipfs://second", 1);
        _cancel();
        vm.warp(START + 7 days);
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
        _assertTable(book.tableAt(1), FIRST, "ipfs://first", 0);
    }

    function test_CancelsUpToTheLastSecond() external {
        _announce(SECOND, "ipfs://second", 1);
        vm.warp(START + 7 days - 1);
        _cancel();
        vm.warp(START + 7 days);
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
    }

    function test_ShowsNothingAsWaitingAndLetsAnotherCome() external {
        _announce(SECOND, "ipfs://second", 5);
        _cancel();
        _assertTable(book.waiting(), bytes32(0), "", 0);
        vm.expectRevert(IPriceBook.PriceBookNothingWaiting.selector);
        _cancel();
        _announce(THIRD, "ipfs://third", 1);
        vm.warp(START + 7 days);
        _assertTable(book.current(), THIRD, "ipfs://third", 1);
    }

    function test_EmitsTheTableAndItsEpoch() external {
        _announce(SECOND, "ipfs://second", 6);
        vm.expectEmit();
        emit IPriceBook.TableCancelled(SECOND, 6);
        _cancel();
    }
}
