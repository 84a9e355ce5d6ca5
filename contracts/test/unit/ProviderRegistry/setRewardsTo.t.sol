// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract SetRewardsTo_ProviderRegistry_Test is ProviderRegistryFixture {
    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(1);
        registry.setRewardsTo(1, owner);
    }

    function test_RevertWhen_CallerIsNotTheOwner() external {
        uint64 providerId = _newProvider();
        _expectNotOwner(providerId, operator);
        vm.prank(operator);
        registry.setRewardsTo(providerId, operator);
    }

    function test_RevertWhen_AddressIsZero() external {
        uint64 providerId = _newProvider();
        vm.expectRevert(IProviderRegistry.ProviderRegistryZeroAddress.selector);
        vm.prank(owner);
        registry.setRewardsTo(providerId, address(0));
    }

    function test_SendsRewardsThere() external {
        uint64 providerId = _newProvider();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.RewardsToSet(providerId, stranger);
        vm.prank(owner);
        registry.setRewardsTo(providerId, stranger);
        assertEq(registry.rewardsToOf(providerId), stranger);
    }
}
