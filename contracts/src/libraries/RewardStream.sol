// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Rewards that flow by the second to whoever holds shares at that second.
///
/// Nothing is lost to rounding: what a whole number of base units a second leaves over waits for the next stream, and
/// what a division by the shares leaves over is carried into the next one. What flows while there are no shares is
/// kept apart as idle.
library RewardStream {
    using SafeCast for uint256;

    /// Rewards are kept in 1e-27 of a base unit.
    uint256 internal constant RAY = 1e27;

    struct Stream {
        /// RAY of reward for one share since the beginning.
        uint256 accumulated;
        /// What the last division left over, in RAY; below the number of shares.
        uint256 carry;
        /// Base units a second until `end`.
        uint128 rate;
        uint64 settledAt;
        uint64 end;
        /// Less than a base unit for each second of a stream; joins the next one.
        uint128 remainder;
        /// Flowed while nobody held shares.
        uint128 idle;
    }

    /// @notice Brings the stream up to now. To be called before the number of shares changes.
    function settle(Stream storage stream, uint256 shares) internal {
        uint256 until = Math.min(block.timestamp, stream.end);
        uint256 since = stream.settledAt;
        if (until <= since) return;
        stream.settledAt = until.toUint64();
        uint256 flow = uint256(stream.rate) * (until - since);
        if (shares == 0) {
            stream.idle += flow.toUint128();
            return;
        }
        uint256 rays = flow * RAY + stream.carry;
        stream.accumulated += rays / shares;
        stream.carry = rays % shares;
    }

    /// @notice Adds to a settled stream: what has not flowed yet and `amount` flow evenly over `span` from now.
    function add(Stream storage stream, uint256 amount, uint256 span) internal {
        uint256 total = amount + stream.remainder + unflowed(stream);
        // Rounded down; the remainder waits for the next stream.
        uint256 rate = total / span;
        stream.rate = rate.toUint128();
        stream.remainder = (total - rate * span).toUint128();
        stream.settledAt = block.timestamp.toUint64();
        stream.end = (block.timestamp + span).toUint64();
    }

    /// @notice What `accumulated` would be if the stream were settled now.
    function accumulatedNow(Stream storage stream, uint256 shares) internal view returns (uint256) {
        uint256 until = Math.min(block.timestamp, stream.end);
        if (until <= stream.settledAt || shares == 0) return stream.accumulated;
        uint256 flow = uint256(stream.rate) * (until - stream.settledAt);
        return stream.accumulated + (flow * RAY + stream.carry) / shares;
    }

    /// @notice What is still to flow after the last settlement, without the remainder.
    function unflowed(Stream storage stream) internal view returns (uint256) {
        return stream.end > stream.settledAt ? uint256(stream.rate) * (stream.end - stream.settledAt) : 0;
    }
}
