// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IToken {
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function approve(address spender, uint256 value) external returns (bool);
}

interface IDeposits {
    function deposit(uint256 amount, bytes32 keyCommitment) external;
    function depositFor(
        address account,
        uint256 amount,
        bytes32 keyCommitment,
        uint256 deadline,
        bytes calldata consent
    ) external;
}

/// Says that it took in a deposit, in the words of the escrow, and took nothing.
contract LookAlikeEscrow {
    event Deposited(
        address indexed account, address indexed from, uint256 amount, bytes32 keyCommitment, uint32 life
    );

    function pretend(address account, uint256 amount, bytes32 keyCommitment) external {
        emit Deposited(account, msg.sender, amount, keyCommitment, 0);
    }
}

/// Deposits for whoever calls it, as routers and smart wallets do: the transaction is not sent to the escrow.
contract DepositRouter {
    struct Deposit {
        IToken token;
        IDeposits escrow;
        uint256 amount;
        bytes32 keyCommitment;
    }

    /// For itself.
    function route(Deposit calldata wanted) external {
        _take(wanted);
        wanted.escrow.deposit(wanted.amount, wanted.keyCommitment);
    }

    /// For somebody else. What a contract pretends goes before and after it in the same transaction.
    function routeAmongLookAlikes(
        Deposit calldata wanted,
        LookAlikeEscrow lookAlike,
        address account,
        uint256 deadline,
        bytes calldata consent
    ) external {
        lookAlike.pretend(account, wanted.amount, wanted.keyCommitment);
        _take(wanted);
        wanted.escrow.depositFor(account, wanted.amount, wanted.keyCommitment, deadline, consent);
        lookAlike.pretend(account, wanted.amount, wanted.keyCommitment);
    }

    function _take(Deposit calldata wanted) private {
        wanted.token.transferFrom(msg.sender, address(this), wanted.amount);
        wanted.token.approve(address(wanted.escrow), wanted.amount);
    }
}

/// Takes a hundredth of every transfer. When it pretends, balances say that everything arrived, and only its events
/// tell the truth.
contract FeeToken {
    bool public immutable pretends;
    mapping(address owner => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply, bool pretends_) {
        pretends = pretends_;
        balanceOf[msg.sender] = supply;
    }

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 fee = value / 100;
        balanceOf[from] -= value;
        balanceOf[to] += pretends ? value : value - fee;
        balanceOf[address(this)] += fee;
        emit Transfer(from, to, value - fee);
        emit Transfer(from, address(this), fee);
        return true;
    }
}
