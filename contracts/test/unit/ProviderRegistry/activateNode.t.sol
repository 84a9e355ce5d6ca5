// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract ActivateNode_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(1);
        _activate(1);
    }

    function test_RevertWhen_CallerIsAStranger() external {
        uint64 nodeId = _admittedNode(providerId);
        _giveSelfStake(providerId, PER_NODE);
        _expectNotOperator(providerId, stranger);
        vm.prank(stranger);
        registry.activateNode(nodeId);
    }

    function test_RevertGiven_AnyOtherStatus() external {
        for (uint256 i = uint256(NodeStatus.Registered); i <= uint256(NodeStatus.Retired); ++i) {
            NodeStatus status = NodeStatus(i);
            if (status == NodeStatus.Admitted || status == NodeStatus.Draining) continue;
            uint64 other = _newProvider();
            uint64 nodeId = _nodeIn(other, status);
            _giveSelfStake(other, 3 * PER_NODE);
            _expectWrongStatus(nodeId, status);
            _activate(nodeId);
        }
    }

    function test_RevertGiven_ProviderIsJailed() external {
        uint64 until = _jailFor(1 days);
        uint64 nodeId = _admittedNode(providerId);
        _giveSelfStake(providerId, PER_NODE);
        _expectJailed(until);
        _activate(nodeId);

        vm.warp(until - 1);
        _expectJailed(until);
        _activate(nodeId);
    }

    function test_ActivatesWhenTheJailEnds() external {
        uint64 until = _jailFor(1 days);
        uint64 nodeId = _admittedNode(providerId);
        _giveSelfStake(providerId, PER_NODE);
        vm.warp(until);
        _activate(nodeId);
        assertTrue(registry.isServing(nodeId));
    }

    function test_RevertGiven_TooManyNodes() external {
        _activeNodes(providerId, NODES_MAX);
        _giveSelfStake(providerId, 10 * PER_NODE);
        uint64 nodeId = _admittedNode(providerId);
        _expectTooMany(NODES_MAX);
        _activate(nodeId);
    }

    function test_ALowerMostNumberDrainsNobody() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 3);
        _changeParam(Param.NodesPerProviderMax, 2);
        registry.checkSelfStake(providerId);
        _assertActive(providerId, nodeIds);

        _giveSelfStake(providerId, 10 * PER_NODE);
        uint64 nodeId = _admittedNode(providerId);
        _expectTooMany(2);
        _activate(nodeId);
    }

    function test_RevertGiven_OneUnitShortOfTheFirst() external {
        uint64 nodeId = _admittedNode(providerId);
        _expectTooLittle(0, PER_NODE);
        _activate(nodeId);

        _giveSelfStake(providerId, PER_NODE - 1);
        _expectTooLittle(PER_NODE - 1, PER_NODE);
        _activate(nodeId);
    }

    function test_RevertGiven_OneUnitShortOfTheNext() external {
        _activeNodes(providerId, 2);
        _giveSelfStake(providerId, 3 * PER_NODE - 1);
        uint64 nodeId = _admittedNode(providerId);
        _expectTooLittle(3 * PER_NODE - 1, 3 * PER_NODE);
        _activate(nodeId);
    }

    function test_DelegationDoesNotCount() external {
        _giveDelegation(providerId, stranger, 10 * PER_NODE);
        uint64 nodeId = _admittedNode(providerId);
        _expectTooLittle(0, PER_NODE);
        _activate(nodeId);
    }

    function test_ServesFromTheExactAmountOn() external {
        uint64 first = _admittedNode(providerId);
        uint64 second = _admittedNode(providerId);
        _giveSelfStake(providerId, 2 * PER_NODE);
        skip(1 hours);
        _activate(first);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.NodeStatusChanged(providerId, second, NodeStatus.Admitted, NodeStatus.Active);
        vm.prank(owner);
        registry.activateNode(second);

        _assertStatus(second, NodeStatus.Active);
        assertEq(registry.nodeOf(second).statusSince, block.timestamp);
        assertTrue(registry.isServing(second));
        _assertActive(providerId, _ids(first, second));
    }

    function test_ClearsTheDateOfRetirement() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        _takeSelfStake(providerId, PER_NODE - 1);
        assertEq(registry.nodeOf(nodeId).retireAt, block.timestamp + TOP_UP);

        skip(TOP_UP + 1);
        _giveSelfStake(providerId, PER_NODE);
        _activate(nodeId);
        assertEq(registry.nodeOf(nodeId).retireAt, 0);
        _expectWrongStatus(nodeId, NodeStatus.Active);
        vm.prank(stranger);
        registry.retireNode(nodeId);
    }

    function test_ComesBackAsTheNewest() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        vm.prank(operator);
        registry.drainNode(nodeIds[0]);
        _activate(nodeIds[0]);
        _assertActive(providerId, _ids(nodeIds[1], nodeIds[0]));
    }

    function testFuzz_ActivatesAsManyAsStakeCarries(uint256 selfStake) external {
        selfStake = bound(selfStake, 1, (NODES_MAX + 2) * PER_NODE);
        _giveSelfStake(providerId, selfStake);
        uint256 carried = selfStake / PER_NODE;
        uint256 expected = carried < NODES_MAX ? carried : NODES_MAX;
        for (uint256 i = 0; i < expected; ++i) {
            _activeNode(providerId);
        }
        assertEq(registry.activeNodesOf(providerId).length, expected);

        uint64 nodeId = _admittedNode(providerId);
        if (carried >= NODES_MAX) _expectTooMany(NODES_MAX);
        else _expectTooLittle(selfStake, (expected + 1) * PER_NODE);
        _activate(nodeId);
    }

    function _activate(uint64 nodeId) private {
        vm.prank(operator);
        registry.activateNode(nodeId);
    }

    function _jailFor(uint256 duration) private returns (uint64 until) {
        until = uint64(block.timestamp + duration);
        vm.prank(slasher);
        registry.jail(providerId, until);
    }

    function _expectJailed(uint64 until) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryJailed.selector, providerId, until)
        );
    }

    function _expectTooMany(uint256 max) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryTooManyNodes.selector, providerId, max)
        );
    }

    function _expectTooLittle(uint256 selfStake, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistrySelfStakeTooSmall.selector, providerId, selfStake, needed
            )
        );
    }
}
