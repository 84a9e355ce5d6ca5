// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract RotateNodeKey_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;
    uint64 private nodeId;
    address private key;
    uint256 private secret;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
        nodeId = _registeredNode(providerId);
        (key, secret) = _newKey();
    }

    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(2);
        vm.prank(operator);
        registry.rotateNodeKey(2, key, "");
    }

    function test_RevertWhen_CallerIsAStranger() external {
        bytes memory proof = _keyProof(providerId, key, secret);
        _expectNotOperator(providerId, stranger);
        vm.prank(stranger);
        registry.rotateNodeKey(nodeId, key, proof);
    }

    function test_RevertGiven_NodeIsRetired() external {
        uint64 retired = _retiredNode(providerId);
        bytes memory proof = _keyProof(providerId, key, secret);
        _expectWrongStatus(retired, NodeStatus.Retired);
        vm.prank(operator);
        registry.rotateNodeKey(retired, key, proof);
    }

    function test_RevertWhen_KeyIsZero() external {
        vm.expectRevert(IProviderRegistry.ProviderRegistryZeroAddress.selector);
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, address(0), "");
    }

    function test_RevertWhen_KeyIsThePresentOne() external {
        address present = registry.nodeOf(nodeId).signingKey;
        _expectKeyTaken(present, providerId);
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, present, "");
    }

    function test_RevertWhen_KeyIsAFormerOne() external {
        address former = registry.nodeOf(nodeId).signingKey;
        _rotate(nodeId, key, secret);
        _expectKeyTaken(former, providerId);
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, former, "");
    }

    function test_RevertWhen_KeyIsAnotherNodes() external {
        uint64 other = _newProvider();
        address taken = registry.nodeOf(_registeredNode(other)).signingKey;
        _expectKeyTaken(taken, other);
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, taken, "");
    }

    function test_RevertWhen_ProofNamesAnotherProvider() external {
        bytes memory proof = _keyProof(providerId + 1, key, secret);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryBadKeyProof.selector);
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, key, proof);
    }

    function test_RevertWhen_ProofIsTheOldKeys() external {
        (address signer, uint256 signerSecret) = _newKey();
        _rotate(nodeId, signer, signerSecret);
        bytes memory proof = _keyProof(providerId, key, signerSecret);
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryBadKeyProof.selector, key, signer)
        );
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, key, proof);
    }

    function test_OldKeyStaysBound() external {
        address former = registry.nodeOf(nodeId).signingKey;
        bytes memory proof = _keyProof(providerId, key, secret);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeKeyRotated(nodeId, former, key);
        vm.prank(owner);
        registry.rotateNodeKey(nodeId, key, proof);

        assertEq(registry.nodeOf(nodeId).signingKey, key);
        assertEq(registry.nodeOfKey(key), nodeId);
        assertEq(registry.nodeOfKey(former), nodeId);
    }

    function test_LeavesTheStatus() external {
        for (uint256 i = uint256(NodeStatus.Registered); i < uint256(NodeStatus.Retired); ++i) {
            uint64 rotated = _nodeIn(_newProvider(), NodeStatus(i));
            (address next, uint256 nextSecret) = _newKey();
            _rotate(rotated, next, nextSecret);
            _assertStatus(rotated, NodeStatus(i));
            assertEq(registry.nodeOf(rotated).signingKey, next);
        }
    }

    function _rotate(uint64 rotated, address next, uint256 nextSecret) private {
        bytes memory proof = _keyProof(registry.nodeOf(rotated).providerId, next, nextSecret);
        vm.prank(operator);
        registry.rotateNodeKey(rotated, next, proof);
    }

    function _expectKeyTaken(address taken, uint64 by) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryKeyTaken.selector, taken, by)
        );
    }
}
