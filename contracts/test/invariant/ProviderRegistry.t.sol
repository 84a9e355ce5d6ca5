// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { IProviderRegistry, NodeStatus } from "../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryHandler } from "./ProviderRegistryHandler.sol";

/// @notice
/// 1. Self-stake covers every active node.
/// 2. The list of active nodes holds exactly the nodes whose status is Active, each once.
/// 3. A retired node never comes back.
/// 4. A key never changes its node.
/// 5. The commission of an epoch that has begun never changes, and none is above the most allowed.
/// 6. Only a draining node has a date of retirement.
contract ProviderRegistryInvariants is Test {
    ProviderRegistryHandler private handler;
    IProviderRegistry private registry;

    function setUp() external {
        handler = new ProviderRegistryHandler();
        handler.setUp();
        registry = IProviderRegistry(handler.registryAddress());

        bytes4[] memory selectors = new bytes4[](16);
        selectors[0] = handler.registerNode.selector;
        selectors[1] = handler.rotateNodeKey.selector;
        selectors[2] = handler.requestAudit.selector;
        selectors[3] = handler.judge.selector;
        selectors[4] = handler.bringIntoService.selector;
        selectors[5] = handler.activateNode.selector;
        selectors[6] = handler.drainNode.selector;
        selectors[7] = handler.retireByProvider.selector;
        selectors[8] = handler.retireByAnyone.selector;
        selectors[9] = handler.raiseSelfStake.selector;
        selectors[10] = handler.lowerSelfStake.selector;
        selectors[11] = handler.changePriceOfANode.selector;
        selectors[12] = handler.jail.selector;
        selectors[13] = handler.announceCommission.selector;
        selectors[14] = handler.letTimePass.selector;
        selectors[15] = handler.unstakeSelf.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
        targetContract(address(handler));
    }

    /// @dev One campaign and one pass over the nodes, or it takes many times as long.
    /// forge-config: default.invariant.runs = 32
    function invariant_StakeListsAndStatusesAgree() external view {
        uint256 perNode = handler.perNode();
        uint256 listed = 0;
        for (uint64 id = 1; id <= handler.PROVIDERS(); ++id) {
            uint64[] memory active = registry.activeNodesOf(id);
            listed += active.length;
            assertLe(active.length * perNode, handler.selfStakeOf(id), "self-stake covers active nodes");
            _assertListedOnceAndActive(id, active);
        }
        uint256 counted = 0;
        for (uint64 nodeId = 1; nodeId <= registry.nodeCount(); ++nodeId) {
            IProviderRegistry.Node memory node = registry.nodeOf(nodeId);
            if (node.status == NodeStatus.Active) ++counted;
            assertEq(node.status == NodeStatus.Retired, handler.retired(nodeId), "retired for ever");
            assertTrue(node.retireAt == 0 || node.status == NodeStatus.Draining, "date of retirement");
        }
        assertEq(listed, counted, "every active node is listed");
    }

    /// @dev What never changes is compared once, at the end of a run, with what was seen on the way.
    function afterInvariant() external view {
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            address key = handler.keys(i);
            assertEq(registry.nodeOfKey(key), handler.nodeOfKey(key), "a key keeps its node");
        }
        uint64 current = handler.currentEpoch();
        for (uint64 id = 1; id <= handler.PROVIDERS(); ++id) {
            for (uint64 epoch = 0; epoch <= current; ++epoch) {
                uint256 commission = registry.commissionAt(id, epoch);
                assertEq(commission, handler.commissionSeen(id, epoch), "commission as it began");
                assertLe(commission, handler.commissionMax(), "highest commission");
            }
        }
    }

    function _assertListedOnceAndActive(uint64 id, uint64[] memory active) private view {
        for (uint256 i = 0; i < active.length; ++i) {
            IProviderRegistry.Node memory node = registry.nodeOf(active[i]);
            assertEq(uint256(node.status), uint256(NodeStatus.Active), "listed is active");
            assertEq(node.providerId, id, "listed with its provider");
            for (uint256 j = 0; j < i; ++j) {
                assertNotEq(active[i], active[j], "listed once");
            }
        }
    }
}
