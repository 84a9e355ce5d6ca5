// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract AcceptOwnership_ProviderRegistry_Test is ProviderRegistryFixture {
    address private heir = makeAddr("heir");
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        vm.prank(heir);
        registry.acceptOwnership(2);
    }

    function test_RevertWhen_CallerWasNotOffered() external {
        _expectNotOwner(providerId, stranger);
        vm.prank(stranger);
        registry.acceptOwnership(providerId);
    }

    function test_RevertWhen_OwnerAcceptsForAnother() external {
        vm.startPrank(owner);
        registry.offerOwnership(providerId, heir);
        _expectNotOwner(providerId, owner);
        registry.acceptOwnership(providerId);
        vm.stopPrank();
    }

    function test_TheHeirOwns() external {
        vm.prank(owner);
        registry.offerOwnership(providerId, heir);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.OwnershipAccepted(providerId, owner, heir);
        vm.prank(heir);
        registry.acceptOwnership(providerId);

        assertEq(registry.ownerOf(providerId), heir);
        assertEq(registry.providerOf(providerId).pendingOwner, address(0));
        _expectNotOwner(providerId, owner);
        vm.prank(owner);
        registry.setRewardsTo(providerId, owner);
        _expectNotOperator(providerId, owner);
        vm.prank(owner);
        registry.setMetadata(providerId, "");
        vm.prank(heir);
        registry.setRewardsTo(providerId, heir);
        assertEq(registry.rewardsToOf(providerId), heir);
    }

    function test_RevertWhen_AcceptedTwice() external {
        _pass(owner, heir);
        _expectNotOwner(providerId, heir);
        vm.prank(heir);
        registry.acceptOwnership(providerId);
    }

    function test_OperatorsLapse() external {
        _pass(owner, heir);
        assertFalse(registry.isOperator(providerId, operator));
        _expectNotOperator(providerId, operator);
        vm.prank(operator);
        registry.setMetadata(providerId, "");

        vm.prank(heir);
        registry.setOperator(providerId, operator, true);
        assertTrue(registry.isOperator(providerId, operator));
    }

    function test_OperatorsStayLapsedWhenOwnershipComesBack() external {
        _pass(owner, heir);
        _pass(heir, owner);
        assertEq(registry.ownerOf(providerId), owner);
        assertFalse(registry.isOperator(providerId, operator));
    }

    function test_KeepsEverythingElse() external {
        uint64[] memory nodeIds = _activeNodes(providerId, 2);
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + 1 days));
        vm.prank(owner);
        registry.announceCommission(providerId, 0);
        _pass(owner, heir);

        _assertActive(providerId, nodeIds);
        assertEq(registry.nodesOf(providerId).length, 2);
        assertTrue(registry.isJailed(providerId));
        assertEq(registry.rewardsToOf(providerId), rewardsTo);
        (uint256 ppm,) = registry.lastCommissionOf(providerId);
        assertEq(ppm, 0);
    }

    function _pass(address from, address to) private {
        vm.prank(from);
        registry.offerOwnership(providerId, to);
        vm.prank(to);
        registry.acceptOwnership(providerId);
    }
}
