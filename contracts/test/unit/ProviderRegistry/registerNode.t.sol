// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeStatus, NodeType } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract RegisterNode_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;
    address private key;
    uint256 private secret;
    bytes private proof;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
        (key, secret) = _newKey();
        proof = _keyProof(providerId, key, secret);
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        registry.registerNode(2, _profile(), key, proof);
    }

    function test_RevertWhen_CallerIsAStranger() external {
        _expectNotOperator(providerId, stranger);
        vm.prank(stranger);
        registry.registerNode(providerId, _profile(), key, proof);
    }

    function test_RevertWhen_NodeTypeIsNone() external {
        IProviderRegistry.NodeProfile memory profile = _profile();
        profile.nodeType = NodeType.None;
        _expectBadProfile("no node type");
        _register(profile);
    }

    function test_RevertWhen_UrlHashIsZero() external {
        IProviderRegistry.NodeProfile memory profile = _profile();
        profile.urlHash = 0;
        _expectBadProfile("no url hash");
        _register(profile);
    }

    function test_RevertWhen_NoChains() external {
        _expectBadProfile("no chains");
        _register(_profileOf(0));
    }

    function test_RevertWhen_TooManyChains() external {
        _expectBadProfile("too many chains");
        _register(_profileOf(65));
    }

    function testFuzz_RevertWhen_AChainIsEmpty(uint256 count, uint256 index) external {
        count = bound(count, 1, 64);
        IProviderRegistry.NodeProfile memory profile = _profileOf(count);
        profile.chains[bound(index, 0, count - 1)] = 0;
        _expectBadProfile("empty chain");
        _register(profile);
    }

    function test_RevertWhen_MetadataIsTooLong() external {
        IProviderRegistry.NodeProfile memory profile = _profile();
        profile.metadataUri = string(new bytes(513));
        _expectBadProfile("metadata too long");
        _register(profile);
    }

    function test_RevertWhen_KeyIsZero() external {
        key = address(0);
        vm.expectRevert(IProviderRegistry.ProviderRegistryZeroAddress.selector);
        _register(_profile());
    }

    function test_RevertGiven_KeyIsTaken() external {
        _register(_profile());
        _expectKeyTaken(key, providerId);
        _register(_profile());
    }

    function test_RevertGiven_KeyIsTakenElsewhere() external {
        _register(_profile());
        uint64 other = _newProvider();
        proof = _keyProof(other, key, secret);
        _expectKeyTaken(key, providerId);
        vm.prank(owner);
        registry.registerNode(other, _profile(), key, proof);
    }

    function test_RevertGiven_KeyOfARetiredNode() external {
        uint64 nodeId = _register(_profile());
        vm.prank(owner);
        registry.retireNode(nodeId);
        _expectKeyTaken(key, providerId);
        _register(_profile());
    }

    function test_RevertWhen_ProofIsAnothers() external {
        (address other, uint256 otherSecret) = _newKey();
        proof = _keyProof(providerId, key, otherSecret);
        _expectBadProof(other);
        _register(_profile());
    }

    function test_RevertWhen_ProofNamesAnotherProvider() external {
        proof = _keyProof(providerId + 1, key, secret);
        _expectSomeBadProof();
        _register(_profile());
    }

    function test_RevertWhen_ProofIsForAnotherRegistry() external {
        proof = _keyProofFor(address(this), block.chainid, providerId, key, secret);
        _expectSomeBadProof();
        _register(_profile());
    }

    function test_RevertWhen_ProofIsForAnotherBlockchain() external {
        proof = _keyProofFor(address(registry), block.chainid + 1, providerId, key, secret);
        _expectSomeBadProof();
        _register(_profile());
    }

    function test_RevertWhen_ProofIsMalformed() external {
        proof = "short";
        _expectBadProof(address(0));
        _register(_profile());
    }

    function test_KeepsTheNode() external {
        IProviderRegistry.NodeProfile memory profile = _profile();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeRegistered(providerId, 1, key);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeProfileSet(1, profile);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(providerId, 1, NodeStatus.None, NodeStatus.Registered);
        uint64 nodeId = _register(profile);

        IProviderRegistry.Node memory node = registry.nodeOf(nodeId);
        assertEq(node.providerId, providerId);
        assertEq(node.signingKey, key);
        assertEq(node.statusSince, block.timestamp);
        assertEq(node.retireAt, 0);
        _assertStatus(nodeId, NodeStatus.Registered);
        assertEq(registry.nodeOfKey(key), nodeId);
        assertEq(abi.encode(registry.profileOf(nodeId)), abi.encode(profile));
        assertEq(registry.nodesOf(providerId)[0], nodeId);
        _assertActive(providerId, _ids());
        assertFalse(registry.isServing(nodeId));
    }

    function test_IdsCountFromOneOverAllProviders() external {
        uint64 other = _newProvider();
        assertEq(registry.nodeCount(), 0);
        assertEq(_registeredNode(providerId), 1);
        assertEq(_registeredNode(other), 2);
        assertEq(_registeredNode(providerId), 3);
        assertEq(registry.nodeCount(), 3);
        assertEq(abi.encode(registry.nodesOf(providerId)), abi.encode(_ids(1, 3)));
        assertEq(abi.encode(registry.nodesOf(other)), abi.encode(_ids(2)));
    }

    function test_TakesTheLargestProfile() external {
        IProviderRegistry.NodeProfile memory profile = _profileOf(64);
        profile.metadataUri = string(new bytes(512));
        uint64 nodeId = _register(profile);
        assertEq(abi.encode(registry.profileOf(nodeId)), abi.encode(profile));
    }

    function test_TakesTheSmallestProfile() external {
        IProviderRegistry.NodeProfile memory profile = _profileOf(1);
        profile.region = 0;
        profile.metadataUri = "";
        uint64 nodeId = _register(profile);
        assertEq(abi.encode(registry.profileOf(nodeId)), abi.encode(profile));
    }

    function test_OwnerRegisters() external {
        vm.prank(owner);
        registry.registerNode(providerId, _profile(), key, proof);
        assertEq(registry.nodeCount(), 1);
    }

    function test_RegistersWhileJailed() external {
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + 1));
        _register(_profile());
        assertEq(registry.nodeCount(), 1);
    }

    function _register(IProviderRegistry.NodeProfile memory profile) private returns (uint64) {
        vm.prank(operator);
        return registry.registerNode(providerId, profile, key, proof);
    }

    function _profileOf(uint256 chainCount)
        private
        pure
        returns (IProviderRegistry.NodeProfile memory profile)
    {
        profile = _profile();
        profile.chains = new bytes32[](chainCount);
        for (uint256 i = 0; i < chainCount; ++i) {
            profile.chains[i] = bytes32(i + 1);
        }
    }

    function _expectKeyTaken(address taken, uint64 by) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryKeyTaken.selector, taken, by)
        );
    }

    function _expectBadProof(address recovered) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryBadKeyProof.selector, key, recovered)
        );
    }

    function _expectSomeBadProof() private {
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryBadKeyProof.selector);
    }
}
