// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { Ppm } from "../../src/libraries/Ppm.sol";

contract PpmTest is Test {
    function testFuzz_PartNeverExceedsTheShare(uint128 amount, uint256 ppm) external pure {
        ppm = bound(ppm, 0, Ppm.SCALE);
        uint256 part = Ppm.partDown(amount, ppm);
        assertLe(part * Ppm.SCALE, uint256(amount) * ppm);
        assertGt((part + 1) * Ppm.SCALE, uint256(amount) * ppm);
    }
}
