// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { AnkrTokenFixture } from "./AnkrTokenFixture.sol";

contract Constructor_AnkrToken_Test is AnkrTokenFixture {
    function test_TheHolderGetsTheWholeSupply() external {
        assertEq(ankr.totalSupply(), SUPPLY);
        assertEq(ankr.balanceOf(vault), SUPPLY);
        assertEq(ankr.balanceOf(address(this)), 0);
        AnkrToken other = new AnkrToken(stranger, 1);
        assertEq(other.totalSupply(), 1);
        assertEq(other.balanceOf(stranger), 1);
    }

    function test_NameSymbolAndDecimals() external view {
        assertEq(ankr.name(), "Ankr");
        assertEq(ankr.symbol(), "ANKR");
        assertEq(ankr.decimals(), 18);
    }
}
