// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract AdmitNode_ProviderRegistry_Test is ProviderRegistryFixture {
    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(1);
        vm.prank(admissions);
        registry.admitNode(1);
    }

    function test_RevertWhen_CallerMayNot() external {
        uint64 nodeId = _candidateNode(_newProvider());
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, owner));
        vm.prank(owner);
        registry.admitNode(nodeId);
    }

    function test_RevertGiven_AnyOtherStatus() external {
        for (uint256 i = uint256(NodeStatus.Registered); i <= uint256(NodeStatus.Retired); ++i) {
            if (NodeStatus(i) == NodeStatus.Candidate) continue;
            uint64 nodeId = _nodeIn(_newProvider(), NodeStatus(i));
            _expectWrongStatus(nodeId, NodeStatus(i));
            vm.prank(admissions);
            registry.admitNode(nodeId);
        }
    }

    function test_IsAdmitted() external {
        uint64 providerId = _newProvider();
        uint64 nodeId = _candidateNode(providerId);
        skip(1 hours);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(
            providerId, nodeId, NodeStatus.Candidate, NodeStatus.Admitted
        );
        vm.prank(admissions);
        registry.admitNode(nodeId);

        _assertStatus(nodeId, NodeStatus.Admitted);
        assertEq(registry.nodeOf(nodeId).statusSince, block.timestamp);
        assertFalse(registry.isServing(nodeId));
        _assertActive(providerId, _ids());
    }
}
