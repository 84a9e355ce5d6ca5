// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// What a deployment takes from OpenZeppelin as it is. Imported so that it is compiled with the rest, by this
// compiler and these settings.
import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
