// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC1363 } from "@openzeppelin/contracts/token/ERC20/extensions/ERC1363.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title ANKR for networks that have none
///
/// - The whole supply is minted once, to one holder. Nobody can mint afterwards; anybody can burn their own.
/// - A plain ERC-20: transfers move exactly their amount, there are no fees, freezes or roles.
/// - ERC-2612 permits and ERC-1363 calls save an approval where a contract is paid.
contract AnkrToken is ERC20, ERC20Permit, ERC20Burnable, ERC1363 {
    constructor(address holder, uint256 supply) ERC20("Ankr", "ANKR") ERC20Permit("Ankr") {
        _mint(holder, supply);
    }
}
