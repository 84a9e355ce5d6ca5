// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "./Params.sol";

/// @notice Default and bounds of every parameter. Nobody can change them: another table is another deployment.
library ParamTable {
    struct Row {
        uint256 initial;
        uint256 min;
        uint256 max;
    }

    uint256 internal constant COUNT = uint256(type(Param).max) + 1;
    /// What an amount that is no limit is set to; the most a slot holds.
    uint256 internal constant NO_LIMIT = type(uint112).max;

    function rowOf(Param param) internal pure returns (Row memory) {
        if (param <= Param.DelegationCapEndEpoch) return _providerRow(param);
        if (param <= Param.DisputeResolveSeconds) return _stakeRow(param);
        if (param <= Param.PeriodCapMin) return _escrowRow(param);
        if (param <= Param.FeeBurnPpm) return _feeRow(param);
        return _marketRow(param);
    }

    function _providerRow(Param param) private pure returns (Row memory) {
        if (param == Param.EpochSeconds) return Row(7 days, 1 hours, 14 days);
        if (param == Param.SelfStakePerNode) return Row(100_000e18, 10_000e18, 1_000_000e18);
        if (param == Param.NodesPerProviderMax) return Row(64, 1, 128);
        if (param == Param.TopUpSeconds) return Row(7 days, 1 hours, 30 days);
        if (param == Param.JailSecondsMax) return Row(30 days, 1 hours, 90 days);
        if (param == Param.CommissionMaxPpm) return Row(300_000, 0, 300_000);
        if (param == Param.CommissionRiseMaxPpm) return Row(50_000, 1, 50_000);
        if (param == Param.CommissionNoticeEpochs) return Row(2, 2, 8);
        if (param == Param.DelegationMin) return Row(1000e18, 1e18, 10_000e18);
        if (param == Param.DelegationRatioMax) return Row(16, 1, 50);
        if (param == Param.DelegationCapTotal) return Row(NO_LIMIT, 0, NO_LIMIT);
        if (param == Param.DelegationCapPerAddress) return Row(NO_LIMIT, 0, NO_LIMIT);
        return Row(0, 0, type(uint32).max); // DelegationCapEndEpoch
    }

    function _stakeRow(Param param) private pure returns (Row memory) {
        if (param == Param.UnbondingSelfSeconds) return Row(28 days, 14 days, 60 days);
        if (param == Param.UnbondingDelegatorSeconds) return Row(22 days, 14 days, 60 days);
        if (param == Param.UnbondingRequestsMax) return Row(32, 1, 64);
        if (param == Param.RootDelaySeconds) return Row(48 hours, 24 hours, 7 days);
        if (param == Param.DisputeOpenSeconds) return Row(7 days, 1 days, 14 days);
        return Row(5 days, 1 days, 10 days); // DisputeResolveSeconds
    }

    function _escrowRow(Param param) private pure returns (Row memory) {
        if (param == Param.EscrowFirstDepositMin) return Row(1000e18, 1e18, 100_000e18);
        if (param == Param.EscrowTopUpMin) return Row(1e18, 1, 1000e18);
        if (param == Param.ChargePeriodSeconds) return Row(12 hours, 1 hours, 24 hours);
        if (param == Param.ChargeDelaySeconds) return Row(12 hours, 1 hours, 48 hours);
        if (param == Param.WithdrawDelaySeconds) return Row(48 hours, 3 hours, 7 days);
        if (param == Param.PeriodCapPpm) return Row(100_000, 10_000, 1_000_000);
        return Row(500e18, 1e18, 100_000e18); // PeriodCapMin
    }

    function _feeRow(Param param) private pure returns (Row memory) {
        if (param == Param.FeeProvidersPpm) return Row(800_000, 600_000, 1_000_000);
        if (param == Param.FeeTreasuryPpm) return Row(80_000, 0, 300_000);
        if (param == Param.FeeGrantsPpm) return Row(20_000, 0, 200_000);
        if (param == Param.FeeAuditorsPpm) return Row(20_000, 0, 200_000);
        if (param == Param.FeeProtectionPpm) return Row(30_000, 0, 200_000);
        return Row(50_000, 0, 200_000); // FeeBurnPpm
    }

    function _marketRow(Param param) private pure returns (Row memory) {
        if (param == Param.AnkrDiscountPpm) return Row(100_000, 0, 240_000);
        if (param == Param.RateMoveMaxPpm) return Row(200_000, 1000, 500_000);
        if (param == Param.RateDayMoveMaxPpm) return Row(600_000, 1000, 900_000);
        if (param == Param.RateStaleSeconds) return Row(1 hours, 60, 1 days);
        if (param == Param.AuctionSeconds) return Row(6 hours, 10 minutes, 7 days);
        if (param == Param.AuctionStartPpm) return Row(1_100_000, 1_000_000, 2_000_000);
        if (param == Param.AuctionFloorPpm) return Row(900_000, 500_000, 1_000_000);
        if (param == Param.AuctionLotMin) return Row(300e18, 1e18, 1_000_000e18);
        if (param == Param.AuctionLotMax) return Row(1_000_000e18, 1e18, 100_000_000e18);
        if (param == Param.SignerBond) return Row(10_000e18, 0, 10_000_000e18);
        if (param == Param.SignerRotationSeconds) return Row(48 hours, 1 hours, 14 days);
        return Row(28 days, 7 days, 90 days); // SignerExitSeconds
    }
}
