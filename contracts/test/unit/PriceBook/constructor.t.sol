// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPriceBook } from "../../../src/governance/IPriceBook.sol";
import { PriceBook } from "../../../src/governance/PriceBook.sol";
import { PriceBookFixture } from "./PriceBookFixture.sol";

contract Constructor_PriceBook_Test is PriceBookFixture {
    function test_RevertWhen_TheFirstHashIsZero() external {
        vm.expectRevert(IPriceBook.PriceBookZeroHash.selector);
        new PriceBook(address(manager), params, bytes32(0), "ipfs://first");
    }

    function test_TheFirstTableIsInForceAtOnce() external view {
        _assertTable(book.current(), FIRST, "ipfs://first", 0);
        _assertTable(book.tableAt(0), FIRST, "ipfs://first", 0);
        _assertTable(book.waiting(), bytes32(0), "", 0);
    }

    function test_NamesItsNeighbours() external view {
        assertEq(book.authority(), address(manager));
        assertEq(address(book.params()), address(params));
    }

    function test_EmitsTheFirstTableWithEpochZero() external {
        vm.expectEmit();
        emit IPriceBook.TableAnnounced(SECOND, 0, "ipfs://other");
        new PriceBook(address(manager), params, SECOND, "ipfs://other");
    }
}
