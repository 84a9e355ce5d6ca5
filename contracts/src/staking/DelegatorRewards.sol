// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardStream } from "../libraries/RewardStream.sol";

/// @notice What streams to the delegators of one provider, and what each of them has earned of it.
///
/// A delegator's earnings are kept in rays, so that the fraction below a base unit stays with it and everything that is
/// owed, carried and still to flow is exactly what is held.
library DelegatorRewards {
    using RewardStream for RewardStream.Stream;

    struct Earnings {
        uint256 accumulatedAt;
        uint256 owedRays;
    }

    struct Rewards {
        RewardStream.Stream stream;
        /// Held for the delegators and, idle, for the provider.
        uint256 reserve;
        /// What the stream had accumulated when a generation was closed; its shares earn nothing beyond.
        mapping(uint32 generation => uint256) finalAccumulated;
        mapping(address holder => Earnings) earnings;
    }

    /// @dev Shares as they stand in the history: of a generation that may be closed meanwhile.
    struct Shares {
        uint32 generation;
        uint256 amount;
    }

    /// @notice Brings a holder's earnings up to now. The stream must be settled.
    function settleHolder(Rewards storage rewards, address holder, Shares memory shares, uint32 generation)
        internal
    {
        uint256 accumulated = rewards.stream.accumulated;
        Earnings storage earnings = rewards.earnings[holder];
        earnings.owedRays = owedRays(rewards, holder, shares, generation, accumulated);
        earnings.accumulatedAt = accumulated;
    }

    /// @return amount Earned in whole base units, now taken out.
    function take(Rewards storage rewards, address holder) internal returns (uint256 amount) {
        Earnings storage earnings = rewards.earnings[holder];
        amount = earnings.owedRays / RewardStream.RAY;
        earnings.owedRays -= amount * RewardStream.RAY;
        rewards.reserve -= amount;
    }

    function takeIdle(Rewards storage rewards) internal returns (uint256 amount) {
        amount = rewards.stream.idle;
        rewards.stream.idle = 0;
        rewards.reserve -= amount;
    }

    function add(Rewards storage rewards, uint256 amount, uint256 span) internal {
        rewards.stream.add(amount, span);
        rewards.reserve += amount;
    }

    /// @param generation The one that counts; shares of another earned until theirs was closed.
    function owedRays(
        Rewards storage rewards,
        address holder,
        Shares memory shares,
        uint32 generation,
        uint256 accumulated
    ) internal view returns (uint256) {
        Earnings storage earnings = rewards.earnings[holder];
        if (shares.amount == 0) return earnings.owedRays;
        bool closed = shares.generation != generation;
        uint256 until = closed ? rewards.finalAccumulated[shares.generation] : accumulated;
        return earnings.owedRays + shares.amount * (until - earnings.accumulatedAt);
    }
}
