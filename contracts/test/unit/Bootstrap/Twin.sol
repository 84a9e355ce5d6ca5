// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBootstrap } from "../../../src/governance/IBootstrap.sol";
import { System } from "../../System.sol";

/// @notice Another deployment of the same parts, all sound, by another deployer.
contract Twin is System {
    constructor() {
        _deploySystem();
    }

    function partsOf() external view returns (IBootstrap.Parts memory) {
        return _parts();
    }
}
