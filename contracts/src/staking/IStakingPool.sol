// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardStream } from "../libraries/RewardStream.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Whose stake behind a provider: everybody's, or the provider's own.
enum StakeKind {
    Delegated,
    Self
}

/// @notice What covers delegators' losses in the same call, such as a protection pool.
interface IIndemnifier {
    /// @notice Transfers up to `loss` of the staked token to the caller and returns how much.
    function cover(uint64 providerId, uint256 loss) external returns (uint256 paid);
}

/// @notice Stake in one asset behind every provider: shares whose price only slashing moves, rewards apart.
///
/// A provider has two buckets, its own stake and its delegators'. Stake that is unbonding is slashed like stake that
/// is not. Rewards never touch the principal, so nobody can inflate the price of a share. Self-stake belongs to the
/// provider, whoever owns it, and earns in the distributor, not here.
interface IStakingPool {
    /// @notice Sums of one bucket, in base units.
    struct BucketState {
        uint128 active;
        uint128 shares;
        uint128 unbonding;
        uint128 unbondingShares;
        /// Raised when a slash leaves next to nothing; shares of an older generation are worth nothing.
        uint32 generation;
        uint32 unbondingGeneration;
        /// What disputes keep from leaving.
        uint128 locked;
    }

    struct UnbondingRequest {
        uint64 providerId;
        StakeKind kind;
        /// Zero for self-stake: the provider's owner of the day withdraws.
        address holder;
        uint64 withdrawableAt;
        uint32 generation;
        uint128 shares;
    }

    event Staked(
        uint64 indexed providerId,
        StakeKind indexed kind,
        address indexed holder,
        uint256 amount,
        uint256 shares
    );
    event UnbondingStarted(
        uint64 indexed providerId,
        StakeKind indexed kind,
        address indexed holder,
        uint64 requestId,
        uint256 shares,
        uint256 amount,
        uint64 withdrawableAt
    );
    event UnbondingCancelled(
        uint64 indexed providerId,
        StakeKind indexed kind,
        address indexed holder,
        uint64 requestId,
        uint256 amount,
        uint256 shares
    );
    event Withdrawn(
        uint64 indexed providerId,
        StakeKind indexed kind,
        address indexed holder,
        uint64 requestId,
        uint256 amount
    );
    event RewardAdded(uint64 indexed providerId, uint256 amount, uint64 streamEnd);
    event RewardClaimed(uint64 indexed providerId, address indexed holder, address to, uint256 amount);
    event IdleRewardPaid(uint64 indexed providerId, address to, uint256 amount);
    event Slashed(uint64 indexed providerId, uint256 selfTaken, uint256 delegatedTaken, uint256 covered);
    event GenerationClosed(
        uint64 indexed providerId, StakeKind indexed kind, bool unbonding, uint32 generation, uint256 swept
    );
    event Locked(
        bytes32 indexed lockId,
        uint64 indexed providerId,
        StakeKind indexed kind,
        uint256 amount,
        uint64 until
    );
    event Released(bytes32 indexed lockId);
    event IndemnifierSet(address indemnifier);
    event SurplusSwept(IERC20 indexed token, uint256 amount);

    error StakingPoolUnknownProvider(uint64 providerId);
    error StakingPoolNotOwner(uint64 providerId, address caller);
    error StakingPoolProviderJailed(uint64 providerId);
    error StakingPoolZeroAmount();
    error StakingPoolBelowMinimum(uint256 position, uint256 min);
    error StakingPoolCapReached(uint256 wanted, uint256 cap);
    error StakingPoolTooFewShares(uint256 shares, uint256 min);
    error StakingPoolTooFewTokens(uint256 amount, uint256 min);
    error StakingPoolInsufficientShares(address holder, uint256 held, uint256 wanted);
    error StakingPoolTooManyRequests(uint256 open, uint256 max);
    error StakingPoolUnknownRequest(uint64 requestId);
    error StakingPoolNotHolder(uint64 requestId, address caller);
    error StakingPoolStillUnbonding(uint64 requestId, uint64 withdrawableAt);
    error StakingPoolLocked(uint64 providerId, StakeKind kind, uint256 remaining, uint256 locked);
    error StakingPoolLockExists(bytes32 lockId);
    error StakingPoolUnknownLock(bytes32 lockId);
    error StakingPoolLockTooLong(uint64 until, uint256 max);
    error StakingPoolLockHeld(bytes32 lockId, uint64 until);
    error StakingPoolNothingToClaim();
    error StakingPoolNotPast(uint256 timestamp, uint256 now_);

