// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice USD per ANKR as the median of what the rate signers say, kept from moving too far at once.
interface IRateFeed {
    /// @param rate What is in force from now on. @param median What the signers said; differs where it was bounded.
    event RatePosted(uint256 rate, uint256 median, uint64 observedAt);

    error RateFeedNotNewer(uint64 observedAt, uint64 previous);
    error RateFeedInFuture(uint64 observedAt);
    error RateFeedTooOld(uint64 observedAt);
    error RateFeedLengthMismatch(uint256 quotes, uint256 signatures);
    error RateFeedZeroQuote();
    error RateFeedZeroRate();

    /// @notice Posts quotes of one moment. Quote i is signed by signature i over
    /// `Quote(uint256 usdPerAnkr,uint64 observedAt)`; signers ascending. A median beyond the bounds moves the rate to
    /// the bound, not to an error. Anyone may bring quotes; every signer's part is one quote a moment.
    /// @param observedAt When the quotes were true, in seconds: newer than the last, not ahead of now, not stale.
    /// @param quotes USD per ANKR, times 1e18.
    function post(uint64 observedAt, uint256[] calldata quotes, bytes[] calldata signatures) external;

    /// @return usdPerAnkr Times 1e18. @return updatedAt Seconds. @return stale Older than the parameter.
    function latest() external view returns (uint256 usdPerAnkr, uint64 updatedAt, bool stale);

    /// @notice Stablecoin base units worth `ankr` at the latest rate; rounded up.
    function stableOf(uint256 ankr) external view returns (uint256);

    /// @notice The rate that the moves of the current day are measured from, and when that day began, in seconds.
    function anchor() external view returns (uint256 usdPerAnkr, uint64 since);

    /// @notice One stablecoin in its base units.
    function stableUnit() external view returns (uint256);
}
