// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Holds providers' part of the fees and pays it by proofs against the roots of epochs.
///
/// A leaf says what a provider has earned over all epochs; a push pays what is new, once, whoever calls. The payment
/// is split where it happens: commission and the self-stake's part to the provider's rewards address, the delegators'
/// part into their stream. Commission is that of the epoch's start or, when epochs were left out, the lower of the
/// first left out and this one, so that waiting never gains.
interface IRewardDistributor {
    struct Payout {
        uint64 providerId;
        uint64 epoch;
        /// Earned over all epochs up to `epoch`, in ANKR base units.
        uint256 cumulative;
        bytes32[] proof;
    }

    event Funded(uint256 amount, uint256 fundedTotal);
    event PayoutPushed(
        uint64 indexed providerId,
        uint64 indexed epoch,
        uint256 amount,
        uint256 toProvider,
        uint256 toDelegators,
        uint256 commissionPpm
    );
    /// @param reason The error that a push of it alone would end in, encoded.
    event PayoutSkipped(uint64 indexed providerId, uint64 indexed epoch, bytes reason);
    event WithheldSwept(uint64 indexed epoch, uint256 amount);

    error RewardDistributorNothingArrived();
    error RewardDistributorNotActive(uint64 epoch);
    error RewardDistributorUnknownProvider(uint64 providerId);
    error RewardDistributorBadProof(uint64 providerId, uint64 epoch);
    error RewardDistributorEpochBehind(uint64 providerId, uint64 epoch, uint64 last);
    error RewardDistributorNothingNew(uint64 providerId, uint256 cumulative, uint256 paid);
    /// @param payoutsTotal Of the newest active epoch.
    error RewardDistributorOverspent(uint256 paidTotal, uint256 payoutsTotal);
    error RewardDistributorNothingWithheld();

    /// @notice Books all ANKR that has arrived since the last call as providers' part. Anyone may call.
    function fund() external returns (uint256 amount);

    /// @notice Pays a provider what is new in its leaf `keccak256(bytes.concat(keccak256(abi.encode(providerId, cumulative))))`.
    function push(uint64 providerId, uint64 epoch, uint256 cumulative, bytes32[] calldata proof)
        external
        returns (uint256 amount);

    /// @notice Pushes each that is due. One that is not is skipped and named, so it cannot stop the others.
    function pushMany(Payout[] calldata payouts) external returns (uint256 amount);

    /// @notice Sends what quality withheld, by the newest active epoch, to the treasury bucket's recipient.
    function sweepWithheld() external returns (uint256 amount);

    function fundedTotal() external view returns (uint256);
    function paidTotal() external view returns (uint256);
    function withheldSwept() external view returns (uint256);
    /// @notice Paid to a provider over all epochs, and the epoch of the last payment.
    function paidOf(uint64 providerId) external view returns (uint256 paid, uint64 lastEpoch);
    /// @notice What a push would pay now; reverts as it would.
    function dueOf(uint64 providerId, uint64 epoch, uint256 cumulative, bytes32[] calldata proof)
        external
        view
        returns (uint256 amount);
    /// @notice The first epoch that a payment for `epoch` covers, whose commission may be the lower.
    function firstUnpaidOf(uint64 providerId, uint64 epoch) external view returns (uint64);
    /// @notice How `amount` earned in `epoch`, which has ended, would be split; parts sum to it.
    function splitOf(uint64 providerId, uint64 firstEpoch, uint64 epoch, uint256 amount)
        external
        view
        returns (uint256 toProvider, uint256 toDelegators, uint256 commissionPpm);
}
