// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice Counts what a contract holds for others, so that `held` and the balance can be compared at any moment.
///
/// - Tokens come in through `_take` or `_receive` and leave through `_give`, nowhere else.
/// - Each token is a plain ERC-20: a transfer moves exactly its amount, balances do not change by themselves.
///   A token that takes a fee is refused at the transfer.
/// - The balance may exceed `held`: somebody sent tokens unasked. It never falls short.
abstract contract Custody {
    using SafeERC20 for IERC20;

    /// @notice What this contract owes or keeps, by token, in base units.
    mapping(IERC20 token => uint256) public held;

    error CustodyAmountMismatch(IERC20 token, uint256 expected, uint256 arrived);

    /// @notice What was sent here unasked: balance less what is held.
    function surplusOf(IERC20 token) public view returns (uint256) {
        return token.balanceOf(address(this)) - held[token];
    }

    function _take(IERC20 token, address from, uint256 amount) internal {
        uint256 before = token.balanceOf(address(this));
        held[token] += amount;
        token.safeTransferFrom(from, address(this), amount);
        uint256 arrived = token.balanceOf(address(this)) - before;
        if (arrived != amount) revert CustodyAmountMismatch(token, amount, arrived);
    }

    /// @dev Books what has already been transferred; what is not here yet cannot be booked.
    function _receive(IERC20 token, uint256 amount) internal {
        uint256 surplus = surplusOf(token);
        if (surplus < amount) revert CustodyAmountMismatch(token, amount, surplus);
        held[token] += amount;
    }

    function _give(IERC20 token, address to, uint256 amount) internal {
        held[token] -= amount;
        token.safeTransfer(to, amount);
    }
}
