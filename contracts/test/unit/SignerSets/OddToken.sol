// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @notice A token unlike ANKR: it calls somebody during a transfer, or keeps a unit of it.
contract OddToken is ERC20 {
    using Address for address;

    address private _target;
    bytes private _data;
    bool private _takesFee;

    constructor() ERC20("Odd", "ODD") { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function callDuringTransfer(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function takeFee() external {
        _takesFee = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_takesFee && from != address(0)) super._update(to, address(0xfee), 1);
        if (_target != address(0)) _target.functionCall(_data);
    }
}
