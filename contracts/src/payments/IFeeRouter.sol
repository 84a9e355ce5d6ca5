// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Who shares in the fees beside providers and their stakers.
enum FeeBucket {
    Treasury,
    Grants,
    Auditors,
    Protection
}

/// @notice Splits fees, and buys ANKR for those that came in the stablecoin.
///
/// ANKR that arrives is split at once: providers' part to the distributor, burn burned, the rest kept in buckets that
/// anyone may release to their recipients. The stablecoin is sold in lots by falling-price auctions that start above
/// and end below the rate feed, so what a lot can lose is bounded.
interface IFeeRouter {
    struct Auction {
        /// Stablecoin still for sale, in base units.
        uint128 lot;
        uint64 startedAt;
        uint64 endsAt;
        /// USD per ANKR at the start, times 1e18, as the rate feed says it; the auction's price is relative to it.
        uint128 rate;
        /// What the price falls from and towards, in PPM of `rate`'s; those in force at the start.
        uint32 startPpm;
        uint32 floorPpm;
    }

    event FeesRouted(
        uint256 amount,
        uint256 providers,
        uint256 treasury,
        uint256 grants,
        uint256 auditors,
        uint256 protection,
        uint256 burned
    );
    event BucketReleased(FeeBucket indexed bucket, address indexed to, uint256 amount);
    event RecipientSet(FeeBucket indexed bucket, address indexed to);
    event StableBooked(uint256 amount);
    event AuctionStarted(uint256 lot, uint256 rate, uint64 endsAt, uint256 startPpm, uint256 floorPpm);
    event AuctionBought(address indexed buyer, uint256 stable, uint256 ankr);
    /// @notice Once for each auction: when all is sold, or when the unsold rest goes back to what is pending.
    event AuctionEnded(uint256 unsold);

    error FeeRouterZeroAddress();
    error FeeRouterAuctionRunning(uint64 endsAt);
    error FeeRouterNoAuction();
    error FeeRouterLotTooSmall(uint256 lot, uint256 min);
    error FeeRouterRateStale(uint64 updatedAt);
    error FeeRouterTooDear(uint256 ankr, uint256 max);
    error FeeRouterZeroAmount();

    /// @notice Books and splits all ANKR, and books all stablecoin, that has arrived since the last call. Does nothing
    /// when nothing has arrived, so that no flow fails because somebody else called first.
    function route() external;
    /// @notice Sends what a bucket has accrued to its recipient. Anyone may.
    function release(FeeBucket bucket) external returns (uint256 amount);
    /// @notice For governance. What has accrued belongs to the bucket and goes to whoever is its recipient at release.
    function setRecipient(FeeBucket bucket, address to) external;

    /// @notice Offers up to the maximal lot. Anyone may start one when none runs and the rate is fresh.
    function startAuction() external;
    /// @notice Returns the unsold rest of an auction that is over to what is pending. Anyone may; the next start does it
    /// too.
    function endAuction() external;
    /// @notice Buys up to `stableMax` of the lot for at most `ankrMax`; what is paid is rounded up and split at once.
    function buy(uint256 stableMax, uint256 ankrMax) external returns (uint256 sold, uint256 paid);

    /// @notice Whether ANKR has a function that burns it; else what is to be burned goes where nobody has it.
    function ankrBurnable() external view returns (bool);
    function accrued(FeeBucket bucket) external view returns (uint256);
    function recipientOf(FeeBucket bucket) external view returns (address);
    /// @notice All that ever went to the distributor, in ANKR base units.
    function providersTotal() external view returns (uint256);
    /// @notice Stablecoin booked and in no auction. The rest of an auction that is over counts to its lot until it is
    /// returned, so what is held is always this plus the lot.
    function stablePending() external view returns (uint256);
    function auction() external view returns (Auction memory);
    /// @notice ANKR to pay for `stable` now, rounded up. Reverts when no auction runs.
    function priceOf(uint256 sold) external view returns (uint256 paid);
}
