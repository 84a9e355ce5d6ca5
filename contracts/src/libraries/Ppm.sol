// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Parts per million, the unit of every rate on chain.
library Ppm {
    uint256 internal constant SCALE = 1_000_000;

    /// @notice `amount × ppm / 1,000,000`, rounded down: whoever receives the part never gets too much.
    function partDown(uint256 amount, uint256 ppm) internal pure returns (uint256) {
        return Math.mulDiv(amount, ppm, SCALE);
    }
}

