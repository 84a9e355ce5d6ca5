// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract RequestAudit_ProviderRegistry_Test is ProviderRegistryFixture {
    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(1);
        vm.prank(operator);
        registry.requestAudit(1);
    }

    function test_RevertWhen_CallerMayNot() external {
        uint64 providerId = _newProvider();
        uint64 nodeId = _registeredNode(providerId);
        _expectNotOperator(providerId, admissions);
        vm.prank(admissions);
        registry.requestAudit(nodeId);
    }

    function test_RevertGiven_AnyOtherStatus() external {
        for (uint256 i = uint256(NodeStatus.Candidate); i <= uint256(NodeStatus.Retired); ++i) {
            uint64 nodeId = _nodeIn(_newProvider(), NodeStatus(i));
            _expectWrongStatus(nodeId, NodeStatus(i));
            vm.prank(operator);
            registry.requestAudit(nodeId);
        }
    }

    function test_BecomesACandidate() external {
        uint64 providerId = _newProvider();
        uint64 nodeId = _registeredNode(providerId);
        skip(1 hours);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(
            providerId, nodeId, NodeStatus.Registered, NodeStatus.Candidate
        );
        vm.prank(owner);
        registry.requestAudit(nodeId);

        _assertStatus(nodeId, NodeStatus.Candidate);
        assertEq(registry.nodeOf(nodeId).statusSince, block.timestamp);
        assertEq(registry.nodeOf(nodeId).retireAt, 0);
    }
}
