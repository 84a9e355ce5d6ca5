// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PriceBookFixture } from "./PriceBookFixture.sol";

contract TableAt_PriceBook_Test is PriceBookFixture {
    function test_EveryEpochKeepsItsTable() external {
        _announce(SECOND, "ipfs://second", 2);
        vm.warp(START + 2 * 7 days);
        _announce(THIRD, "ipfs://third", 5);
        _assertTable(book.tableAt(0), FIRST, "ipfs://first", 0);
        _assertTable(book.tableAt(1), FIRST, "ipfs://first", 0);
        _assertTable(book.tableAt(2), SECOND, "ipfs://second", 2);
        _assertTable(book.tableAt(4), SECOND, "ipfs://second", 2);
        _assertTable(book.tableAt(5), THIRD, "ipfs://third", 5);
        _assertTable(book.tableAt(type(uint64).max), THIRD, "ipfs://third", 5);
    }

    /// @dev Whatever governance does in any order: an epoch that has begun has one table for ever.
    function testFuzz_AnEpochThatBeganNeverChanges(uint256[24] calldata chances) external {
        bytes32[] memory seen = new bytes32[](64);
        seen[0] = FIRST;
        for (uint256 i = 0; i < chances.length; i++) {
            uint64 before = params.currentEpoch();
            _act(chances[i], bytes32(i + 1));
            for (uint64 epoch = before + 1; epoch <= params.currentEpoch(); epoch++) {
                seen[epoch] = book.tableAt(epoch).hash;
            }
            for (uint64 epoch = 0; epoch <= params.currentEpoch(); epoch++) {
                assertEq(book.tableAt(epoch).hash, seen[epoch]);
            }
            assertEq(book.current().hash, seen[params.currentEpoch()]);
        }
    }

    function _act(uint256 chance, bytes32 hash) private {
        uint64 epoch = params.currentEpoch();
        bool waits = book.waiting().hash != 0;
        uint256 kind = chance % 4;
        if (kind == 0 && !waits) _announce(hash, "", epoch + 1 + uint64((chance >> 8) % 3));
        if (kind == 1 && waits) _cancel();
        if (kind > 1) vm.warp(block.timestamp + 1 + (chance >> 8) % 14 days);
    }
}
