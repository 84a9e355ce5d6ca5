// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract Jail_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertWhen_CallerIsNotTheSlasher() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, admissions));
        vm.prank(admissions);
        registry.jail(providerId, uint64(block.timestamp + 1));
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        vm.prank(slasher);
        registry.jail(2, uint64(block.timestamp + 1));
    }

    function test_RevertWhen_TheDateHasCome() external {
        _expectOver(uint64(block.timestamp));
        _jail(block.timestamp);
        _expectOver(uint64(block.timestamp - 1));
        _jail(block.timestamp - 1);
    }

    function test_RevertWhen_TheDateIsTooFar() external {
        uint256 max = block.timestamp + JAIL_MAX;
        _expectTooLong(uint64(max + 1), max);
        _jail(max + 1);
        _expectTooLong(type(uint64).max, max);
        _jail(type(uint64).max);
    }

    function test_NeverShortens() external {
        uint256 until = block.timestamp + 2 days;
        _jail(until);
        vm.recordLogs();
        _jail(until);
        _jail(until - 1);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(registry.providerOf(providerId).jailedUntil, until);
    }

    function test_JailsWithoutDraining() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 1);
        uint64 until = uint64(block.timestamp + 1 days);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ProviderJailed(providerId, until);
        _jail(until);

        assertTrue(registry.isJailed(providerId));
        assertEq(registry.providerOf(providerId).jailedUntil, until);
        _assertStatus(nodeIds[0], NodeStatus.Active);
        _assertActive(providerId, nodeIds);
        assertFalse(registry.isServing(nodeIds[0]));
    }

    function test_Prolongs() external {
        uint64 until = uint64(block.timestamp + 1 days);
        _jail(until);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ProviderJailed(providerId, until + 1);
        _jail(until + 1);
        assertEq(registry.providerOf(providerId).jailedUntil, until + 1);
    }

    function test_JailsForAnyTimeAllowed() external {
        _jail(block.timestamp + 1);
        assertTrue(registry.isJailed(providerId));
        _jail(block.timestamp + JAIL_MAX);
        assertEq(registry.providerOf(providerId).jailedUntil, block.timestamp + JAIL_MAX);
    }

    function test_EndsByItself() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        uint256 until = block.timestamp + 1 days;
        _jail(until);
        vm.warp(until - 1);
        assertTrue(registry.isJailed(providerId));
        assertFalse(registry.isServing(nodeId));
        vm.warp(until);
        assertFalse(registry.isJailed(providerId));
        assertTrue(registry.isServing(nodeId));
    }

    function testFuzz_TheDateNeverGoesBack(uint32[8] memory durations) external {
        uint256 latest = 0;
        for (uint256 i = 0; i < durations.length; ++i) {
            uint256 until = block.timestamp + bound(durations[i], 1, JAIL_MAX);
            if (until > latest) latest = until;
            _jail(until);
            assertEq(registry.providerOf(providerId).jailedUntil, latest);
            skip(durations[i] % 3 days);
        }
    }

    function _jail(uint256 until) private {
        vm.prank(slasher);
        registry.jail(providerId, uint64(until));
    }

    function _expectOver(uint64 until) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistryJailOver.selector, until, block.timestamp
            )
        );
    }

    function _expectTooLong(uint64 until, uint256 max) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryJailTooLong.selector, until, max)
        );
    }
}
