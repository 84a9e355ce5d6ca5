// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract CheckSelfStake_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(0);
        registry.checkSelfStake(0);
        _expectUnknownProvider(2);
        registry.checkSelfStake(2);
    }

    function test_ChangesNothingWithoutActiveNodes() external {
        uint64 nodeId = _admittedNode(providerId);
        vm.recordLogs();
        registry.checkSelfStake(providerId);
        assertEq(vm.getRecordedLogs().length, 0);
        _assertStatus(nodeId, NodeStatus.Admitted);
    }

    function test_ChangesNothingAtTheExactAmount() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        vm.recordLogs();
        registry.checkSelfStake(providerId);
        assertEq(vm.getRecordedLogs().length, 0);
        _assertActive(providerId, nodeIds);
    }

    function test_DrainsTheNewestOneUnitShort() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        skip(1 hours);
        _takeSelfStake(providerId, 2 * PER_NODE - 1);

        _assertActive(providerId, _ids(nodeIds[0]));
        _assertStatus(nodeIds[1], NodeStatus.Draining);
        assertEq(registry.nodeOf(nodeIds[1]).statusSince, block.timestamp);
        assertEq(registry.nodeOf(nodeIds[1]).retireAt, block.timestamp + TOP_UP);
        assertEq(registry.nodeOf(nodeIds[0]).retireAt, 0);
        assertFalse(registry.isServing(nodeIds[1]));
        assertTrue(registry.isServing(nodeIds[0]));
    }

    function test_DrainsAllWhenStakeIsGone() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        _takeSelfStake(providerId, 0);
        _assertActive(providerId, _ids());
        _assertStatus(nodeIds[0], NodeStatus.Draining);
        _assertStatus(nodeIds[1], NodeStatus.Draining);
    }

    function test_DrainsWhatUnbondingStakeNoLongerCovers() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        _unstakeSelf(providerId, 1);
        _assertActive(providerId, _ids(nodeIds[0]));
        assertEq(registry.nodeOf(nodeIds[1]).retireAt, block.timestamp + TOP_UP);
    }

    function test_DrainsWhenThePriceOfANodeHasRisen() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 3);
        _changeParam(Param.SelfStakePerNode, PER_NODE * 3 / 2 + 1);
        _assertActive(providerId, nodeIds);

        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(
            providerId, nodeIds[2], NodeStatus.Active, NodeStatus.Draining
        );
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(
            providerId, nodeIds[1], NodeStatus.Active, NodeStatus.Draining
        );
        vm.prank(stranger);
        registry.checkSelfStake(providerId);
        _assertActive(providerId, _ids(nodeIds[0]));
    }

    function test_DrainsAsManyAsThereCanBe() external {
        _changeParam(Param.NodesPerProviderMax, 128);
        _activeNodes(providerId, 128);
        _changeParam(Param.NodesPerProviderMax, 1);
        _takeSelfStake(providerId, 0);
        _assertActive(providerId, _ids());
    }

    function test_DrainsWhileJailed() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + 1));
        _takeSelfStake(providerId, PER_NODE - 1);
        _assertStatus(nodeId, NodeStatus.Draining);
    }

    function test_LeavesTheDateOfANodeThatDrains() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        _takeSelfStake(providerId, PER_NODE);
        uint64 retireAt = registry.nodeOf(nodeIds[1]).retireAt;
        skip(1 days);
        _takeSelfStake(providerId, 0);
        assertEq(registry.nodeOf(nodeIds[1]).retireAt, retireAt);
        assertEq(registry.nodeOf(nodeIds[0]).retireAt, block.timestamp + TOP_UP);
    }

    function testFuzz_KeepsTheOldestThatAreCovered(uint256 count, uint256 left) external {
        count = bound(count, 1, NODES_MAX);
        left = bound(left, 0, count * PER_NODE - 1);
        uint64[] memory nodeIds = _activeNodes(providerId, count);
        _takeSelfStake(providerId, left);

        uint64[] memory active = registry.activeNodesOf(providerId);
        assertLe(active.length * PER_NODE, left);
        assertGt((active.length + 1) * PER_NODE, left);
        for (uint256 i = 0; i < count; ++i) {
            if (i < active.length) assertEq(active[i], nodeIds[i]);
            else _assertStatus(nodeIds[i], NodeStatus.Draining);
        }
    }
}
