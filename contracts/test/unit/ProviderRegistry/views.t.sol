// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract Views_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private constant UNKNOWN = 7;

    function test_OfAnUnknownIdWhatIsYesOrNoIsNo() external view {
        assertFalse(registry.exists(UNKNOWN));
        assertFalse(registry.isOperator(UNKNOWN, address(0)));
        assertFalse(registry.isJailed(UNKNOWN));
        assertFalse(registry.isServing(UNKNOWN));
        assertEq(registry.nodeOfKey(address(0)), 0);
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(UNKNOWN);
        registry.providerOf(UNKNOWN);
        _expectUnknownProvider(UNKNOWN);
        registry.ownerOf(UNKNOWN);
        _expectUnknownProvider(UNKNOWN);
        registry.rewardsToOf(UNKNOWN);
        _expectUnknownProvider(UNKNOWN);
        registry.commissionAt(UNKNOWN, 0);
        _expectUnknownProvider(UNKNOWN);
        registry.lastCommissionOf(UNKNOWN);
        _expectUnknownProvider(UNKNOWN);
        registry.nodesOf(UNKNOWN);
        _expectUnknownProvider(UNKNOWN);
        registry.activeNodesOf(UNKNOWN);
    }

    function test_RevertGiven_NodeUnknown() external {
        _expectUnknownNode(0);
        registry.nodeOf(0);
        _expectUnknownNode(UNKNOWN);
        registry.nodeOf(UNKNOWN);
        _expectUnknownNode(UNKNOWN);
        registry.profileOf(UNKNOWN);
    }

    function test_RevertWhen_TheEpochIsBeyondAllCounting() external {
        uint64 providerId = _newProvider();
        assertEq(registry.commissionAt(providerId, type(uint48).max), COMMISSION);
        uint64 beyond = uint64(type(uint48).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 48, beyond));
        registry.commissionAt(providerId, beyond);
    }

    function test_KnowsItsNeighboursAndItsDomain() external view {
        assertEq(address(registry.params()), address(params));
        assertEq(registry.authority(), address(manager));
        (, string memory name, string memory version, uint256 chainId, address verifying,,) =
            registry.eip712Domain();
        assertEq(name, "MooringProviderRegistry");
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifying, address(registry));
    }
}
