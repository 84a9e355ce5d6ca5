// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A small token that gives a local chain something to answer: balances to read, events to filter,
/// and calls that revert with data.
contract DemoToken {
    string public constant name = "Demo";
    string public constant symbol = "DEMO";
    uint8 public constant decimals = 18;

    uint256 public totalSupply;
    mapping(address owner => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    error DemoTokenInsufficientBalance(address owner, uint256 held, uint256 asked);
    error DemoTokenRefused(address caller, uint256 reasonNumber);

    constructor(uint256 supply) {
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 held = balanceOf[msg.sender];
        if (value > held) revert DemoTokenInsufficientBalance(msg.sender, held, value);
        balanceOf[msg.sender] = held - value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    /// Always reverts with a custom error.
    function fail(uint256 reasonNumber) external view {
        revert DemoTokenRefused(msg.sender, reasonNumber);
    }

    /// Always reverts with a sentence.
    function failWithReason() external pure {
        revert("the demo refuses");
    }
}
