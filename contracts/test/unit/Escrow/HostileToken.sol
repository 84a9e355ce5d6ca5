// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @notice A token that is not plain: it takes a fee, or calls back in the middle of a transfer.
contract HostileToken is ERC20 {
    uint256 private _fee;
    address private _target;
    bytes private _data;

    constructor(address holder) ERC20("Hostile", "HST") {
        _mint(holder, 1_000_000_000e18);
    }

    function setFee(uint256 fee) external {
        _fee = fee;
    }

    function setCallback(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_fee > 0) super._update(to, address(0), _fee);
        if (_target != address(0)) Address.functionCall(_target, _data);
    }
}
