// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract OfferOwnership_ProviderRegistry_Test is ProviderRegistryFixture {
    address private heir = makeAddr("heir");
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        registry.offerOwnership(2, heir);
    }

    function test_RevertWhen_CallerIsNotTheOwner() external {
        _expectNotOwner(providerId, operator);
        vm.prank(operator);
        registry.offerOwnership(providerId, heir);
    }

    function test_NotesWhoMayAccept() external {
        vm.expectEmit(address(registry));
        emit IProviderRegistry.OwnershipOffered(providerId, owner, heir);
        vm.prank(owner);
        registry.offerOwnership(providerId, heir);

        assertEq(registry.providerOf(providerId).pendingOwner, heir);
        assertEq(registry.ownerOf(providerId), owner);
        assertTrue(registry.isOperator(providerId, operator));
    }

    function test_ReplacesAnEarlierOffer() external {
        vm.startPrank(owner);
        registry.offerOwnership(providerId, stranger);
        registry.offerOwnership(providerId, heir);
        vm.stopPrank();

        _expectNotOwner(providerId, stranger);
        vm.prank(stranger);
        registry.acceptOwnership(providerId);
        assertEq(registry.providerOf(providerId).pendingOwner, heir);
    }

    function test_ZeroTakesTheOfferBack() external {
        vm.startPrank(owner);
        registry.offerOwnership(providerId, heir);
        registry.offerOwnership(providerId, address(0));
        vm.stopPrank();

        _expectNotOwner(providerId, heir);
        vm.prank(heir);
        registry.acceptOwnership(providerId);
    }
}
