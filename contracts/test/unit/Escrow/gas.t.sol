// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { console } from "forge-std/console.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { Tree } from "../../invariant/economy/Tree.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

/// @notice What one more leaf costs in a batch of 200, calldata apart, when no storage was touched before.
contract Gas_Escrow_Test is EscrowFixture {
    uint256 private constant LEAVES = 200;
    /// 200 leaves make a tree of depth 8.
    uint256 private constant OWN_DEPTH = 8;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < LEAVES; i++) {
            _deposit(_account(i), _worth(1000));
            // The second charge is the common one: no storage slot is written for the first time.
            usedOf[0].push(Used(_account(i), 0, uint128(_worth(1))));
        }
        _apply(_postAndWait(usedOf[0]));
    }

    function test_ALeafStaysCheapAtDepth8() external {
        // 10,000 of it are two slots read and written, 2,800 the event, 2,300 the proof.
        assertLt(_gasOfALeaf(8), 20_000);
    }

    function test_ALeafStaysCheapAtDepth14() external {
        assertLt(_gasOfALeaf(14), 22_000);
    }

    function _gasOfALeaf(uint256 depth) private returns (uint256 gas) {
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](LEAVES);
        uint64 rootId = _postDeep(depth, leaves);
        IEscrow.ChargeLeaf[] memory one = new IEscrow.ChargeLeaf[](1);
        one[0] = leaves[0];
        uint256 snapshot = vm.snapshotState();
        uint256 first = _gasOf(rootId, one);
        vm.revertToState(snapshot);
        gas = (_gasOf(rootId, leaves) - first) / (LEAVES - 1);
        console.log("gas of a leaf at depth", depth, gas);
    }

    function _gasOf(uint64 rootId, IEscrow.ChargeLeaf[] memory leaves) private returns (uint256) {
        vm.cool(address(escrow));
        escrow.applyCharges(rootId, leaves);
        // Of the call alone: what this test spends on encoding it is no cost of the contract.
        return vm.lastCallGas().gasTotalUsed;
    }

    /// @dev The leaves' own tree with siblings on top until it is as deep as asked.
    function _postDeep(uint256 depth, IEscrow.ChargeLeaf[] memory leaves) private returns (uint64 rootId) {
        bytes32[] memory hashes = new bytes32[](LEAVES);
        for (uint256 i = 0; i < LEAVES; i++) {
            hashes[i] = Tree.leaf(abi.encode(_account(i), uint32(0), uint128(_worth(2))));
        }
        bytes32 root = Tree.rootOf(hashes);
        bytes32[] memory above = new bytes32[](depth - OWN_DEPTH);
        for (uint256 i = 0; i < above.length; i++) {
            above[i] = keccak256(abi.encode("sibling", i));
            root = root < above[i]
                ? keccak256(abi.encode(root, above[i]))
                : keccak256(abi.encode(above[i], root));
        }
        for (uint256 i = 0; i < LEAVES; i++) {
            bytes32[] memory own = Tree.proofOf(hashes, i);
            bytes32[] memory proof = new bytes32[](own.length + above.length);
            for (uint256 j = 0; j < proof.length; j++) {
                proof[j] = j < own.length ? own[j] : above[j - own.length];
            }
            leaves[i] = IEscrow.ChargeLeaf(_account(i), 0, uint128(_worth(2)), proof);
        }
        rootId = _postRoot(root, uint64(block.timestamp));
        vm.warp(escrow.chargeRootOf(rootId).applicableAt);
    }

    function _account(uint256 i) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("account", i)))));
    }
}
