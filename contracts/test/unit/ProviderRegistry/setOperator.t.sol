// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract SetOperator_ProviderRegistry_Test is ProviderRegistryFixture {
    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(1);
        registry.setOperator(1, operator, true);
    }

    function test_RevertWhen_CallerIsNotTheOwner() external {
        uint64 providerId = _newProvider();
        _expectNotOwner(providerId, operator);
        vm.prank(operator);
        registry.setOperator(providerId, stranger, true);
    }

    function test_RevertWhen_OperatorIsZero() external {
        uint64 providerId = _newProvider();
        vm.expectRevert(IProviderRegistry.ProviderRegistryZeroAddress.selector);
        vm.prank(owner);
        registry.setOperator(providerId, address(0), true);
    }

    function test_AllowsAnOperatorOfThisProvider() external {
        uint64 providerId = _newProvider();
        uint64 other = _newProvider();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.OperatorSet(providerId, stranger, true);
        vm.prank(owner);
        registry.setOperator(providerId, stranger, true);

        assertTrue(registry.isOperator(providerId, stranger));
        assertTrue(registry.isOperator(providerId, operator));
        assertFalse(registry.isOperator(other, stranger));
        vm.prank(stranger);
        registry.setMetadata(providerId, "");
    }

    function test_DismissesAnOperator() external {
        uint64 providerId = _newProvider();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.OperatorSet(providerId, operator, false);
        vm.prank(owner);
        registry.setOperator(providerId, operator, false);

        assertFalse(registry.isOperator(providerId, operator));
        _expectNotOperator(providerId, operator);
        vm.prank(operator);
        registry.setMetadata(providerId, "");
    }
}
