// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract RegisterProvider_ProviderRegistry_Test is ProviderRegistryFixture {
    function test_RevertWhen_RewardsAddressIsZero() external {
        vm.expectRevert(IProviderRegistry.ProviderRegistryZeroAddress.selector);
        registry.registerProvider(address(0), COMMISSION, "");
    }

    function test_RevertWhen_CommissionIsAboveTheMost() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistryCommissionTooHigh.selector,
                COMMISSION_MAX + 1,
                COMMISSION_MAX
            )
        );
        registry.registerProvider(rewardsTo, COMMISSION_MAX + 1, "");
    }

    function test_RevertWhen_MetadataIsTooLong() external {
        _expectBadProfile("metadata too long");
        registry.registerProvider(rewardsTo, COMMISSION, string(new bytes(513)));
    }

    function test_CallerBecomesTheOwner() external {
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ProviderRegistered(1, owner, rewardsTo, COMMISSION, "ipfs://provider");
        vm.prank(owner);
        uint64 providerId = registry.registerProvider(rewardsTo, COMMISSION, "ipfs://provider");

        IProviderRegistry.Provider memory provider = registry.providerOf(providerId);
        assertEq(provider.owner, owner);
        assertEq(provider.pendingOwner, address(0));
        assertEq(provider.rewardsTo, rewardsTo);
        assertEq(provider.metadataUri, "ipfs://provider");
        assertEq(registry.ownerOf(providerId), owner);
        assertEq(registry.rewardsToOf(providerId), rewardsTo);
        assertTrue(registry.exists(providerId));
    }

    function test_IdsCountFromOne() external {
        assertEq(registry.providerCount(), 0);
        assertEq(registry.registerProvider(rewardsTo, COMMISSION, ""), 1);
        assertEq(registry.registerProvider(rewardsTo, COMMISSION, ""), 2);
        assertEq(registry.providerCount(), 2);
        assertFalse(registry.exists(0));
        assertFalse(registry.exists(3));
    }

    function test_CommissionCountsFromTheRunningEpoch() external {
        _skipEpochs(3);
        uint64 epoch = params.currentEpoch();
        uint64 providerId = _newProvider();

        assertEq(registry.commissionAt(providerId, epoch - 1), COMMISSION);
        assertEq(registry.commissionAt(providerId, epoch), COMMISSION);
        (uint256 ppm, uint64 fromEpoch) = registry.lastCommissionOf(providerId);
        assertEq(ppm, COMMISSION);
        assertEq(fromEpoch, epoch);
    }

    function test_TakesTheHighestCommissionAndTheLongestMetadata() external {
        uint64 providerId = registry.registerProvider(rewardsTo, COMMISSION_MAX, string(new bytes(512)));
        assertEq(registry.commissionAt(providerId, params.currentEpoch()), COMMISSION_MAX);
        assertEq(bytes(registry.providerOf(providerId).metadataUri).length, 512);
    }

    function test_TakesNoCommissionAndNoMetadata() external {
        uint64 providerId = registry.registerProvider(rewardsTo, 0, "");
        assertEq(registry.commissionAt(providerId, params.currentEpoch()), 0);
        assertEq(registry.providerOf(providerId).metadataUri, "");
    }

    function test_BeginsWithNothing() external {
        vm.prank(owner);
        uint64 providerId = registry.registerProvider(rewardsTo, COMMISSION, "");
        assertFalse(registry.isOperator(providerId, owner));
        assertFalse(registry.isJailed(providerId));
        assertEq(registry.providerOf(providerId).jailedUntil, 0);
        assertEq(registry.nodesOf(providerId).length, 0);
        assertEq(registry.activeNodesOf(providerId).length, 0);
    }
}
