// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { Param } from "../governance/Params.sol";
import { Custody } from "../libraries/Custody.sol";
import { Ppm } from "../libraries/Ppm.sol";
import { IRewardDistributor } from "../rewards/IRewardDistributor.sol";
import { FeeBucket, IFeeRouter } from "./IFeeRouter.sol";
import { IRateFeed } from "./IRateFeed.sol";

/// @title FeeRouter
/// @notice Holds what the four buckets have accrued in ANKR, and the stablecoin that waits to be sold for ANKR.
/// At any moment `held[ANKR]` is the sum of the buckets and `held[stable]` is what is pending plus the lot.
///
/// Who may do what
/// - Anyone may book what has arrived, release a bucket to its recipient, start and end an auction, and buy.
/// - Governance names the recipients and, in the parameter store, the split and the auctions' terms, within bounds.
/// - Nobody can take anything out otherwise: no part can be held back, redirected after the split or paid twice, and
///   the terms of an auction stay those of its start.
///
/// Tokens and rate
/// - ANKR and the stablecoin are plain ERC-20s (see Custody). Either one failing stops the routing of both; no exit of
///   an owner passes through here.
/// - The rate is trusted within the bounds that RateFeed names, and only while fresh. A lot is capped in ANKR and its
///   price never falls below the floor, so a lot brings more than floor × what it is worth at the rate recorded; where
///   that rate is m times the true one, more than floor / m. What is told too low is not bought and comes back.
///
/// Rounding
/// - Each named part of a split is rounded down and the providers take the remainder, so the parts sum to the amount.
/// - What a buyer pays is rounded up, once, so slicing a lot never makes it cheaper. The factor rounds up as well.
///
/// On loss there is none to share: nothing here is staked or slashed.
contract FeeRouter is IFeeRouter, Custody, AccessManaged, ReentrancyGuardTransient {
    address private constant DEAD = 0x000000000000000000000000000000000000dEaD;
    uint256 private constant BUCKETS = 4;
    /// A base unit of ANKR is 1e-18 of it and a unit of the rate 1e-18 of a USD.
    uint256 private constant ANKR_AND_RATE_SCALE = 1e36;

    IParamStore public immutable params;
    IRateFeed public immutable rateFeed;
    IERC20 public immutable ankr;
    IERC20 public immutable stable;
    IRewardDistributor public immutable distributor;
    bool public immutable ankrBurnable;

    /// By bucket. An array packs two in a slot, and every split writes all four.
    uint128[BUCKETS] private _accrued;
    address[BUCKETS] private _recipients;
    uint128 private _providersTotal;
    uint128 private _stablePending;
    Auction private _auction;

    constructor(
        address authority,
        IParamStore params_,
        IRateFeed rateFeed_,
        IERC20 ankr_,
        IERC20 stable_,
        IRewardDistributor distributor_,
        address[4] memory recipients,
        bool ankrBurnable_
    ) AccessManaged(authority) {
        params = params_;
        rateFeed = rateFeed_;
        ankr = ankr_;
        stable = stable_;
        distributor = distributor_;
        ankrBurnable = ankrBurnable_;
        for (uint256 i = 0; i < BUCKETS; ++i) {
            _setRecipient(FeeBucket(i), recipients[i]);
        }
    }

    /// @inheritdoc IFeeRouter
    function route() external nonReentrant {
        _bookStable();
        uint256 amount = surplusOf(ankr);
        if (amount == 0) return;
        _receive(ankr, amount);
        (uint256 providers, uint256 burned) = _split(amount);
        _passOn(providers, burned);
    }

    /// @inheritdoc IFeeRouter
    function release(FeeBucket bucket) external nonReentrant returns (uint256 amount) {
        amount = _accrued[uint256(bucket)];
        if (amount == 0) revert FeeRouterZeroAmount();
        address to = _recipients[uint256(bucket)];

        _accrued[uint256(bucket)] = 0;
        emit BucketReleased(bucket, to, amount);
        _give(ankr, to, amount);
    }

    /// @inheritdoc IFeeRouter
    function setRecipient(FeeBucket bucket, address to) external restricted {
        _setRecipient(bucket, to);
    }

    /// @inheritdoc IFeeRouter
    function startAuction() external nonReentrant {
        if (_isRunning()) revert FeeRouterAuctionRunning(_auction.endsAt);
        (uint256 rate, uint64 updatedAt, bool stale) = rateFeed.latest();
        if (stale) revert FeeRouterRateStale(updatedAt);
        if (_auction.lot > 0) _returnUnsold();
        _bookStable();

        uint256 lot = Math.min(_stablePending, rateFeed.stableOf(params.get(Param.AuctionLotMax)));
        uint256 lotMin = rateFeed.stableOf(params.get(Param.AuctionLotMin));
        if (lot < lotMin) revert FeeRouterLotTooSmall(lot, lotMin);

        _stablePending -= SafeCast.toUint128(lot);
        _auction = Auction({
            lot: SafeCast.toUint128(lot),
            startedAt: SafeCast.toUint64(block.timestamp),
            endsAt: SafeCast.toUint64(block.timestamp + params.get(Param.AuctionSeconds)),
            rate: SafeCast.toUint128(rate),
            startPpm: SafeCast.toUint32(params.get(Param.AuctionStartPpm)),
            floorPpm: SafeCast.toUint32(params.get(Param.AuctionFloorPpm))
        });
        emit AuctionStarted(lot, rate, _auction.endsAt, _auction.startPpm, _auction.floorPpm);
    }

    /// @inheritdoc IFeeRouter
    function endAuction() external nonReentrant {
        if (_isRunning()) revert FeeRouterAuctionRunning(_auction.endsAt);
        if (_auction.lot == 0) revert FeeRouterNoAuction();
        _returnUnsold();
    }

    /// @inheritdoc IFeeRouter
    function buy(uint256 stableMax, uint256 ankrMax)
        external
        nonReentrant
        returns (uint256 sold, uint256 paid)
    {
        uint256 lot = _auction.lot;
        sold = Math.min(stableMax, lot);
        paid = priceOf(sold);
        if (sold == 0) revert FeeRouterZeroAmount();
        if (paid > ankrMax) revert FeeRouterTooDear(paid, ankrMax);

        _auction.lot = SafeCast.toUint128(lot - sold);
        emit AuctionBought(msg.sender, sold, paid);
        if (sold == lot) emit AuctionEnded(0);
        (uint256 providers, uint256 burned) = _split(paid);

        _take(ankr, msg.sender, paid);
        _passOn(providers, burned);
        _give(stable, msg.sender, sold);
    }

    /// @inheritdoc IFeeRouter
    function accrued(FeeBucket bucket) external view returns (uint256) {
        return _accrued[uint256(bucket)];
    }

    /// @inheritdoc IFeeRouter
    function recipientOf(FeeBucket bucket) external view returns (address) {
        return _recipients[uint256(bucket)];
    }

    /// @inheritdoc IFeeRouter
    function providersTotal() external view returns (uint256) {
        return _providersTotal;
    }

    /// @inheritdoc IFeeRouter
    function stablePending() external view returns (uint256) {
        return _stablePending;
    }

    /// @inheritdoc IFeeRouter
    function auction() external view returns (Auction memory) {
        return _auction;
    }

    /// @inheritdoc IFeeRouter
    function priceOf(uint256 sold) public view returns (uint256 paid) {
        if (!_isRunning()) revert FeeRouterNoAuction();
        Auction memory running = _auction;
        uint256 elapsed = block.timestamp - running.startedAt;
        uint256 duration = running.endsAt - running.startedAt;
        // What the price has fallen by is rounded down, so the factor is rounded up and the fees gain.
        uint256 fallen = uint256(running.startPpm - running.floorPpm) * elapsed / duration;
        uint256 factorPpm = running.startPpm - fallen;
        // sold / unit is USD, USD × 1e18 / rate is ANKR: brought together, so that only one division rounds.
        uint256 divisor = running.rate * rateFeed.stableUnit() * Ppm.SCALE;
        return Math.mulDiv(sold * factorPpm, ANKR_AND_RATE_SCALE, divisor, Math.Rounding.Ceil);
    }

    function _isRunning() private view returns (bool) {
        return block.timestamp < _auction.endsAt && _auction.lot > 0;
    }

    function _setRecipient(FeeBucket bucket, address to) private {
        if (to == address(0)) revert FeeRouterZeroAddress();
        _recipients[uint256(bucket)] = to;
        emit RecipientSet(bucket, to);
    }

    function _bookStable() private {
        uint256 amount = surplusOf(stable);
        if (amount == 0) return;
        _receive(stable, amount);
        _stablePending += SafeCast.toUint128(amount);
        emit StableBooked(amount);
    }

    function _returnUnsold() private {
        uint128 unsold = _auction.lot;
        _auction.lot = 0;
        _stablePending += unsold;
        emit AuctionEnded(unsold);
    }

    /// @dev Writes the books of a split; `_passOn` moves the two parts that do not stay. The named parts make up less
    /// than the whole by the parameters' bounds, so of any amount at all some goes to the providers.
    function _split(uint256 amount) private returns (uint256 providers, uint256 burned) {
        uint256 treasury = _accrue(FeeBucket.Treasury, amount, Param.FeeTreasuryPpm);
        uint256 grants = _accrue(FeeBucket.Grants, amount, Param.FeeGrantsPpm);
        uint256 auditors = _accrue(FeeBucket.Auditors, amount, Param.FeeAuditorsPpm);
        uint256 protection = _accrue(FeeBucket.Protection, amount, Param.FeeProtectionPpm);
        burned = Ppm.partDown(amount, params.get(Param.FeeBurnPpm));
        providers = amount - treasury - grants - auditors - protection - burned;
        _providersTotal += SafeCast.toUint128(providers);
        emit FeesRouted(amount, providers, treasury, grants, auditors, protection, burned);
    }

    function _accrue(FeeBucket bucket, uint256 amount, Param share) private returns (uint256 part) {
        part = Ppm.partDown(amount, params.get(share));
        _accrued[uint256(bucket)] += SafeCast.toUint128(part);
    }

    function _passOn(uint256 providers, uint256 burned) private {
        _give(ankr, address(distributor), providers);
        distributor.fund();
        if (burned == 0) return;
        if (!ankrBurnable) return _give(ankr, DEAD, burned);
        // A burn is no transfer, so Custody does not know it: what is burned leaves the books here.
        held[ankr] -= burned;
        ERC20Burnable(address(ankr)).burn(burned);
    }
}
