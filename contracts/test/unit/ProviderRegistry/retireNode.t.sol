// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract RetireNode_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(1);
        _retire(operator, 1);
    }

    function test_RevertGiven_NodeIsActiveOrRetired() external {
        uint64 active = _nodeIn(providerId, NodeStatus.Active);
        _expectWrongStatus(active, NodeStatus.Active);
        _retire(owner, active);
        uint64 retired = _nodeIn(providerId, NodeStatus.Retired);
        _expectWrongStatus(retired, NodeStatus.Retired);
        _retire(owner, retired);
    }

    function test_RevertGiven_NodeIsActiveOrRetiredAndCallerIsAStranger() external {
        uint64 nodeId = _shortNode();
        skip(TOP_UP);
        _retire(stranger, nodeId);
        _expectWrongStatus(nodeId, NodeStatus.Retired);
        _retire(stranger, nodeId);

        uint64 active = _nodeIn(providerId, NodeStatus.Active);
        _expectWrongStatus(active, NodeStatus.Active);
        _retire(stranger, active);
    }

    function test_OwnerRetiresFromEveryOtherStatus() external {
        for (uint256 i = uint256(NodeStatus.Registered); i < uint256(NodeStatus.Retired); ++i) {
            NodeStatus status = NodeStatus(i);
            if (status == NodeStatus.Active) continue;
            uint64 other = _newProvider();
            uint64 nodeId = _nodeIn(other, status);
            skip(1 hours);
            vm.expectEmit(address(registry));
            emit IProviderRegistry.NodeStatusChanged(other, nodeId, status, NodeStatus.Retired);
            _retire(owner, nodeId);
            _assertStatus(nodeId, NodeStatus.Retired);
            assertEq(registry.nodeOf(nodeId).statusSince, block.timestamp);
            assertEq(registry.nodesOf(other)[0], nodeId);
        }
    }

    function test_OperatorRetires() external {
        uint64 nodeId = _registeredNode(providerId);
        _retire(operator, nodeId);
        _assertStatus(nodeId, NodeStatus.Retired);
    }

    function test_ProviderNeedNotWait() external {
        uint64 nodeId = _shortNode();
        _retire(operator, nodeId);
        _assertStatus(nodeId, NodeStatus.Retired);
        assertEq(registry.nodeOf(nodeId).retireAt, 0);
    }

    function test_RetiresWhileJailed() external {
        uint64 nodeId = _drainingNode(providerId);
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + 1));
        _retire(owner, nodeId);
        _assertStatus(nodeId, NodeStatus.Retired);
    }

    function test_RevertGiven_NoDateOfRetirement() external {
        for (uint256 i = uint256(NodeStatus.Registered); i < uint256(NodeStatus.Retired); ++i) {
            if (NodeStatus(i) == NodeStatus.Active) continue;
            uint64 other = _newProvider();
            uint64 nodeId = _nodeIn(other, NodeStatus(i));
            skip(2 * TOP_UP);
            _expectNotOperator(other, stranger);
            _retire(stranger, nodeId);
        }
    }

    function test_RevertGiven_DateHasNotCome() external {
        uint64 nodeId = _shortNode();
        uint64 retireAt = registry.nodeOf(nodeId).retireAt;
        vm.warp(retireAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistryRetireTooEarly.selector, nodeId, retireAt
            )
        );
        _retire(stranger, nodeId);
    }

    function test_AnyoneRetiresFromTheDateOn() external {
        uint64 nodeId = _shortNode();
        vm.warp(registry.nodeOf(nodeId).retireAt);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(providerId, nodeId, NodeStatus.Draining, NodeStatus.Retired);
        _retire(stranger, nodeId);
        _assertStatus(nodeId, NodeStatus.Retired);
        assertEq(registry.nodeOf(nodeId).retireAt, 0);
    }

    /// @dev A node drained for want of stake.
    function _shortNode() private returns (uint64 nodeId) {
        nodeId = _activeNodes(providerId, 1)[0];
        _takeSelfStake(providerId, PER_NODE - 1);
    }

    function _retire(address caller, uint64 nodeId) private {
        vm.prank(caller);
        registry.retireNode(nodeId);
    }
}