    /// @notice Stakes `amount`. Delegated: anyone, at least the minimum in the position, refused while jailed, within
    /// the caps of the initial period. Self: the provider's owner, any amount.
    /// @return shares At least `sharesMin`; rounded down.
    function stake(uint64 providerId, StakeKind kind, uint256 amount, uint256 sharesMin)
        external
        returns (uint256 shares);

    /// @notice The same with an ERC-2612 permit; a permit already used does no harm.
    function stakeWithPermit(
        uint64 providerId,
        StakeKind kind,
        uint256 amount,
        uint256 sharesMin,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 shares);

    /// @notice Starts to unbond `shares`: no more rewards, still slashable, own date. What remains of a delegation is
    /// nothing or at least the minimum.
    function unstake(uint64 providerId, StakeKind kind, uint256 shares, uint256 amountMin)
        external
        returns (uint64 requestId);

    /// @notice Puts a request back to work at today's price, before or after its date.
    function cancelUnbonding(uint64 requestId, uint256 sharesMin) external returns (uint256 shares);

    /// @notice Pays a request whose date has come to its holder's `to`.
    function withdraw(uint64 requestId, address to) external returns (uint256 amount);

    function claim(uint64 providerId, address to) external returns (uint256 amount);

    /// @notice Claims and stakes with the same provider in one call.
    function claimAndRestake(uint64 providerId, uint256 sharesMin)
        external
        returns (uint256 amount, uint256 shares);

    /// @notice Streams `amount`, already transferred here, to the delegators over one epoch, with what is left of the
    /// stream before. For the rewarder.
    function addReward(uint64 providerId, uint256 amount) external;

    /// @notice Pays what streamed while nobody delegated to the provider's rewards address. Anyone may call.
    function payIdleReward(uint64 providerId) external returns (uint256 amount);

    /// @notice Takes up to these amounts, active and unbonding alike, and sends them to the caller. Never reverts on
    /// size. The indemnifier's payment lessens the delegators' loss in the same call.
    function slash(uint64 providerId, uint256 selfAmount, uint256 delegatedAmount)
        external
        returns (uint256 selfTaken, uint256 delegatedTaken, uint256 covered);

    /// @notice Keeps `amount` of a bucket from leaving until `until` at the latest.
    function lock(bytes32 lockId, uint64 providerId, StakeKind kind, uint256 amount, uint64 until) external;

    /// @notice By the slasher at any time, by anyone after its date.
    function release(bytes32 lockId) external;

    function setIndemnifier(IIndemnifier indemnifier) external;

    /// @notice Sends what nobody is owed to the treasury. Anyone may call.
    function sweepSurplus(IERC20 token) external returns (uint256 amount);

    function asset() external view returns (IERC20);
    function bucketOf(uint64 providerId, StakeKind kind) external view returns (BucketState memory);
    /// @notice Shares of this generation. Self: pass address zero.
    function sharesOf(uint64 providerId, StakeKind kind, address holder) external view returns (uint256);
    /// @notice All delegation, active and unbonding, behind all providers.
    function delegatedTotal() external view returns (uint256);
    /// @notice What the shares would bring into unbonding now; rounded down.
    function stakeOf(uint64 providerId, StakeKind kind, address holder) external view returns (uint256);
    function earned(uint64 providerId, address holder) external view returns (uint256);
    /// @notice The same in 1e-27 of a base unit, the fraction included.
    function earnedRaysOf(uint64 providerId, address holder) external view returns (uint256);
    /// @notice Rewards held for a provider's delegators and, idle, for the provider; and how they flow.
    function rewardsOf(uint64 providerId)
        external
        view
        returns (uint256 reserve, RewardStream.Stream memory stream);
    function requestOf(uint64 requestId) external view returns (UnbondingRequest memory);
    /// @notice What a request would pay now; rounded down.
    function requestValueOf(uint64 requestId) external view returns (uint256);
    function openRequestsOf(uint64 providerId, StakeKind kind, address holder)
        external
        view
        returns (uint64[] memory);
    /// @notice Active stake of a bucket.
    function activeOf(uint64 providerId, StakeKind kind) external view returns (uint256);
    /// @notice Active delegation that counts for rewards and votes: at most the ratio times active self-stake.
    function countedDelegationOf(uint64 providerId) external view returns (uint256);
    /// @notice Active stake of a bucket at a past second.
    function activeAt(uint64 providerId, StakeKind kind, uint48 timestamp) external view returns (uint256);
    /// @notice A holder's active delegation at a past second, for votes; rounded down.
    function powerAt(uint64 providerId, address holder, uint48 timestamp) external view returns (uint256);
}
