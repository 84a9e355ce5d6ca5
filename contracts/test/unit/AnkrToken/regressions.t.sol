// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AnkrTokenFixture } from "./AnkrTokenFixture.sol";

contract Regressions_AnkrToken_Test is AnkrTokenFixture {
    /// December 2022: one stolen key could upgrade aBNBc and mint without bound.
    function test_Regression_Ankr_2022_NobodyMints() external {
        string[6] memory ways = [
            "mint(address,uint256)",
            "mint(uint256)",
            "initialize(address)",
            "upgradeTo(address)",
            "upgradeToAndCall(address,bytes)",
            "transferOwnership(address)"
        ];
        for (uint256 i = 0; i < ways.length; ++i) {
            vm.prank(vault);
            (bool done,) = address(ankr).call(abi.encodeWithSignature(ways[i], stranger, 1e18, ""));
            assertFalse(done, ways[i]);
        }
        assertEq(ankr.totalSupply(), SUPPLY);
    }
}
