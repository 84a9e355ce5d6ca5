// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { ParamStoreFixture } from "./ParamStoreFixture.sol";

contract Regressions_ParamStore_Test is ParamStoreFixture {
    /// Trust M-9: a dispute could be opened for as long as stake took to leave, so the offender was gone first.
    function test_Regression_Trust_M09_StakeOutlastsEveryDispute() external {
        uint256 judged = params.get(Param.EpochSeconds) + params.get(Param.RootDelaySeconds)
            + params.get(Param.DisputeOpenSeconds) + params.get(Param.DisputeResolveSeconds);
        assertGe(params.get(Param.UnbondingDelegatorSeconds), judged);
        assertGe(params.get(Param.UnbondingSelfSeconds), judged);
        _expectBroken("unbonding covers disputes", 22 days, 22 days + 1);
        _announce(_one(Param.DisputeOpenSeconds, 8 days + 1), 1);
    }

    /// OZ H-02: a verifier's cut above the whole made slashing revert.
    function test_Regression_OZ_H02_NoPartExceedsTheWhole() external view {
        Param[11] memory parts = [
            Param.CommissionMaxPpm,
            Param.CommissionRiseMaxPpm,
            Param.PeriodCapPpm,
            Param.FeeProvidersPpm,
            Param.FeeTreasuryPpm,
            Param.FeeGrantsPpm,
            Param.FeeAuditorsPpm,
            Param.FeeProtectionPpm,
            Param.FeeBurnPpm,
            Param.AnkrDiscountPpm,
            Param.AuctionFloorPpm
        ];
        for (uint256 i = 0; i < parts.length; ++i) {
            (,,,, uint256 max) = params.describe(parts[i]);
            assertLe(max, 1_000_000);
        }
        // A rate that may fall by the whole in one step could never rise again.
        (,,,, uint256 move) = params.describe(Param.RateMoveMaxPpm);
        (,,,, uint256 dayMove) = params.describe(Param.RateDayMoveMaxPpm);
        assertLt(move, 1_000_000);
        assertLt(dayMove, 1_000_000);
    }

    /// OZ H-05: a provision was overwritten and its unbonding period became zero.
    function test_Regression_OZ_H05_NoUnbondingPeriodBecomesZero() external {
        _expectOutOfBounds(Param.UnbondingSelfSeconds, 0);
        _announce(_one(Param.UnbondingSelfSeconds, 0), 1);
        _expectOutOfBounds(Param.UnbondingDelegatorSeconds, 0);
        _announce(_one(Param.UnbondingDelegatorSeconds, 0), 1);
        _expectOutOfBounds(Param.SignerExitSeconds, 0);
        _announce(_one(Param.SignerExitSeconds, 0), 1);
        _expectOutOfBounds(Param.WithdrawDelaySeconds, 0);
        _announce(_one(Param.WithdrawDelaySeconds, 0), 1);
    }

    /// OZ-2025 M-01: a huge unbonding period overflowed and stake left at once.
    function test_Regression_OZ2025_M01_NoPeriodIsHuge() external {
        _expectOutOfBounds(Param.UnbondingSelfSeconds, type(uint64).max);
        _announce(_one(Param.UnbondingSelfSeconds, type(uint64).max), 1);
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            (,,,, uint256 max) = params.describe(Param(i));
            // What a slot holds is never cut: its largest value comes back as it went in.
            assertEq(uint256(uint112(max)), max);
        }
        (,,,, uint256 unbonding) = params.describe(Param.UnbondingSelfSeconds);
        assertLe(unbonding, 60 days);
    }

    /// OZ-2025 L-19: the dispute period could be changed for disputes that had begun.
    function test_Regression_OZ2025_L19_NothingChangesWithinAnEpoch() external {
        vm.warp(START + 3 days);
        _announce(_one(Param.DisputeOpenSeconds, 1 days), 1);
        assertEq(params.get(Param.DisputeOpenSeconds), 7 days);
        vm.warp(START + 7 days - 1);
        assertEq(params.get(Param.DisputeOpenSeconds), 7 days);
        vm.warp(START + 7 days);
        assertEq(params.get(Param.DisputeOpenSeconds), 1 days);
    }

    /// Veridise VUL-010: a snapshot of the past could be edited.
    function test_Regression_Veridise_VUL010_EpochsThatBeganKeepTheirStart() external {
        _change(_one(Param.EpochSeconds, 1 days));
        _change(_one(Param.EpochSeconds, 3 days));
        uint64 current = params.currentEpoch();
        uint256[] memory starts = new uint256[](current + 1);
        for (uint64 epoch = 0; epoch <= current; ++epoch) {
            starts[epoch] = params.epochStart(epoch);
        }
        _announce(_one(Param.EpochSeconds, 1 hours), current + 1);
        vm.warp(block.timestamp + 400 days);
        _announce(_one(Param.EpochSeconds, 8 days), params.currentEpoch() + 1);
        for (uint64 epoch = 0; epoch <= current; ++epoch) {
            assertEq(params.epochStart(epoch), starts[epoch]);
            assertEq(params.epochAt(starts[epoch]), epoch);
        }
    }

    /// Beosin AnkrProtocol-2: governance could move a tier's threshold to anything at once.
    function test_Regression_Beosin_AnkrProtocol2_NoThresholdMovesAtOnceOrBeyondItsBounds() external {
        _expectOutOfBounds(Param.EscrowFirstDepositMin, 100_000e18 + 1);
        _announce(_one(Param.EscrowFirstDepositMin, 100_000e18 + 1), 1);
        vm.expectRevert(abi.encodeWithSelector(IParamStore.ParamStoreEpochTooSoon.selector, 0, 1));
        _announce(_one(Param.EscrowFirstDepositMin, 2e18), 0);
        _announce(_one(Param.EscrowFirstDepositMin, 100_000e18), 1);
        assertEq(params.get(Param.EscrowFirstDepositMin), 1_000e18);
    }
}
