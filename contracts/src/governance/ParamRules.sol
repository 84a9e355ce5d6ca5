// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Ppm } from "../libraries/Ppm.sol";
import { IParamStore } from "./IParamStore.sol";
import { Param } from "./Params.sol";

/// @notice What must hold between parameters, whatever each of them is.
library ParamRules {
    /// @param values One value for every parameter, in their order.
    function check(uint256[] memory values) internal pure {
        _checkStake(values);
        _checkFees(values);
        _checkMarket(values);
    }

    /// @dev Stake that leaves can be slashed until what was done before it left has been found out and judged.
    function _checkStake(uint256[] memory values) private pure {
        uint256 needed = values[uint256(Param.EpochSeconds)] + values[uint256(Param.RootDelaySeconds)]
            + values[uint256(Param.DisputeOpenSeconds)] + values[uint256(Param.DisputeResolveSeconds)];
        uint256 delegators = values[uint256(Param.UnbondingDelegatorSeconds)];
        uint256 self = values[uint256(Param.UnbondingSelfSeconds)];
        // Self-stake leaves no sooner than delegations, so it covers disputes as well.
        _atLeast("unbonding covers disputes", delegators, needed);
        _atLeast("provider leaves last", self, delegators);
        // Without any commission there is nothing to rise to, and the step has no meaning.
        uint256 commission = values[uint256(Param.CommissionMaxPpm)];
        if (commission == 0) return;
        _atLeast("rise fits under commission", commission, values[uint256(Param.CommissionRiseMaxPpm)]);
    }

    function _checkFees(uint256[] memory values) private pure {
        uint256 providers = values[uint256(Param.FeeProvidersPpm)];
        uint256 sum = providers;
        for (uint256 i = uint256(Param.FeeTreasuryPpm); i <= uint256(Param.FeeBurnPpm); i++) {
            sum += values[i];
        }
        if (sum != Ppm.SCALE) {
            revert IParamStore.ParamStoreRuleBroken("fee split sums to one", sum, Ppm.SCALE);
        }
        // Whoever pays for its own requests gets back less than it paid, the discount of paying in ANKR included.
        uint256 returned = providers * (Ppm.SCALE + values[uint256(Param.AnkrDiscountPpm)]);
        _atLeast("washing traffic loses", Ppm.SCALE * Ppm.SCALE - 1, returned);
        // What was used before a withdrawal was asked for can be signed and applied before it is paid.
        uint256 needed =
            2 * values[uint256(Param.ChargePeriodSeconds)] + values[uint256(Param.ChargeDelaySeconds)];
        _atLeast("withdrawal waits for charges", values[uint256(Param.WithdrawDelaySeconds)], needed);
    }

    /// @dev That an auction starts at the feed's price or above and ends at it or below is in the bounds of the two.
    function _checkMarket(uint256[] memory values) private pure {
        _atLeast(
            "lots have a range", values[uint256(Param.AuctionLotMax)], values[uint256(Param.AuctionLotMin)]
        );
        _atLeast(
            "a day moves as far as a step",
            values[uint256(Param.RateDayMoveMaxPpm)],
            values[uint256(Param.RateMoveMaxPpm)]
        );
    }

    function _atLeast(bytes32 rule, uint256 left, uint256 right) private pure {
        if (left < right) revert IParamStore.ParamStoreRuleBroken(rule, left, right);
    }
}
