// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { SharePool } from "../libraries/SharePool.sol";
import { StakeKind } from "./IStakingPool.sol";

/// @notice Shares and active stake as they were at any past second, for the weights of payouts and votes. The newest
/// entry of a holder is what it has now, so that shares are kept once.
library StakeHistory {
    using Checkpoints for Checkpoints.Trace208;

    struct History {
        mapping(uint64 providerId => mapping(StakeKind kind => Checkpoints.Trace208)) active;
        mapping(uint64 providerId => mapping(StakeKind kind => Checkpoints.Trace208)) totalShares;
        mapping(
            uint64 providerId => mapping(StakeKind kind => mapping(address holder => Checkpoints.Trace208))
        ) shares;
    }

    /// @dev Shares take the low 128 bits of an entry, the generation they belong to the bits above.
    uint256 private constant SHARE_BITS = 128;

    function record(
        History storage history,
        uint64 providerId,
        StakeKind kind,
        address holder,
        SharePool.Bucket storage bucket,
        uint256 shares
    ) internal {
        history.shares[providerId][kind][holder].push(_now(), _pack(bucket.generation, shares));
        recordTotals(history, providerId, kind, bucket);
    }

    function recordTotals(
        History storage history,
        uint64 providerId,
        StakeKind kind,
        SharePool.Bucket storage bucket
    ) internal {
        history.active[providerId][kind].push(_now(), bucket.active);
        if (kind == StakeKind.Delegated) {
            history.totalShares[providerId][kind].push(_now(), _pack(bucket.generation, bucket.shares));
        }
    }

    /// @notice Writes down that a holder's shares of a closed generation are gone.
    function dropOld(History storage history, uint64 providerId, address holder, uint32 generation) internal {
        (uint32 of_, uint256 shares) = latestOf(history, providerId, StakeKind.Delegated, holder);
        if (shares == 0 || of_ == generation) return;
        history.shares[providerId][StakeKind.Delegated][holder].push(_now(), _pack(generation, 0));
    }

    function latestOf(History storage history, uint64 providerId, StakeKind kind, address holder)
        internal
        view
        returns (uint32 generation, uint256 shares)
    {
        return _unpack(history.shares[providerId][kind][holder].latest());
    }

    /// @notice A holder's shares of this generation.
    function sharesOf(
        History storage history,
        uint64 providerId,
        StakeKind kind,
        address holder,
        uint32 generation
    ) internal view returns (uint256) {
        (uint32 of_, uint256 shares) = latestOf(history, providerId, kind, holder);
        return of_ == generation ? shares : 0;
    }

    function activeAt(History storage history, uint64 providerId, StakeKind kind, uint48 timestamp)
        internal
        view
        returns (uint256)
    {
        return history.active[providerId][kind].upperLookupRecent(timestamp);
    }

    /// @notice A holder's part of the active delegation at that second; rounded down.
    function powerAt(History storage history, uint64 providerId, address holder, uint48 timestamp)
        internal
        view
        returns (uint256)
    {
        StakeKind kind = StakeKind.Delegated;
        (uint32 generation, uint256 shares) =
            _unpack(history.shares[providerId][kind][holder].upperLookupRecent(timestamp));
        (uint32 ofTotal, uint256 total) =
            _unpack(history.totalShares[providerId][kind].upperLookupRecent(timestamp));
        if (total == 0 || generation != ofTotal) return 0;
        return Math.mulDiv(shares, activeAt(history, providerId, kind, timestamp), total);
    }

    function _now() private view returns (uint48) {
        return SafeCast.toUint48(block.timestamp);
    }

    function _pack(uint32 generation, uint256 shares) private pure returns (uint208) {
        return SafeCast.toUint208((uint256(generation) << SHARE_BITS) | SafeCast.toUint128(shares));
    }

    function _unpack(uint208 entry) private pure returns (uint32 generation, uint256 shares) {
        return (uint32(entry >> SHARE_BITS), uint128(entry));
    }
}
