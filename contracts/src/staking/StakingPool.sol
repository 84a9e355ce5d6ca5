// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { Param } from "../governance/Params.sol";
import { Custody } from "../libraries/Custody.sol";
import { RewardStream } from "../libraries/RewardStream.sol";
import { SharePool } from "../libraries/SharePool.sol";
import { IProviderRegistry } from "./IProviderRegistry.sol";
import { DelegatorRewards } from "./DelegatorRewards.sol";
import { IIndemnifier, IStakingPool, StakeKind } from "./IStakingPool.sol";
import { StakeHistory } from "./StakeHistory.sol";
import { UnbondingRequests } from "./UnbondingRequests.sol";

/// @title StakingPool: stake behind providers
///
/// - Holds all stake in one asset, a provider's own and that of its delegators, active and unbonding, and rewards until
///   they are claimed. It owes them to the holders; self-stake belongs to the provider, whoever owns it.
/// - A holder may always begin to leave, and withdraws alone when its date has come. Nobody can move a date that was
///   given. A lock keeps stake for a bounded time while a dispute runs, and only from being withdrawn.
/// - The slasher may take stake, never more than there is, and cannot choose where else it goes. The rewarder may bring
///   rewards. Governance may name an indemnifier and change parameters; it cannot touch stake.
/// - The asset is a plain ERC-20 (see Custody).
/// - Rounding favours those who stay; see SharePool and RewardStream.
/// - On loss: active and unbonding stake of a bucket bear it in proportion, less what the indemnifier pays. What is left
///   of a bucket that is all but gone goes to the treasury.
contract StakingPool is IStakingPool, AccessManaged, Custody, ReentrancyGuardTransient {
    using SharePool for SharePool.Bucket;
    using RewardStream for RewardStream.Stream;
    using DelegatorRewards for DelegatorRewards.Rewards;
    using StakeHistory for StakeHistory.History;
    using UnbondingRequests for UnbondingRequests.Requests;
    using SafeCast for uint256;

    struct Lock {
        uint64 providerId;
        StakeKind kind;
        uint64 until;
        uint128 amount;
        address locker;
    }

    IParamStore public immutable params;
    IProviderRegistry public immutable registry;
    IERC20 public immutable asset;
    address public immutable treasury;

    IIndemnifier public indemnifier;
    /// @inheritdoc IStakingPool
    uint256 public delegatedTotal;

    mapping(uint64 providerId => mapping(StakeKind kind => SharePool.Bucket)) private _buckets;
    mapping(uint64 providerId => DelegatorRewards.Rewards) private _rewards;
    /// What a holder has staked and not withdrawn, for its allotment: stake that is leaving may still be taken back.
    mapping(address holder => uint256) private _delegatedBy;
    mapping(bytes32 lockId => Lock) private _locks;
    UnbondingRequests.Requests private _requests;
    StakeHistory.History private _history;

    constructor(
        address authority,
        IParamStore params_,
        IProviderRegistry registry_,
        IERC20 asset_,
        address treasury_
    ) AccessManaged(authority) {
        params = params_;
        registry = registry_;
        asset = asset_;
        treasury = treasury_;
    }

    /// @inheritdoc IStakingPool
    function stake(uint64 providerId, StakeKind kind, uint256 amount, uint256 sharesMin)
        external
        nonReentrant
        returns (uint256 shares)
    {
        shares = _stake(providerId, kind, amount, sharesMin);
        _take(asset, msg.sender, amount);
    }

    /// @inheritdoc IStakingPool
    function stakeWithPermit(
        uint64 providerId,
        StakeKind kind,
        uint256 amount,
        uint256 sharesMin,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 shares) {
        // Whoever saw the permit may have used it first; the allowance is there all the same.
        try IERC20Permit(address(asset)).permit(msg.sender, address(this), amount, deadline, v, r, s) { }
            catch { }
        shares = _stake(providerId, kind, amount, sharesMin);
        _take(asset, msg.sender, amount);
    }

    /// @inheritdoc IStakingPool
    function unstake(uint64 providerId, StakeKind kind, uint256 shares, uint256 amountMin)
        external
        nonReentrant
        returns (uint64 requestId)
    {
        address holder = _holderOf(providerId, kind);
        if (shares == 0) revert StakingPoolZeroAmount();
        SharePool.Bucket storage bucket = _settle(providerId, kind, holder);
        uint256 owned = _history.sharesOf(providerId, kind, holder, bucket.generation);
        if (shares > owned) revert StakingPoolInsufficientShares(holder, owned, shares);

        (uint256 amount, uint256 unbondingShares) = bucket.unstake(shares);
        if (amount < amountMin) revert StakingPoolTooFewTokens(amount, amountMin);
        if (kind == StakeKind.Delegated) {
            uint256 left = bucket.valueOf(owned - shares);
            if (owned > shares) _requireMinimum(left);
        }
        _history.record(providerId, kind, holder, bucket, owned - shares);
        uint64 withdrawableAt = (block.timestamp + params.get(_periodOf(kind))).toUint64();
        requestId = _requests.add(
            UnbondingRequest({
                providerId: providerId,
                kind: kind,
                holder: holder,
                withdrawableAt: withdrawableAt,
                generation: bucket.unbondingGeneration,
                shares: unbondingShares.toUint128()
            }),
            params.get(Param.UnbondingRequestsMax)
        );
        emit UnbondingStarted(providerId, kind, holder, requestId, shares, amount, withdrawableAt);
        if (kind == StakeKind.Self) registry.checkSelfStake(providerId);
    }

    /// @inheritdoc IStakingPool
    function cancelUnbonding(uint64 requestId, uint256 sharesMin)
        external
        nonReentrant
        returns (uint256 shares)
    {
        UnbondingRequest memory request = _close(requestId);
        (uint64 providerId, StakeKind kind, address holder) =
            (request.providerId, request.kind, request.holder);
        SharePool.Bucket storage bucket = _settle(providerId, kind, holder);
        if (request.generation != bucket.unbondingGeneration) revert StakingPoolZeroAmount();

        uint256 amount = bucket.redeem(request.shares);
        shares = bucket.stake(amount);
        if (shares < sharesMin) revert StakingPoolTooFewShares(shares, sharesMin);
        uint256 owned = _history.sharesOf(providerId, kind, holder, bucket.generation);
        _history.record(providerId, kind, holder, bucket, owned + shares);
        emit UnbondingCancelled(providerId, kind, holder, requestId, amount, shares);
    }

    /// @inheritdoc IStakingPool
    function withdraw(uint64 requestId, address to) external nonReentrant returns (uint256 amount) {
        UnbondingRequest memory request = _close(requestId);
        if (block.timestamp < request.withdrawableAt) {
            revert StakingPoolStillUnbonding(requestId, request.withdrawableAt);
        }
        SharePool.Bucket storage bucket = _buckets[request.providerId][request.kind];
        if (request.generation == bucket.unbondingGeneration) {
            amount = bucket.redeem(request.shares);
            uint256 remaining = bucket.totalOf();
            if (amount > 0 && remaining < bucket.locked) {
                revert StakingPoolLocked(request.providerId, request.kind, remaining, bucket.locked);
            }
            if (request.kind == StakeKind.Delegated) {
                delegatedTotal -= amount;
                // The last of all requests is paid what rounding has left of the others.
                _delegatedBy[request.holder] -= Math.min(_delegatedBy[request.holder], amount);
            }
        }
        emit Withdrawn(request.providerId, request.kind, request.holder, requestId, amount);
        _give(asset, to, amount);
    }

    /// @inheritdoc IStakingPool
    function claim(uint64 providerId, address to) external nonReentrant returns (uint256 amount) {
        _settle(providerId, StakeKind.Delegated, msg.sender);
        amount = _takeEarned(providerId);
        emit RewardClaimed(providerId, msg.sender, to, amount);
        _give(asset, to, amount);
    }

    /// @inheritdoc IStakingPool
    function claimAndRestake(uint64 providerId, uint256 sharesMin)
        external
        nonReentrant
        returns (uint256 amount, uint256 shares)
    {
        _settle(providerId, StakeKind.Delegated, msg.sender);
        amount = _takeEarned(providerId);
        emit RewardClaimed(providerId, msg.sender, address(this), amount);
        shares = _stake(providerId, StakeKind.Delegated, amount, sharesMin);
    }

    /// @inheritdoc IStakingPool
    function addReward(uint64 providerId, uint256 amount) external restricted nonReentrant {
        DelegatorRewards.Rewards storage rewards = _settledRewards(providerId);
        rewards.add(amount, params.get(Param.EpochSeconds));
        emit RewardAdded(providerId, amount, rewards.stream.end);
        _receive(asset, amount);
    }

    /// @inheritdoc IStakingPool
    function payIdleReward(uint64 providerId) external nonReentrant returns (uint256 amount) {
        _requireProvider(providerId);
        amount = _settledRewards(providerId).takeIdle();
        if (amount == 0) revert StakingPoolNothingToClaim();
        address to = registry.rewardsToOf(providerId);
        emit IdleRewardPaid(providerId, to, amount);
        _give(asset, to, amount);
    }

    /// @inheritdoc IStakingPool
    function slash(uint64 providerId, uint256 selfAmount, uint256 delegatedAmount)
        external
        restricted
        nonReentrant
        returns (uint256 selfTaken, uint256 delegatedTaken, uint256 covered)
    {
        _requireProvider(providerId);
        selfTaken = Math.min(selfAmount, _buckets[providerId][StakeKind.Self].totalOf());
        delegatedTaken = Math.min(delegatedAmount, _buckets[providerId][StakeKind.Delegated].totalOf());
        covered = _cover(providerId, delegatedTaken);
        _hit(providerId, StakeKind.Self, selfTaken);
        _hit(providerId, StakeKind.Delegated, delegatedTaken - covered);
        emit Slashed(providerId, selfTaken, delegatedTaken, covered);
        _give(asset, msg.sender, selfTaken + delegatedTaken);
        registry.checkSelfStake(providerId);
    }

    /// @inheritdoc IStakingPool
    function lock(bytes32 lockId, uint64 providerId, StakeKind kind, uint256 amount, uint64 until)
        external
        restricted
    {
        _requireProvider(providerId);
        if (_locks[lockId].locker != address(0)) revert StakingPoolLockExists(lockId);
        uint256 latest =
            block.timestamp + params.get(Param.DisputeOpenSeconds) + params.get(Param.DisputeResolveSeconds);
        if (until > latest) revert StakingPoolLockTooLong(until, latest);
        _locks[lockId] = Lock(providerId, kind, until, amount.toUint128(), msg.sender);
        _buckets[providerId][kind].locked += amount.toUint128();
        emit Locked(lockId, providerId, kind, amount, until);
    }

    /// @inheritdoc IStakingPool
    function release(bytes32 lockId) external {
        Lock memory found = _locks[lockId];
        // An identifier is never used again, so that a lock that ended cannot be drawn out under its name.
        if (found.amount == 0) revert StakingPoolUnknownLock(lockId);
        if (msg.sender != found.locker && block.timestamp < found.until) {
            revert StakingPoolLockHeld(lockId, found.until);
        }
        _locks[lockId].amount = 0;
        _buckets[found.providerId][found.kind].locked -= found.amount;
        emit Released(lockId);
    }

    /// @inheritdoc IStakingPool
    function setIndemnifier(IIndemnifier indemnifier_) external restricted {
        indemnifier = indemnifier_;
        emit IndemnifierSet(address(indemnifier_));
    }

    /// @inheritdoc IStakingPool
    function sweepSurplus(IERC20 token) external nonReentrant returns (uint256 amount) {
        amount = surplusOf(token);
        if (amount == 0) revert StakingPoolZeroAmount();
        _receive(token, amount);
        emit SurplusSwept(token, amount);
        _give(token, treasury, amount);
    }

    /// @inheritdoc IStakingPool
    function bucketOf(uint64 providerId, StakeKind kind) external view returns (BucketState memory) {
        SharePool.Bucket storage bucket = _buckets[providerId][kind];
        return BucketState({
            active: bucket.active,
            shares: bucket.shares,
            unbonding: bucket.unbonding,
            unbondingShares: bucket.unbondingShares,
            generation: bucket.generation,
            unbondingGeneration: bucket.unbondingGeneration,
            locked: bucket.locked
        });
    }

    /// @inheritdoc IStakingPool
    function sharesOf(uint64 providerId, StakeKind kind, address holder) public view returns (uint256) {
        return _history.sharesOf(providerId, kind, holder, _buckets[providerId][kind].generation);
    }

    /// @inheritdoc IStakingPool
    function stakeOf(uint64 providerId, StakeKind kind, address holder) external view returns (uint256) {
        return _buckets[providerId][kind].valueOf(sharesOf(providerId, kind, holder));
    }

    /// @inheritdoc IStakingPool
    function earned(uint64 providerId, address holder) external view returns (uint256) {
        return earnedRaysOf(providerId, holder) / RewardStream.RAY;
    }

    /// @inheritdoc IStakingPool
    function earnedRaysOf(uint64 providerId, address holder) public view returns (uint256) {
        SharePool.Bucket storage bucket = _buckets[providerId][StakeKind.Delegated];
        DelegatorRewards.Rewards storage rewards = _rewards[providerId];
        uint256 accumulated = rewards.stream.accumulatedNow(bucket.shares);
        return rewards.owedRays(holder, _sharesAsHeld(providerId, holder), bucket.generation, accumulated);
    }

    /// @inheritdoc IStakingPool
    function rewardsOf(uint64 providerId)
        external
        view
        returns (uint256 reserve, RewardStream.Stream memory stream)
    {
        return (_rewards[providerId].reserve, _rewards[providerId].stream);
    }

    /// @inheritdoc IStakingPool
    function requestOf(uint64 requestId) external view returns (UnbondingRequest memory) {
        return _requests.byId[requestId];
    }

    /// @inheritdoc IStakingPool
    function requestValueOf(uint64 requestId) external view returns (uint256) {
        UnbondingRequest memory request = _requests.byId[requestId];
        SharePool.Bucket storage bucket = _buckets[request.providerId][request.kind];
        if (request.generation != bucket.unbondingGeneration) return 0;
        return bucket.unbondingValueOf(request.shares);
    }

    /// @inheritdoc IStakingPool
    function openRequestsOf(uint64 providerId, StakeKind kind, address holder)
        external
        view
        returns (uint64[] memory)
    {
        return _requests.openOf(providerId, kind, holder);
    }

    /// @inheritdoc IStakingPool
    function activeOf(uint64 providerId, StakeKind kind) external view returns (uint256) {
        return _buckets[providerId][kind].active;
    }

    /// @inheritdoc IStakingPool
    function countedDelegationOf(uint64 providerId) external view returns (uint256) {
        uint256 most =
            uint256(_buckets[providerId][StakeKind.Self].active) * params.get(Param.DelegationRatioMax);
        return Math.min(_buckets[providerId][StakeKind.Delegated].active, most);
    }

    /// @inheritdoc IStakingPool
    function activeAt(uint64 providerId, StakeKind kind, uint48 timestamp) external view returns (uint256) {
        _requirePast(timestamp);
        return _history.activeAt(providerId, kind, timestamp);
    }

    /// @inheritdoc IStakingPool
    function powerAt(uint64 providerId, address holder, uint48 timestamp) external view returns (uint256) {
        _requirePast(timestamp);
        return _history.powerAt(providerId, holder, timestamp);
    }

    function _stake(uint64 providerId, StakeKind kind, uint256 amount, uint256 sharesMin)
        private
        returns (uint256 shares)
    {
        address holder = _holderOf(providerId, kind);
        if (amount == 0) revert StakingPoolZeroAmount();
        SharePool.Bucket storage bucket = _settle(providerId, kind, holder);
        uint256 owned = _history.sharesOf(providerId, kind, holder, bucket.generation);
        // What is put in counts whole: nobody misses the minimum by the rounding of its shares.
        uint256 position = bucket.valueOf(owned) + amount;
        shares = bucket.stake(amount);
        if (shares < sharesMin) revert StakingPoolTooFewShares(shares, sharesMin);
        owned += shares;
        if (kind == StakeKind.Delegated) {
            if (registry.isJailed(providerId)) revert StakingPoolProviderJailed(providerId);
            _requireMinimum(position);
            delegatedTotal += amount;
            _delegatedBy[holder] += amount;
            _requireWithinCaps(holder);
        }
        _history.record(providerId, kind, holder, bucket, owned);
        emit Staked(providerId, kind, holder, amount, shares);
    }

    /// @dev Who a call of the sender acts for: itself, or the provider it owns.
    function _holderOf(uint64 providerId, StakeKind kind) private view returns (address) {
        _requireProvider(providerId);
        if (kind == StakeKind.Delegated) return msg.sender;
        if (registry.ownerOf(providerId) != msg.sender) revert StakingPoolNotOwner(providerId, msg.sender);
        return address(0);
    }

    /// @dev Brings a delegator's earnings up to now; self-stake has none here.
    function _settle(uint64 providerId, StakeKind kind, address holder)
        private
        returns (SharePool.Bucket storage bucket)
    {
        bucket = _buckets[providerId][kind];
        if (kind == StakeKind.Self) return bucket;
        _settledRewards(providerId).settleHolder(holder, _sharesAsHeld(providerId, holder), bucket.generation);
        // Shares of a closed generation have earned their last and are gone.
        _history.dropOld(providerId, holder, bucket.generation);
    }

    function _settledRewards(uint64 providerId) private returns (DelegatorRewards.Rewards storage rewards) {
        rewards = _rewards[providerId];
        rewards.stream.settle(_buckets[providerId][StakeKind.Delegated].shares);
    }

    function _sharesAsHeld(uint64 providerId, address holder)
        private
        view
        returns (DelegatorRewards.Shares memory)
    {
        (uint32 generation, uint256 shares) = _history.latestOf(providerId, StakeKind.Delegated, holder);
        return DelegatorRewards.Shares(generation, shares);
    }

    function _takeEarned(uint64 providerId) private returns (uint256 amount) {
        amount = _rewards[providerId].take(msg.sender);
        if (amount == 0) revert StakingPoolNothingToClaim();
    }

    /// @dev Asks the indemnifier and believes nothing but the balance: it may refuse, lie or fail.
    function _cover(uint64 providerId, uint256 loss) private returns (uint256 covered) {
        if (loss == 0 || address(indemnifier) == address(0)) return 0;
        uint256 before = asset.balanceOf(address(this));
        (bool answered,) = address(indemnifier).call(abi.encodeCall(IIndemnifier.cover, (providerId, loss)));
        uint256 arrived = asset.balanceOf(address(this)) - before;
        covered = answered ? Math.min(arrived, loss) : 0;
        if (covered > 0) _receive(asset, covered);
    }

    function _hit(uint64 providerId, StakeKind kind, uint256 loss) private {
        SharePool.Bucket storage bucket = _buckets[providerId][kind];
        uint32 generation = bucket.generation;
        uint32 unbondingGeneration = bucket.unbondingGeneration;
        if (kind == StakeKind.Delegated) _settledRewards(providerId);
        (uint256 sweptActive, uint256 sweptUnbonding) = bucket.slash(loss);
        if (kind == StakeKind.Delegated) delegatedTotal -= loss + sweptActive + sweptUnbonding;
        _history.recordTotals(providerId, kind, bucket);
        if (bucket.generation != generation) {
            // Self-stake counts generations of its own, with numbers that delegators' have as well.
            if (kind == StakeKind.Delegated) {
                _rewards[providerId].finalAccumulated[generation] = _rewards[providerId].stream.accumulated;
            }
            emit GenerationClosed(providerId, kind, false, generation, sweptActive);
        }
        if (bucket.unbondingGeneration != unbondingGeneration) {
            emit GenerationClosed(providerId, kind, true, unbondingGeneration, sweptUnbonding);
        }
        if (sweptActive + sweptUnbonding > 0) _give(asset, treasury, sweptActive + sweptUnbonding);
    }

    /// @dev Checks that the caller holds the request, and takes it out.
    function _close(uint64 requestId) private returns (UnbondingRequest memory request) {
        request = _requests.byId[requestId];
        if (request.providerId == 0) revert StakingPoolUnknownRequest(requestId);
        address holder =
            request.kind == StakeKind.Self ? registry.ownerOf(request.providerId) : request.holder;
        if (holder != msg.sender) revert StakingPoolNotHolder(requestId, msg.sender);
        _requests.close(requestId, request);
    }

    function _requireProvider(uint64 providerId) private view {
        if (!registry.exists(providerId)) revert StakingPoolUnknownProvider(providerId);
    }

    function _requireMinimum(uint256 position) private view {
        uint256 min = params.get(Param.DelegationMin);
        if (position < min) revert StakingPoolBelowMinimum(position, min);
    }

    /// @dev The caps of an initial period; off unless an end is set.
    function _requireWithinCaps(address holder) private view {
        uint256 end = params.get(Param.DelegationCapEndEpoch);
        if (end == 0 || params.currentEpoch() >= end) return;
        uint256 cap = params.get(Param.DelegationCapTotal);
        if (delegatedTotal > cap) revert StakingPoolCapReached(delegatedTotal, cap);
        cap = params.get(Param.DelegationCapPerAddress);
        if (_delegatedBy[holder] > cap) revert StakingPoolCapReached(_delegatedBy[holder], cap);
    }

    function _requirePast(uint48 timestamp) private view {
        if (timestamp >= block.timestamp) revert StakingPoolNotPast(timestamp, block.timestamp);
    }

    function _periodOf(StakeKind kind) private pure returns (Param) {
        return kind == StakeKind.Self ? Param.UnbondingSelfSeconds : Param.UnbondingDelegatorSeconds;
    }
}
