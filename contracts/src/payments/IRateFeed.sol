// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice USD per ANKR as the median of what the rate signers say, kept from moving too far at once.
interface IRateFeed {
    event RatePosted(uint256 rate, uint256 median, uint64 observedAt);

    error RateFeedNotNewer(uint64 observedAt, uint64 previous);
    error RateFeedInFuture(uint64 observedAt);
    error RateFeedTooOld(uint64 observedAt);
    error RateFeedLengthMismatch(uint256 quotes, uint256 signatures);
    error RateFeedZeroQuote();

    /// @notice Posts quotes of one moment. Quote i is signed by signature i over
    /// `Quote(uint256 usdPerAnkr,uint64 observedAt)`; signers ascending. A median beyond the bounds moves the rate to
    /// the bound.
    /// @param quotes USD per ANKR, times 1e18.
    function post(uint64 observedAt, uint256[] calldata quotes, bytes[] calldata signatures) external;

    /// @return usdPerAnkr Times 1e18. @return updatedAt Seconds. @return stale Older than the parameter.
    function latest() external view returns (uint256 usdPerAnkr, uint64 updatedAt, bool stale);

    /// @notice Stablecoin base units worth `ankr` at the latest rate; rounded up.
    function stableOf(uint256 ankr) external view returns (uint256);
}
