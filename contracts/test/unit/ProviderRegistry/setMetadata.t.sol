// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract SetMetadata_ProviderRegistry_Test is ProviderRegistryFixture {
    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(1);
        registry.setMetadata(1, "");
    }

    function test_RevertWhen_CallerIsAStranger() external {
        uint64 providerId = _newProvider();
        _expectNotOperator(providerId, stranger);
        vm.prank(stranger);
        registry.setMetadata(providerId, "");
    }

    function test_RevertWhen_MetadataIsTooLong() external {
        uint64 providerId = _newProvider();
        _expectBadProfile("metadata too long");
        vm.prank(owner);
        registry.setMetadata(providerId, string(new bytes(513)));
    }

    function test_OwnerSetsMetadata() external {
        uint64 providerId = _newProvider();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.MetadataSet(providerId, "ipfs://new");
        vm.prank(owner);
        registry.setMetadata(providerId, "ipfs://new");
        assertEq(registry.providerOf(providerId).metadataUri, "ipfs://new");
    }

    function test_OperatorSetsTheLongestMetadata() external {
        uint64 providerId = _newProvider();
        vm.prank(operator);
        registry.setMetadata(providerId, string(new bytes(512)));
        assertEq(bytes(registry.providerOf(providerId).metadataUri).length, 512);
    }
}
