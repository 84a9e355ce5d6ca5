// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IProviderRegistry, NodeStatus } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract Regressions_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;

    function setUp() public override {
        super.setUp();
        providerId = _newProvider();
    }

    // A registered validator's status was left unset, so it could never be activated.
    function test_Regression_Veridise_VUL007_AFreshNodeHasAStatusThatLeadsToActive() external {
        uint64 nodeId = _registeredNode(providerId);
        _assertStatus(nodeId, NodeStatus.Registered);
        _giveSelfStake(providerId, PER_NODE);
        vm.prank(operator);
        registry.requestAudit(nodeId);
        vm.prank(admissions);
        registry.admitNode(nodeId);
        vm.prank(operator);
        registry.activateNode(nodeId);
        assertTrue(registry.isServing(nodeId));
    }

    // Registration booked a stake that nobody had paid.
    function test_Regression_Beosin_1_RegistrationBooksNoStake() external {
        uint64 nodeId = _admittedNode(providerId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistrySelfStakeTooSmall.selector, providerId, 0, PER_NODE
            )
        );
        vm.prank(operator);
        registry.activateNode(nodeId);
    }

    // Removing a provider stranded those who had delegated to it.
    function test_Regression_Beosin_3_AProviderWithoutNodesStrandsNobody() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        _giveDelegation(providerId, stranger, PER_NODE);
        vm.startPrank(owner);
        registry.drainNode(nodeId);
        registry.retireNode(nodeId);
        vm.stopPrank();
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + JAIL_MAX));

        (uint256 self, uint256 delegated) = _leave(providerId, stranger);
        assertTrue(registry.isJailed(providerId));
        assertEq(self, PER_NODE);
        assertEq(delegated, PER_NODE);
        assertTrue(registry.exists(providerId));
        assertEq(registry.rewardsToOf(providerId), rewardsTo);
    }

    // Slashing reverted when more was asked for than there was, here by way of the nodes it takes from service.
    function test_Regression_OZ_M05_ASlashOfEverythingDrainsEveryNode() external {
        _activeNodes(providerId, 3);
        _takeSelfStake(providerId, 0);
        assertEq(registry.activeNodesOf(providerId).length, 0);
    }

    // Creating a provision a second time overwrote its cut and its thawing period with zero.
    function test_Regression_OZ_H05_RegisteringAgainOverwritesNothing() external {
        (address key, uint256 secret) = _newKey();
        bytes memory proof = _keyProof(providerId, key, secret);
        vm.startPrank(owner);
        uint64 nodeId = registry.registerNode(providerId, _profile(), key, proof);
        uint64 second = registry.registerProvider(stranger, 0, "");
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryKeyTaken.selector);
        registry.registerNode(providerId, _profile(), key, proof);
        registry.announceCommission(providerId, COMMISSION + RISE_MAX);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryCommissionWaiting.selector);
        registry.announceCommission(providerId, 0);
        vm.stopPrank();

        assertNotEq(second, providerId);
        assertEq(registry.rewardsToOf(providerId), rewardsTo);
        assertEq(registry.commissionAt(providerId, params.currentEpoch()), COMMISSION);
        assertEq(registry.nodeOfKey(key), nodeId);
    }

    // A cut above 100 % made every slash and split revert.
    function test_Regression_OZ_H02_NoCommissionAboveTheMost(uint256 commissionPpm) external {
        commissionPpm = bound(commissionPpm, COMMISSION_MAX + 1, type(uint256).max);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryCommissionTooHigh.selector);
        registry.registerProvider(rewardsTo, commissionPpm, "");
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryCommissionTooHigh.selector);
        vm.prank(owner);
        registry.announceCommission(providerId, commissionPpm);
    }

    // A huge period overflowed its 64 bits, so that it was over at once.
    function test_Regression_OZ2025_M01_ADateTooFarIsRefusedNotWrapped() external {
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryJailTooLong.selector);
        vm.prank(slasher);
        registry.jail(providerId, type(uint64).max);
        assertFalse(registry.isJailed(providerId));
    }

    // A changed dispute period also moved the ends of disputes that were open.
    function test_Regression_OZ2025_L19_ADateThatWasSetStays() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        _takeSelfStake(providerId, 0);
        uint64 retireAt = registry.nodeOf(nodeId).retireAt;
        _changeParam(Param.TopUpSeconds, 14 days);
        registry.checkSelfStake(providerId);
        assertEq(registry.nodeOf(nodeId).retireAt, retireAt);
    }

    // Loops over lists that grow without bound ran out of gas.
    function test_Regression_Veridise_VUL005_DrainingEveryNodeFitsIntoABlock() external {
        _changeParam(Param.NodesPerProviderMax, 128);
        _activeNodes(providerId, 128);
        _changeParam(Param.SelfStakePerNode, 2 * PER_NODE);
        vm.cool(address(registry));
        uint256 before = gasleft();
        registry.checkSelfStake(providerId);
        assertLt(before - gasleft(), 1_000_000, "gas for 64 nodes");
        assertEq(registry.activeNodesOf(providerId).length, 64);
    }

    // The network keeps the funds' address apart from the hot key, which may run machines and move nothing.
    function test_Regression_Lava_Vault_AnOperatorDirectsNoMoneyAndNoOwnership() external {
        vm.startPrank(operator);
        _expectNotOwner(providerId, operator);
        registry.offerOwnership(providerId, operator);
        _expectNotOwner(providerId, operator);
        registry.setRewardsTo(providerId, operator);
        _expectNotOwner(providerId, operator);
        registry.setOperator(providerId, stranger, true);
        _expectNotOwner(providerId, operator);
        registry.announceCommission(providerId, 0);
        vm.stopPrank();
    }

    // A jailed validator was released by its own owner's call.
    function test_Regression_AnkrBAS_Jail_NothingAnOwnerDoesShortensAJail() external {
        uint64 nodeId = _activeNodes(providerId, 1)[0];
        vm.prank(slasher);
        registry.jail(providerId, uint64(block.timestamp + JAIL_MAX));
        vm.startPrank(owner);
        registry.drainNode(nodeId);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryJailed.selector);
        registry.activateNode(nodeId);
        registry.offerOwnership(providerId, stranger);
        vm.stopPrank();
        vm.startPrank(stranger);
        registry.acceptOwnership(providerId);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryJailed.selector);
        registry.activateNode(nodeId);
        vm.stopPrank();
        assertEq(registry.providerOf(providerId).jailedUntil, block.timestamp + JAIL_MAX);
    }

    // The minimum stake of a supplier is held against what is staked now, not at registration.
    function test_Regression_Pocket_MinStake_StakeShowsOnceForAllNodes() external {
        _giveSelfStake(providerId, PER_NODE);
        uint64 first = _activeNode(providerId);
        uint64 second = _admittedNode(providerId);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistrySelfStakeTooSmall.selector);
        vm.prank(operator);
        registry.activateNode(second);
        vm.startPrank(operator);
        registry.drainNode(first);
        registry.activateNode(second);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistrySelfStakeTooSmall.selector);
        registry.activateNode(first);
        vm.stopPrank();
    }

    // Fees are raised by declaring and waiting, or an operator raises them just before rewards are paid.
    function test_Regression_SSV_Fee_NoRiseReachesRewardsEarnedBeforeOrDuringItsNotice() external {
        uint64 epoch = params.currentEpoch();
        vm.warp(params.epochStart(epoch + 1) - 1);
        vm.prank(owner);
        registry.announceCommission(providerId, COMMISSION + RISE_MAX);
        vm.warp(params.epochStart(epoch + 10));
        for (uint64 earned = epoch; earned <= epoch + 2; ++earned) {
            assertEq(registry.commissionAt(providerId, earned), COMMISSION);
        }
    }

    // A rise in several steps within one notice would pass the bound of a step.
    function test_Regression_SSV_Fee_StepsDoNotAddUpWithinOneNotice() external {
        vm.startPrank(owner);
        uint64 effective = registry.announceCommission(providerId, COMMISSION + RISE_MAX);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryCommissionWaiting.selector);
        registry.announceCommission(providerId, COMMISSION + 2 * RISE_MAX);
        vm.stopPrank();
        assertEq(registry.commissionAt(providerId, effective), COMMISSION + RISE_MAX);
    }

    // Evidence against a key that serves two providers can be used against both.
    function test_Regression_Economy_11_AKeyNeverServesTwoProviders() external {
        uint64 other = _newProviderOf(stranger);
        (address key, uint256 secret) = _newKey();
        bytes memory proof = _keyProof(providerId, key, secret);
        bytes memory otherProof = _keyProof(other, key, secret);
        vm.prank(owner);
        uint64 nodeId = registry.registerNode(providerId, _profile(), key, proof);
        vm.prank(owner);
        registry.retireNode(nodeId);

        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryKeyTaken.selector);
        vm.prank(stranger);
        registry.registerNode(other, _profile(), key, otherProof);
        assertEq(registry.nodeOfKey(key), nodeId);
    }

    // A key could leave by rotation before what it signed was punished.
    function test_Regression_Economy_11_ARotatedKeyStaysLiable() external {
        uint64 nodeId = _registeredNode(providerId);
        address former = registry.nodeOf(nodeId).signingKey;
        for (uint256 i = 0; i < 3; ++i) {
            (address key, uint256 secret) = _newKey();
            bytes memory proof = _keyProof(providerId, key, secret);
            vm.prank(operator);
            registry.rotateNodeKey(nodeId, key, proof);
        }
        vm.prank(operator);
        registry.retireNode(nodeId);
        assertEq(registry.nodeOfKey(former), nodeId);
    }

    // Who copies a proof from a waiting transaction would take the key first.
    function test_Regression_Economy_11_ACopiedProofIsUselessElsewhere() external {
        uint64 thief = _newProviderOf(stranger);
        (address key, uint256 secret) = _newKey();
        bytes memory proof = _keyProof(providerId, key, secret);
        vm.expectPartialRevert(IProviderRegistry.ProviderRegistryBadKeyProof.selector);
        vm.prank(stranger);
        registry.registerNode(thief, _profile(), key, proof);
        vm.prank(owner);
        assertEq(registry.registerNode(providerId, _profile(), key, proof), registry.nodeOfKey(key));
    }
}
