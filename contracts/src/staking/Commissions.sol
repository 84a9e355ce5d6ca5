// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { Param } from "../governance/Params.sol";
import { IProviderRegistry } from "./IProviderRegistry.sol";

/// @notice A provider's commission in PPM by the epoch it takes effect with; at most the last entry lies ahead.
///
/// An entry is written for an epoch ahead, or for the epoch in which the provider comes into being. So what is in
/// force in an epoch that has begun is never written again, whenever its rewards are paid.
library Commissions {
    using Checkpoints for Checkpoints.Trace208;
    using Math for uint256;
    using SafeCast for uint256;

    /// @dev The commission a provider begins with, from the running epoch on.
    function begin(Checkpoints.Trace208 storage trace, IParamStore params, uint256 commissionPpm) internal {
        _checkMax(params, commissionPpm);
        _push(trace, params.currentEpoch(), commissionPpm);
    }

    function announce(Checkpoints.Trace208 storage trace, IParamStore params, uint256 commissionPpm)
        internal
        returns (uint256 fromPpm, uint64 effectiveEpoch)
    {
        _checkMax(params, commissionPpm);
        uint64 since;
        (fromPpm, since) = last(trace);
        uint64 current = params.currentEpoch();
        if (since > current) revert IProviderRegistry.ProviderRegistryCommissionWaiting(since);
        if (commissionPpm == fromPpm) {
            revert IProviderRegistry.ProviderRegistryCommissionUnchanged(commissionPpm);
        }

        effectiveEpoch = current + 1;
        uint256 risePpm = commissionPpm.saturatingSub(fromPpm);
        if (risePpm > 0) {
            _checkRise(params, risePpm);
            // Whole epochs of notice: that of the announcement has partly gone by and does not count.
            effectiveEpoch += params.get(Param.CommissionNoticeEpochs).toUint64();
        }
        _push(trace, effectiveEpoch, commissionPpm);
    }

    /// @dev In force when `epoch` begins. Before the provider's first epoch it is the one it began with, so that who is
    /// paid for several epochs at once need not ask since when the provider has been one.
    function inForceAt(Checkpoints.Trace208 storage trace, uint64 epoch) internal view returns (uint256) {
        uint48 key = uint256(epoch).toUint48();
        Checkpoints.Checkpoint208 memory oldest = trace.at(0);
        return key < oldest._key ? oldest._value : trace.upperLookup(key);
    }

    function last(Checkpoints.Trace208 storage trace)
        internal
        view
        returns (uint256 commissionPpm, uint64 effectiveEpoch)
    {
        (, effectiveEpoch, commissionPpm) = trace.latestCheckpoint();
    }

    function _push(Checkpoints.Trace208 storage trace, uint64 epoch, uint256 commissionPpm) private {
        trace.push(uint256(epoch).toUint48(), commissionPpm.toUint208());
    }

    function _checkMax(IParamStore params, uint256 commissionPpm) private view {
        uint256 maxPpm = params.get(Param.CommissionMaxPpm);
        if (commissionPpm > maxPpm) {
            revert IProviderRegistry.ProviderRegistryCommissionTooHigh(commissionPpm, maxPpm);
        }
    }

    function _checkRise(IParamStore params, uint256 risePpm) private view {
        uint256 maxPpm = params.get(Param.CommissionRiseMaxPpm);
        if (risePpm > maxPpm) revert IProviderRegistry.ProviderRegistryCommissionRiseTooBig(risePpm, maxPpm);
    }
}
