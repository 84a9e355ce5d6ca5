// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

/// @notice Each rule at its limit and one past it.
contract Rules_ParamStore_Test is ParamStoreFixture {
    function test_RevertGiven_DelegatorsLeaveBeforeDisputesEnd() external {
        _expectBroken("unbonding covers disputes", 21 days - 1, 21 days);
        _announce(_one(Param.UnbondingDelegatorSeconds, 21 days - 1), 1);
        _announce(_one(Param.UnbondingDelegatorSeconds, 21 days), 1);
    }

    function test_RevertGiven_AnyPartOfADisputeOutlastsUnbonding() external {
        _change(_one(Param.UnbondingDelegatorSeconds, 21 days));
        _expectDisputeBreaks(Param.EpochSeconds);
        _expectDisputeBreaks(Param.RootDelaySeconds);
        _expectDisputeBreaks(Param.DisputeOpenSeconds);
        _expectDisputeBreaks(Param.DisputeResolveSeconds);
    }

    function test_RevertGiven_ProvidersLeaveBeforeDelegators() external {
        _expectBroken("provider leaves last", 22 days - 1, 22 days);
        _announce(_one(Param.UnbondingSelfSeconds, 22 days - 1), 1);
        _announce(_one(Param.UnbondingSelfSeconds, 22 days), 1);
    }

    function test_RevertGiven_ARiseExceedsTheCommission() external {
        _expectBroken("rise fits under commission", 49_999, 50_000);
        _announce(_one(Param.CommissionMaxPpm, 49_999), 1);
        _expectBroken("rise fits under commission", 1, 2);
        _announce(_two(Param.CommissionMaxPpm, 1, Param.CommissionRiseMaxPpm, 2), 1);
        _announce(_one(Param.CommissionMaxPpm, 50_000), 1);
        _cancel();
        _announce(_two(Param.CommissionMaxPpm, 1, Param.CommissionRiseMaxPpm, 1), 1);
    }

    function test_AnyRiseFitsWithoutCommission() external {
        _announce(_one(Param.CommissionMaxPpm, 0), 1);
    }

    function test_RevertGiven_FeePartsDoNotSumToOne() external {
        for (uint256 i = uint256(Param.FeeProvidersPpm); i <= uint256(Param.FeeBurnPpm); ++i) {
            uint256 value = params.get(Param(i));
            _expectBroken("fee split sums to one", 1_000_001, 1_000_000);
            _announce(_one(Param(i), value + 1), 1);
            _expectBroken("fee split sums to one", 999_999, 1_000_000);
            _announce(_one(Param(i), value - 1), 1);
        }
    }

    function test_FeePartsMayMoveFromOneToAnother() external {
        uint256 providers = params.get(Param.FeeProvidersPpm);
        for (uint256 i = uint256(Param.FeeTreasuryPpm); i <= uint256(Param.FeeBurnPpm); ++i) {
            uint256 part = params.get(Param(i));
            _announce(_two(Param.FeeProvidersPpm, providers - 1, Param(i), part + 1), 1);
            _cancel();
        }
    }

    function test_RevertGiven_PayingOneselfBreaksEven() external {
        IParamStore.Change[] memory changes = _splitWith(1_000_000, 0);
        _expectBroken("washing traffic loses", 1e12 - 1, 1e12);
        _announce(changes, 1);
        changes = _splitWith(806_452, 240_000);
        _expectBroken("washing traffic loses", 1e12 - 1, 806_452 * 1_240_000);
        _announce(changes, 1);
    }

    function test_PayingOneselfMayLoseVeryLittle() external {
        // 999,999 × 1,000,001 is one less than a whole.
        _announce(_splitWith(999_999, 1), 1);
        _cancel();
        _announce(_splitWith(806_451, 240_000), 1);
    }

    function testFuzz_PayingOneselfAlwaysLoses(uint256 providers, uint256 discount) external {
        providers = bound(providers, 600_000, 1_000_000);
        discount = bound(discount, 0, 240_000);
        bool loses = providers * (1_000_000 + discount) < 1e12;
        vm.prank(governor);
        (bool done, bytes memory reason) =
            address(params).call(abi.encodeCall(params.announce, (_splitWith(providers, discount), 1)));
        assertEq(done, loses);
        if (!done) assertEq(bytes4(reason), IParamStore.ParamStoreRuleBroken.selector);
    }

    function test_RevertGiven_WithdrawalsOutrunCharges() external {
        _expectBroken("withdrawal waits for charges", 36 hours - 1, 36 hours);
        _announce(_one(Param.WithdrawDelaySeconds, 36 hours - 1), 1);
        _change(_one(Param.WithdrawDelaySeconds, 36 hours));

        uint64 next = params.currentEpoch() + 1;
        _expectBroken("withdrawal waits for charges", 36 hours, 36 hours + 2);
        _announce(_one(Param.ChargePeriodSeconds, 12 hours + 1), next);
        _expectBroken("withdrawal waits for charges", 36 hours, 36 hours + 1);
        _announce(_one(Param.ChargeDelaySeconds, 12 hours + 1), next);
    }

    function test_RevertGiven_TheSmallestLotExceedsTheLargest() external {
        _expectBroken("lots have a range", 300e18 - 1, 300e18);
        _announce(_one(Param.AuctionLotMax, 300e18 - 1), 1);
        _announce(_one(Param.AuctionLotMax, 300e18), 1);
    }

    function test_RevertGiven_ADayMovesLessThanAStep() external {
        _expectBroken("a day moves as far as a step", 200_000 - 1, 200_000);
        _announce(_one(Param.RateDayMoveMaxPpm, 200_000 - 1), 1);
        _announce(_one(Param.RateDayMoveMaxPpm, 200_000), 1);
    }

    function test_RulesAreCheckedOnWhatFollowsFromAllChanges() external {
        _expectBroken("unbonding covers disputes", 14 days, 21 days);
        _announce(_one(Param.UnbondingDelegatorSeconds, 14 days), 1);
        IParamStore.Change[] memory changes =
            _two(Param.UnbondingDelegatorSeconds, 14 days + 1 hours, Param.EpochSeconds, 1 hours);
        _announce(changes, 1);
    }

    function test_RulesCountChangesThatTookEffect() external {
        _change(_one(Param.EpochSeconds, 1 hours));
        _announce(_one(Param.UnbondingDelegatorSeconds, 14 days + 1 hours), 2);
        _cancel();
        _expectBroken("unbonding covers disputes", 14 days + 1 hours - 1, 14 days + 1 hours);
        _announce(_one(Param.UnbondingDelegatorSeconds, 14 days + 1 hours - 1), 2);
    }

    function test_DefaultsForbidTheLongestEpochs() external {
        _expectBroken("unbonding covers disputes", 22 days, 28 days);
        _announce(_one(Param.EpochSeconds, 14 days), 1);
        _announce(_two(Param.EpochSeconds, 14 days, Param.UnbondingDelegatorSeconds, 28 days), 1);
    }

    function _expectDisputeBreaks(Param part) private {
        uint256 value = params.get(part) + 1;
        uint64 next = params.currentEpoch() + 1;
        _expectBroken("unbonding covers disputes", 21 days, 21 days + 1);
        _announce(_one(part, value), next);
    }

    /// @dev A split that sums to one with this part for providers, the rest in parts that may be as large.
    function _splitWith(uint256 providers, uint256 discount)
        private
        pure
        returns (IParamStore.Change[] memory changes)
    {
        uint256 rest = 1_000_000 - providers;
        uint256 treasury = rest < 300_000 ? rest : 300_000;
        changes = new IParamStore.Change[](7);
        changes[0] = IParamStore.Change(Param.FeeProvidersPpm, providers);
        changes[1] = IParamStore.Change(Param.FeeTreasuryPpm, treasury);
        changes[2] = IParamStore.Change(Param.FeeGrantsPpm, rest - treasury);
        changes[3] = IParamStore.Change(Param.FeeAuditorsPpm, 0);
        changes[4] = IParamStore.Change(Param.FeeProtectionPpm, 0);
        changes[5] = IParamStore.Change(Param.FeeBurnPpm, 0);
        changes[6] = IParamStore.Change(Param.AnkrDiscountPpm, discount);
    }
}
