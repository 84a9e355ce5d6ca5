// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeStatus, NodeType } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract SetNodeProfile_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(1);
        vm.prank(operator);
        registry.setNodeProfile(1, _profile());
    }

    function test_RevertWhen_CallerIsAStranger() external {
        uint64 nodeId = _registeredNode(providerId);
        _expectNotOperator(providerId, stranger);
        vm.prank(stranger);
        registry.setNodeProfile(nodeId, _profile());
    }

    function test_RevertGiven_NodeIsRetired() external {
        uint64 nodeId = _retiredNode(providerId);
        _expectWrongStatus(nodeId, NodeStatus.Retired);
        vm.prank(operator);
        registry.setNodeProfile(nodeId, _profile());
    }

    function test_RevertWhen_ProfileIsNotSound() external {
        uint64 nodeId = _registeredNode(providerId);
        IProviderRegistry.NodeProfile memory profile = _profile();
        profile.urlHash = 0;
        _expectBadProfile("no url hash");
        vm.prank(operator);
        registry.setNodeProfile(nodeId, profile);
    }

    function test_ReplacesTheWholeProfile() external {
        uint64 nodeId = _registeredNode(providerId);
        IProviderRegistry.NodeProfile memory profile = _shortProfile();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeProfileSet(nodeId, profile);
        vm.prank(owner);
        registry.setNodeProfile(nodeId, profile);
        assertEq(abi.encode(registry.profileOf(nodeId)), abi.encode(profile));
    }

    function test_LeavesTheStatus() external {
        for (uint256 i = uint256(NodeStatus.Registered); i < uint256(NodeStatus.Retired); ++i) {
            uint64 nodeId = _nodeIn(_newProvider(), NodeStatus(i));
            vm.prank(operator);
            registry.setNodeProfile(nodeId, _shortProfile());
            _assertStatus(nodeId, NodeStatus(i));
            assertEq(registry.profileOf(nodeId).urlHash, bytes32("other"));
        }
    }

    function _shortProfile() private pure returns (IProviderRegistry.NodeProfile memory profile) {
        profile.nodeType = NodeType.Light;
        profile.urlHash = "other";
        profile.chains = new bytes32[](1);
        profile.chains[0] = "solana";
    }
}
