// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";

/// @notice Notes what is sent to it, and answers what it was told to.
contract Receiver is IERC1363Receiver {
    bytes4 private immutable _answer;
    address public operator;
    address public from;
    uint256 public value;
    bytes public data;

    constructor(bytes4 answer) {
        _answer = answer;
    }

    function onTransferReceived(address operator_, address from_, uint256 value_, bytes calldata data_)
        external
        returns (bytes4)
    {
        operator = operator_;
        from = from_;
        value = value_;
        data = data_;
        return _answer;
    }
}

abstract contract AnkrTokenFixture is Test {
    uint256 internal constant SUPPLY = 10_000_000_000e18;

    address internal vault = makeAddr("vault");
    address internal stranger = makeAddr("stranger");
    address internal owner;
    uint256 internal ownerKey;
    AnkrToken internal ankr;

    function setUp() public virtual {
        (owner, ownerKey) = makeAddrAndKey("owner");
        ankr = new AnkrToken(vault, SUPPLY);
    }

    function _fund(address to, uint256 amount) internal {
        vm.prank(vault);
        ankr.transfer(to, amount);
    }

    function _permitDigest(address spender, uint256 amount, uint256 nonce, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, owner, spender, amount, nonce, deadline));
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Ankr"),
                keccak256("1"),
                block.chainid,
                address(ankr)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
