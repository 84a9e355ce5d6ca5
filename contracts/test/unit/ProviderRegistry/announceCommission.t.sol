// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "./ProviderRegistryFixture.sol";

contract AnnounceCommission_ProviderRegistry_Test is ProviderRegistryFixture {
    uint64 private providerId;
    uint64 private epoch;

    function setUp() public override {
        super.setUp();
        _skipEpochs(4);
        providerId = _newProvider();
        epoch = params.currentEpoch();
    }

    function test_RevertGiven_ProviderUnknown() external {
        _expectUnknownProvider(2);
        registry.announceCommission(2, 0);
    }

    function test_RevertWhen_CallerIsNotTheOwner() external {
        _expectNotOwner(providerId, operator);
        vm.prank(operator);
        registry.announceCommission(providerId, 0);
    }

    function test_RevertWhen_CommissionIsAboveTheMost() external {
        vm.prank(owner);
        providerId = registry.registerProvider(rewardsTo, COMMISSION_MAX, "");
        _expectTooHigh(COMMISSION_MAX + 1, COMMISSION_MAX);
        _announce(COMMISSION_MAX + 1);
    }

    function test_RevertWhen_CommissionIsUnchanged() external {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryCommissionUnchanged.selector, COMMISSION)
        );
        _announce(COMMISSION);
    }

    function test_RevertWhen_RiseIsTooBig() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistryCommissionRiseTooBig.selector, RISE_MAX + 1, RISE_MAX
            )
        );
        _announce(COMMISSION + RISE_MAX + 1);
    }

    function test_RevertGiven_ARiseIsWaiting() external {
        uint64 effective = _announce(COMMISSION + 1);
        _expectWaiting(effective);
        _announce(0);

        vm.warp(params.epochStart(effective) - 1);
        _expectWaiting(effective);
        _announce(COMMISSION + 2);
    }

    function test_TakesAnotherOnceTheRiseIsInForce() external {
        uint64 effective = _announce(COMMISSION + 1);
        vm.warp(params.epochStart(effective));
        assertEq(_announce(0), effective + 1);
        assertEq(registry.commissionAt(providerId, effective), COMMISSION + 1);
        assertEq(registry.commissionAt(providerId, effective + 1), 0);
    }

    function test_RevertGiven_ACutIsWaiting() external {
        uint64 effective = _announce(COMMISSION - 1);
        vm.warp(params.epochStart(effective) - 1);
        _expectWaiting(effective);
        _announce(0);
        vm.warp(params.epochStart(effective));
        assertEq(_announce(0), effective + 1);
    }

    function test_ARiseTakesEffectAfterTwoWholeEpochs() external {
        vm.expectEmit(address(registry));
        emit IProviderRegistry.CommissionAnnounced(providerId, COMMISSION, COMMISSION + RISE_MAX, epoch + 3);
        assertEq(_announce(COMMISSION + RISE_MAX), epoch + 3);

        assertEq(registry.commissionAt(providerId, epoch + 2), COMMISSION);
        assertEq(registry.commissionAt(providerId, epoch + 3), COMMISSION + RISE_MAX);
        assertEq(registry.commissionAt(providerId, type(uint48).max), COMMISSION + RISE_MAX);
        (uint256 ppm, uint64 fromEpoch) = registry.lastCommissionOf(providerId);
        assertEq(ppm, COMMISSION + RISE_MAX);
        assertEq(fromEpoch, epoch + 3);
    }

    function test_TheRunningEpochIsNoNotice() external {
        vm.warp(params.epochStart(epoch + 1) - 1);
        assertEq(_announce(COMMISSION + 1), epoch + 3);
        vm.warp(params.epochStart(epoch + 3));
        assertEq(_announce(COMMISSION + 2), epoch + 6);
    }

    function test_RisesToTheMost() external {
        vm.prank(owner);
        providerId = registry.registerProvider(rewardsTo, COMMISSION_MAX - RISE_MAX, "");
        uint64 effective = _announce(COMMISSION_MAX);
        assertEq(registry.commissionAt(providerId, effective), COMMISSION_MAX);
    }

    function test_ACutTakesEffectWithTheNextEpoch() external {
        vm.expectEmit(address(registry));
        emit IProviderRegistry.CommissionAnnounced(providerId, COMMISSION, 0, epoch + 1);
        assertEq(_announce(0), epoch + 1);
        assertEq(registry.commissionAt(providerId, epoch), COMMISSION);
        assertEq(registry.commissionAt(providerId, epoch + 1), 0);
    }

    function test_AHigherCommissionThanAllowedStaysUntilCut() external {
        _changeParam(Param.CommissionMaxPpm, COMMISSION / 2);
        uint64 current = params.currentEpoch();
        assertEq(registry.commissionAt(providerId, current), COMMISSION);
        _expectTooHigh(COMMISSION - 1, COMMISSION / 2);
        _announce(COMMISSION - 1);
        assertEq(_announce(COMMISSION / 2), current + 1);
    }

    function testFuzz_AcceptsByTheRules(uint256 from, uint256 to) external {
        from = bound(from, 0, COMMISSION_MAX);
        to = bound(to, 0, COMMISSION_MAX + RISE_MAX);
        vm.prank(owner);
        providerId = registry.registerProvider(rewardsTo, from, "");

        bool legal = to <= COMMISSION_MAX && to != from && (to < from || to - from <= RISE_MAX);
        if (!legal) vm.expectPartialRevert(_refusal(from, to));
        uint64 effective = _announce(to);
        if (!legal) return;
        assertEq(effective, epoch + 1 + (to > from ? uint64(NOTICE) : 0));
        assertEq(registry.commissionAt(providerId, effective - 1), from);
        assertEq(registry.commissionAt(providerId, effective), to);
    }

    function testFuzz_AnEpochThatHasBegunNeverChanges(uint256[16] memory wanted, uint8[16] memory skips)
        external
    {
        uint256[] memory seen = new uint256[](256);
        for (uint256 i = 0; i < wanted.length; ++i) {
            (uint256 ppm, uint64 fromEpoch) = registry.lastCommissionOf(providerId);
            uint256 most = ppm + RISE_MAX < COMMISSION_MAX ? ppm + RISE_MAX : COMMISSION_MAX;
            uint256 next = bound(wanted[i], 0, most);
            if (fromEpoch <= params.currentEpoch() && next != ppm) _announce(next);
            for (uint256 skip = bound(skips[i], 0, 4); skip > 0; --skip) {
                _skipEpochs(1);
                uint64 current = params.currentEpoch();
                seen[current] = registry.commissionAt(providerId, current);
            }
        }
        for (uint64 past = epoch + 1; past <= params.currentEpoch(); ++past) {
            assertEq(registry.commissionAt(providerId, past), seen[past]);
        }
    }

    function _announce(uint256 commissionPpm) private returns (uint64) {
        vm.prank(owner);
        return registry.announceCommission(providerId, commissionPpm);
    }

    function _refusal(uint256 from, uint256 to) private pure returns (bytes4) {
        if (to > COMMISSION_MAX) return IProviderRegistry.ProviderRegistryCommissionTooHigh.selector;
        if (to == from) return IProviderRegistry.ProviderRegistryCommissionUnchanged.selector;
        return IProviderRegistry.ProviderRegistryCommissionRiseTooBig.selector;
    }

    function _expectTooHigh(uint256 commissionPpm, uint256 max) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistryCommissionTooHigh.selector, commissionPpm, max
            )
        );
    }

    function _expectWaiting(uint64 effective) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryCommissionWaiting.selector, effective)
        );
    }
}
