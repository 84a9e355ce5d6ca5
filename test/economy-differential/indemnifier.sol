// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface Token {
    function balanceOf(address holder) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
}

/// @notice Covers a part of every loss, as far as its balance reaches.
contract Indemnifier {
    Token private immutable token;
    uint256 private coverPpm;

    constructor(Token token_) {
        token = token_;
    }

    function setCoverPpm(uint256 coverPpm_) external {
        coverPpm = coverPpm_;
    }

    function cover(uint64, uint256 loss) external returns (uint256 paid) {
        paid = loss * coverPpm / 1_000_000;
        uint256 balance = token.balanceOf(address(this));
        if (paid > balance) paid = balance;
        token.transfer(msg.sender, paid);
    }
}
