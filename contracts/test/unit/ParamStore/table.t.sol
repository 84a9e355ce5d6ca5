// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ParamTable } from "../../../src/governance/ParamTable.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

/// @notice Every row of the table, written down a second time.
contract Table_ParamStore_Test is ParamStoreFixture {
    uint256 private constant UNLIMITED = type(uint112).max;
    uint256 private _rows;

    function test_EveryParameterHasItsDefaultAndBounds() external {
        _stakeRows();
        _unbondingRows();
        _escrowRows();
        _feeRows();
        _marketRows();
        assertEq(_rows, PARAM_COUNT);
        assertEq(uint256(type(Param).max) + 1, PARAM_COUNT);
        assertEq(ParamTable.COUNT, PARAM_COUNT);
    }

    function test_EveryDefaultIsInItsBounds() external view {
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            (uint256 value,,, uint256 min, uint256 max) = params.describe(Param(i));
            assertLe(min, value);
            assertLe(value, max);
            assertLe(max, type(uint112).max);
        }
    }

    function test_RevertWhen_AnyValueIsOneBelowItsLeast() external {
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            (,,, uint256 min,) = params.describe(Param(i));
            if (min == 0) continue;
            _expectOutOfBounds(Param(i), min - 1);
            _announce(_one(Param(i), min - 1), 1);
        }
    }

    function test_RevertWhen_AnyValueIsOneAboveItsMost() external {
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            (,,,, uint256 max) = params.describe(Param(i));
            _expectOutOfBounds(Param(i), max + 1);
            _announce(_one(Param(i), max + 1), 1);
            _expectOutOfBounds(Param(i), type(uint256).max);
            _announce(_one(Param(i), type(uint256).max), 1);
        }
    }

    /// @dev At a bound a value may break a rule with the defaults; out of its bounds it is not.
    function test_BoundsThemselvesAreAllowed() external {
        uint256 announced = 0;
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            (,,, uint256 min, uint256 max) = params.describe(Param(i));
            announced += _announceOrBreakARule(_one(Param(i), min));
            announced += _announceOrBreakARule(_one(Param(i), max));
        }
        assertGt(announced, PARAM_COUNT);
    }

    function test_AuctionsStartAtTheFeedOrAboveAndEndAtItOrBelow() external view {
        (,,, uint256 startMin,) = params.describe(Param.AuctionStartPpm);
        (,,,, uint256 floorMax) = params.describe(Param.AuctionFloorPpm);
        assertEq(startMin, 1_000_000);
        assertEq(floorMax, 1_000_000);
    }

    function _announceOrBreakARule(IParamStore.Change[] memory changes) private returns (uint256) {
        vm.prank(governor);
        try params.announce(changes, 1) {
            _cancel();
            return 1;
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IParamStore.ParamStoreRuleBroken.selector);
            return 0;
        }
    }

    function _stakeRows() private {
        _row(Param.EpochSeconds, 7 days, 1 hours, 14 days);
        _row(Param.SelfStakePerNode, 100_000e18, 10_000e18, 1_000_000e18);
        _row(Param.NodesPerProviderMax, 64, 1, 128);
        _row(Param.TopUpSeconds, 7 days, 1 hours, 30 days);
        _row(Param.JailSecondsMax, 30 days, 1 hours, 90 days);
        _row(Param.CommissionMaxPpm, 300_000, 0, 300_000);
        _row(Param.CommissionRiseMaxPpm, 50_000, 1, 50_000);
        _row(Param.CommissionNoticeEpochs, 2, 2, 8);
        _row(Param.DelegationMin, 1_000e18, 1e18, 10_000e18);
        _row(Param.DelegationRatioMax, 16, 1, 50);
        _row(Param.DelegationCapTotal, UNLIMITED, 0, UNLIMITED);
        _row(Param.DelegationCapPerAddress, UNLIMITED, 0, UNLIMITED);
        _row(Param.DelegationCapEndEpoch, 0, 0, 4_294_967_295);
    }

    function _unbondingRows() private {
        _row(Param.UnbondingSelfSeconds, 28 days, 14 days, 60 days);
        _row(Param.UnbondingDelegatorSeconds, 22 days, 14 days, 60 days);
        _row(Param.UnbondingRequestsMax, 32, 1, 64);
        _row(Param.RootDelaySeconds, 48 hours, 24 hours, 7 days);
        _row(Param.DisputeOpenSeconds, 7 days, 1 days, 14 days);
        _row(Param.DisputeResolveSeconds, 5 days, 1 days, 10 days);
    }

    function _escrowRows() private {
        _row(Param.EscrowFirstDepositMin, 1_000e18, 1e18, 100_000e18);
        _row(Param.EscrowTopUpMin, 1e18, 1, 1_000e18);
        _row(Param.ChargePeriodSeconds, 12 hours, 1 hours, 24 hours);
        _row(Param.ChargeDelaySeconds, 12 hours, 1 hours, 48 hours);
        _row(Param.WithdrawDelaySeconds, 48 hours, 3 hours, 7 days);
        _row(Param.PeriodCapPpm, 100_000, 10_000, 1_000_000);
        _row(Param.PeriodCapMin, 500e18, 1e18, 100_000e18);
    }

    function _feeRows() private {
        _row(Param.FeeProvidersPpm, 800_000, 600_000, 1_000_000);
        _row(Param.FeeTreasuryPpm, 80_000, 0, 300_000);
        _row(Param.FeeGrantsPpm, 20_000, 0, 200_000);
        _row(Param.FeeAuditorsPpm, 20_000, 0, 200_000);
        _row(Param.FeeProtectionPpm, 30_000, 0, 200_000);
        _row(Param.FeeBurnPpm, 50_000, 0, 200_000);
        _row(Param.AnkrDiscountPpm, 100_000, 0, 240_000);
    }

    function _marketRows() private {
        _row(Param.RateMoveMaxPpm, 200_000, 1_000, 500_000);
        _row(Param.RateDayMoveMaxPpm, 600_000, 1_000, 900_000);
        _row(Param.RateStaleSeconds, 3_600, 60, 86_400);
        _row(Param.AuctionSeconds, 6 hours, 10 minutes, 7 days);
        _row(Param.AuctionStartPpm, 1_100_000, 1_000_000, 2_000_000);
        _row(Param.AuctionFloorPpm, 900_000, 500_000, 1_000_000);
        _row(Param.AuctionLotMin, 300e18, 1e18, 1_000_000e18);
        _row(Param.AuctionLotMax, 1_000_000e18, 1e18, 100_000_000e18);
        _row(Param.SignerBond, 10_000e18, 0, 10_000_000e18);
        _row(Param.SignerRotationSeconds, 48 hours, 1 hours, 14 days);
        _row(Param.SignerExitSeconds, 28 days, 7 days, 90 days);
    }

    function _row(Param param, uint256 initial, uint256 min, uint256 max) private {
        (uint256 value, uint256 next, uint64 nextEpoch, uint256 least, uint256 most) = params.describe(param);
        string memory place = vm.toString(uint256(param));
        assertEq(uint256(param), _rows++, "in the order of the parameters");
        assertEq(params.get(param), initial, place);
        assertEq(value, initial, place);
        assertEq(next, initial, place);
        assertEq(nextEpoch, 0, place);
        assertEq(least, min, place);
        assertEq(most, max, place);
    }
}
