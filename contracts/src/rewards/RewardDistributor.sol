// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { Param } from "../governance/Params.sol";
import { Custody } from "../libraries/Custody.sol";
import { Ppm } from "../libraries/Ppm.sol";
import { FeeBucket, IFeeRouter } from "../payments/IFeeRouter.sol";
import { IProviderRegistry } from "../staking/IProviderRegistry.sol";
import { IStakingPool, StakeKind } from "../staking/IStakingPool.sol";
import { IEpochManager } from "./IEpochManager.sol";
import { IRewardDistributor } from "./IRewardDistributor.sol";

/// @title RewardDistributor
/// @notice Holds providers' part of the fees in ANKR. At any moment `held[ANKR]` is what was funded less what was paid
/// and what was swept to the treasury.
///
/// Who may do what
/// - Anyone may book what has arrived, push what an active root proves, and sweep what was withheld. Whoever calls, the
///   money goes to the provider's rewards address, the staking pool or the treasury's recipient.
/// - Nobody has any other way to money here. There is no role, and nothing can be held back, redirected or paid twice.
/// - Verifiers decide what is earned, within what was funded; the epoch manager says why that always suffices.
///
/// Bounds of a payment
/// - What all providers were ever paid is at most the payouts of the newest active epoch, so leaves that promise more
///   than their root's total cannot reach what was withheld or what is not yet allotted. The bound is that of the
///   newest epoch, not of the leaf's own, so that who is pushed from a newer root first takes nothing from who is still
///   pushed from an older one.
///
/// Split
/// - Commission first, then the rest by active stake at the epoch's end: the provider's own and the delegation it may
///   carry. Without active delegation all goes to the provider. Without own stake the rest goes to the delegators, or
///   a provider could take it all by unbonding its stake over the last second of an epoch.
/// - Commission is the lower of the first epoch that the payment covers and this one, so that a rise takes nothing of
///   what was earned before it and waiting gains nothing.
///
/// Tokens: ANKR is a plain ERC-20 (see Custody), so rewards addresses cannot stop a payment.
///
/// Rounding: commission and the own stake's part are rounded down and the delegators take the remainder, so the parts
/// sum to the amount and delegators never pay for rounding.
///
/// On loss there is none to share: nothing here is staked or slashed.
contract RewardDistributor is IRewardDistributor, Custody, ReentrancyGuardTransient {
    using SafeCast for uint256;

    struct Paid {
        uint128 total;
        uint64 lastEpoch;
    }

    IParamStore public immutable params;
    IEpochManager public immutable epochs;
    IProviderRegistry public immutable registry;
    IStakingPool public immutable pool;
    IFeeRouter public immutable feeRouter;
    IERC20 public immutable ankr;

    uint128 private _fundedTotal;
    uint128 private _paidTotal;
    uint128 private _withheldSwept;
    mapping(uint64 providerId => Paid) private _paid;

    constructor(
        IParamStore params_,
        IEpochManager epochs_,
        IProviderRegistry registry_,
        IStakingPool pool_,
        IFeeRouter feeRouter_,
        IERC20 ankr_
    ) {
        params = params_;
        epochs = epochs_;
        registry = registry_;
        pool = pool_;
        feeRouter = feeRouter_;
        ankr = ankr_;
    }

    /// @inheritdoc IRewardDistributor
    function fund() external nonReentrant returns (uint256 amount) {
        amount = surplusOf(ankr);
        if (amount == 0) revert RewardDistributorNothingArrived();

        uint128 funded = _fundedTotal + amount.toUint128();
        _fundedTotal = funded;
        _receive(ankr, amount);
        emit Funded(amount, funded);
    }

    /// @inheritdoc IRewardDistributor
    function push(uint64 providerId, uint64 epoch, uint256 cumulative, bytes32[] calldata proof)
        external
        nonReentrant
        returns (uint256 amount)
    {
        amount = dueOf(providerId, epoch, cumulative, proof);
        _pay(providerId, epoch, amount);
    }

    /// @inheritdoc IRewardDistributor
    function pushMany(Payout[] calldata payouts) external nonReentrant returns (uint256 amount) {
        for (uint256 i = 0; i < payouts.length; ++i) {
            Payout calldata payout = payouts[i];
            // Called from outside, because only a call can be caught. It reads and changes nothing.
            try this.dueOf(payout.providerId, payout.epoch, payout.cumulative, payout.proof) returns (
                uint256 due
            ) {
                _pay(payout.providerId, payout.epoch, due);
                amount += due;
            } catch (bytes memory reason) {
                emit PayoutSkipped(payout.providerId, payout.epoch, reason);
            }
        }
    }

    /// @inheritdoc IRewardDistributor
    function sweepWithheld() external nonReentrant returns (uint256 amount) {
        (uint64 epoch,) = epochs.latestActive();
        // Zero when no epoch is active: epoch 0 is then not posted or waits.
        if (!epochs.isActive(epoch)) revert RewardDistributorNothingWithheld();
        (,, uint256 withheldTotal) = epochs.payoutsOf(epoch);
        amount = withheldTotal - _withheldSwept;
        if (amount == 0) revert RewardDistributorNothingWithheld();

        _withheldSwept = withheldTotal.toUint128();
        emit WithheldSwept(epoch, amount);
        _give(ankr, feeRouter.recipientOf(FeeBucket.Treasury), amount);
    }

    /// @inheritdoc IRewardDistributor
    function fundedTotal() external view returns (uint256) {
        return _fundedTotal;
    }

    /// @inheritdoc IRewardDistributor
    function paidTotal() external view returns (uint256) {
        return _paidTotal;
    }

    /// @inheritdoc IRewardDistributor
    function withheldSwept() external view returns (uint256) {
        return _withheldSwept;
    }

    /// @inheritdoc IRewardDistributor
    function paidOf(uint64 providerId) external view returns (uint256 paid, uint64 lastEpoch) {
        Paid storage paid_ = _paid[providerId];
        return (paid_.total, paid_.lastEpoch);
    }

    /// @inheritdoc IRewardDistributor
    function dueOf(uint64 providerId, uint64 epoch, uint256 cumulative, bytes32[] calldata proof)
        public
        view
        returns (uint256 amount)
    {
        if (!epochs.isActive(epoch)) revert RewardDistributorNotActive(epoch);
        if (!registry.exists(providerId)) revert RewardDistributorUnknownProvider(providerId);
        Paid memory paid = _paid[providerId];
        if (epoch < paid.lastEpoch) {
            revert RewardDistributorEpochBehind(providerId, epoch, paid.lastEpoch);
        }
        _checkProof(providerId, epoch, cumulative, proof);
        if (cumulative <= paid.total) {
            revert RewardDistributorNothingNew(providerId, cumulative, paid.total);
        }

        amount = cumulative - paid.total;
        _checkTotal(amount);
    }

    /// @inheritdoc IRewardDistributor
    function firstUnpaidOf(uint64 providerId, uint64 epoch) public view returns (uint64) {
        Paid memory paid = _paid[providerId];
        if (paid.total > 0) return paid.lastEpoch < epoch ? paid.lastEpoch + 1 : epoch;

        // Before the first payment what is unpaid begins with the first epoch posted, also for a provider that came
        // later: the registry then says the commission that it began with.
        (uint64 first, bool any) = epochs.first();
        return any && first < epoch ? first : epoch;
    }

    /// @inheritdoc IRewardDistributor
    function splitOf(uint64 providerId, uint64 firstEpoch, uint64 epoch, uint256 amount)
        public
        view
        returns (uint256 toProvider, uint256 toDelegators, uint256 commissionPpm)
    {
        commissionPpm = Math.min(
            registry.commissionAt(providerId, firstEpoch), registry.commissionAt(providerId, epoch)
        );
        (uint256 self, uint256 delegated) = _weightsOf(providerId, epoch);
        if (delegated == 0) return (amount, 0, commissionPpm);

        uint256 commission = Ppm.partDown(amount, commissionPpm);
        uint256 selfPart = Math.mulDiv(amount - commission, self, self + delegated);
        toProvider = commission + selfPart;
        toDelegators = amount - toProvider;
    }

    function _pay(uint64 providerId, uint64 epoch, uint256 amount) private {
        (uint256 toProvider, uint256 toDelegators, uint256 commissionPpm) =
            splitOf(providerId, firstUnpaidOf(providerId, epoch), epoch, amount);
        address rewardsTo = registry.rewardsToOf(providerId);

        Paid storage paid = _paid[providerId];
        paid.total += amount.toUint128();
        paid.lastEpoch = epoch;
        _paidTotal += amount.toUint128();
        emit PayoutPushed(providerId, epoch, amount, toProvider, toDelegators, commissionPpm);

        if (toProvider > 0) _give(ankr, rewardsTo, toProvider);
        if (toDelegators > 0) {
            _give(ankr, address(pool), toDelegators);
            pool.addReward(providerId, toDelegators);
        }
    }

    function _checkProof(uint64 providerId, uint64 epoch, uint256 cumulative, bytes32[] calldata proof)
        private
        view
    {
        (bytes32 root,,) = epochs.payoutsOf(epoch);
        // Hashed twice, so that no inner node of the tree, which is the hash of 64 bytes as well, passes for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(providerId, cumulative))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) {
            revert RewardDistributorBadProof(providerId, epoch);
        }
    }

    function _checkTotal(uint256 amount) private view {
        (uint64 newest,) = epochs.latestActive();
        (, uint256 payoutsTotal,) = epochs.payoutsOf(newest);
        uint256 paidAfter = Math.saturatingAdd(_paidTotal, amount);
        if (paidAfter > payoutsTotal) revert RewardDistributorOverspent(paidAfter, payoutsTotal);
    }

    /// @dev Weights by which the rest after commission is shared: own stake, and the delegation that it may carry.
    function _weightsOf(uint64 providerId, uint64 epoch)
        private
        view
        returns (uint256 self, uint256 delegated)
    {
        uint48 end = params.epochStart(epoch + 1).toUint48();
        self = pool.activeAt(providerId, StakeKind.Self, end);
        delegated = pool.activeAt(providerId, StakeKind.Delegated, end);
        if (self > 0) delegated = Math.min(delegated, params.get(Param.DelegationRatioMax) * self);
    }
}
