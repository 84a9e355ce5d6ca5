// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract DrainNode_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(1);
        vm.prank(operator);
        registry.drainNode(1);
    }

    function test_RevertWhen_CallerIsAStranger() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        _expectNotOperator(providerId, stranger);
        vm.prank(stranger);
        registry.drainNode(nodeId);
    }

    function test_RevertGiven_AnyOtherStatus() external {
        for (uint256 i = uint256(NodeStatus.Registered); i <= uint256(NodeStatus.Retired); ++i) {
            if (NodeStatus(i) == NodeStatus.Active) continue;
            uint64 nodeId = _nodeIn(_newProvider(), NodeStatus(i));
            _expectWrongStatus(nodeId, NodeStatus(i));
            vm.prank(operator);
            registry.drainNode(nodeId);
        }
    }

    function test_DrainsWithoutADateOfRetirement() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        skip(1 hours);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(providerId, nodeId, NodeStatus.Active, NodeStatus.Draining);
        vm.prank(owner);
        registry.drainNode(nodeId);

        _assertStatus(nodeId, NodeStatus.Draining);
        assertEq(registry.nodeOf(nodeId).statusSince, block.timestamp);
        assertEq(registry.nodeOf(nodeId).retireAt, 0);
        assertFalse(registry.isServing(nodeId));
        _assertActive(providerId, _ids());
    }

    function test_DrainsWhileJailed() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + 1));
        vm.prank(operator);
        registry.drainNode(nodeId);
        _assertStatus(nodeId, NodeStatus.Draining);
    }

    function testFuzz_KeepsTheOthersInOrder(uint256 count, uint256 index) external {
        count = bound(count, 1, NODES_MAX);
        index = bound(index, 0, count - 1);
        uint64[] memory nodeIds = _activeNodes(providerId, count);
        vm.prank(operator);
        registry.drainNode(nodeIds[index]);

        uint64[] memory others = new uint64[](count - 1);
        for (uint256 i = 0; i < others.length; ++i) {
            others[i] = nodeIds[i < index ? i : i + 1];
        }
        _assertActive(providerId, others);
    }
}
