// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What verifiers recomputed and signed for each closed epoch.
///
/// Sums are cumulative over all epochs, so a missed epoch is made good by the next. What is paid and withheld
/// together never exceeds what reached the distributor. A root waits before it counts, and the guardian may disable
/// it while it waits, with those that build on it.
interface IEpochManager {
    struct EpochRoots {
        uint64 epoch;
        bytes32 chargesRoot;
        /// Leaves: `providerId, cumulative payout`; see the distributor.
        bytes32 payoutsRoot;
        bytes32 performanceRoot;
        bytes32 receiptsRoot;
        bytes32 tariffHash;
        bytes32 dataHash;
        /// Paid to providers over all epochs up to this one, in ANKR base units.
        uint128 payoutsTotal;
        /// Withheld for quality over all epochs up to this one; goes to the treasury.
        uint128 withheldTotal;
    }

    event EpochPosted(uint64 indexed epoch, uint64 attempt, EpochRoots roots, uint64 activeAt);
    event EpochDisabled(uint64 indexed epoch, uint64 attempt);

    error EpochManagerNotClosed(uint64 epoch, uint64 currentEpoch);
    error EpochManagerNotNewer(uint64 epoch, uint64 latest);
    error EpochManagerTotalsFell(uint256 payoutsTotal, uint256 withheldTotal);
    error EpochManagerOverspent(uint256 total, uint256 funded);
    error EpochManagerUnknownEpoch(uint64 epoch);
    error EpochManagerAlreadyActive(uint64 epoch, uint64 activeAt);
    /// @notice So many wait already that disabling them all would cost too much; the oldest counts from `activeAt`.
    error EpochManagerTooManyWaiting(uint256 max, uint64 activeAt);

    /// @notice Posts the roots of a closed epoch newer than the last, signed by the verifiers over
    /// `EpochRoots(uint64 epoch,uint64 attempt,bytes32 chargesRoot,bytes32 payoutsRoot,bytes32 performanceRoot,bytes32 receiptsRoot,bytes32 tariffHash,bytes32 dataHash,uint128 payoutsTotal,uint128 withheldTotal)`.
    function post(EpochRoots calldata roots, bytes[] calldata signatures) external;
    /// @notice For the guardian, while the epoch waits. Takes those posted after it along.
    function disable(uint64 epoch) external;

    /// @notice Counts posts ever made; part of what is signed, so that a disabled root cannot be posted again.
    function attempt() external view returns (uint64);
    /// @notice Zeros for an epoch that was not posted or is disabled.
    function rootsOf(uint64 epoch) external view returns (EpochRoots memory roots, uint64 activeAt);
    /// @notice What the distributor needs of an epoch; zeros for one that was not posted or is disabled.
    function payoutsOf(uint64 epoch)
        external
        view
        returns (bytes32 payoutsRoot, uint256 payoutsTotal, uint256 withheldTotal);
    function isActive(uint64 epoch) external view returns (bool);
    /// @notice The oldest epoch posted and not disabled; 0 and false when there is none.
    function first() external view returns (uint64 epoch, bool any);
    /// @notice The newest epoch posted and not disabled, waiting or active; 0 and false when there is none.
    function latest() external view returns (uint64 epoch, bool any);
    /// @notice The newest active epoch; 0 and false when there is none.
    function latestActive() external view returns (uint64 epoch, bool any);
}
