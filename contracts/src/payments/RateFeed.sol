// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../governance/ISignerSets.sol";
import { Param } from "../governance/Params.sol";
import { Ppm } from "../libraries/Ppm.sol";
import { IRateFeed } from "./IRateFeed.sol";

/// @title RateFeed
/// @notice Holds no tokens. Says what an ANKR is worth, for the auctions of fees and the minimums of deposits.
///
/// Who may do what
/// - Anyone may bring quotes of one moment signed by at least the threshold of the rate signers. Whoever brings them
///   picks which signers' quotes are counted, so a minority of f liars needs a threshold of at least 2f + 1 to stay
///   inside what honest signers said.
/// - Nobody, the signers included, can set a rate directly: it only moves by the bounds below.
///
/// Bounds, where M is `RateMoveMaxPpm` and D is `RateDayMoveMaxPpm`
/// - One post moves the rate by at most M of the last rate.
/// - Days are windows: the first post 24 hours or more after a window began begins the next one, and the rate in
///   force before that post is the anchor of the new window. Within a window the rate stays inside anchor ± D.
/// - Windows are told apart by block time, so a quote's own time cannot shorten one. Any 24 hours touch two windows at
///   most. Signers who all lie can therefore climb a staircase across the border: from a rate r that stood still they
///   reach r × (1 + D)² or r × (1 − D)² within an instant around it, and over n days r × (1 ± D)^(n + 1). From the
///   bottom of one window to the top of the next it is (1 + D)² / (1 − D). Who relies on a rate reckons with these
///   figures, not with D.
/// - Where a parameter's change leaves no room between both bounds, the bound of one post decides: the rate walks
///   back, it does not jump.
///
/// Rounding
/// - The median of an even number is rounded down: an ANKR counts for less by under 1e-18 USD, so buyers of an auction
///   pay more and depositors need less, by dust.
/// - Bounds are rounded outward, by under 1e-18 USD: rounded inward, a rate of a few units could never rise again.
/// - `stableOf` is rounded up: who must bring a worth in stablecoin never brings too little.
///
/// Silence
/// - Without posts the last rate stays and is told as stale. Readers decide what they still do with it.
contract RateFeed is IRateFeed, EIP712 {
    bytes32 private constant QUOTE_TYPEHASH = keccak256("Quote(uint256 usdPerAnkr,uint64 observedAt)");
    uint256 private constant DAY = 24 hours;
    /// A base unit of ANKR is 1e-18 of it and a unit of the rate 1e-18 of a USD.
    uint256 private constant ANKR_AND_RATE_SCALE = 1e36;

    IParamStore public immutable params;
    ISignerSets public immutable signerSets;
    /// @inheritdoc IRateFeed
    uint256 public immutable stableUnit;

    uint128 private _rate;
    uint64 private _updatedAt;
    uint128 private _anchorRate;
    uint64 private _anchorSince;

    constructor(IParamStore params_, ISignerSets signerSets_, uint8 stableDecimals, uint256 initialUsdPerAnkr)
        EIP712("MooringRateFeed", "1")
    {
        if (initialUsdPerAnkr == 0) revert RateFeedZeroRate();
        params = params_;
        signerSets = signerSets_;
        stableUnit = 10 ** stableDecimals;

        uint64 time = SafeCast.toUint64(block.timestamp);
        _rate = SafeCast.toUint128(initialUsdPerAnkr);
        _updatedAt = time;
        _anchorRate = _rate;
        _anchorSince = time;
    }

    /// @inheritdoc IRateFeed
    function post(uint64 observedAt, uint256[] calldata quotes, bytes[] calldata signatures) external {
        _checkMoment(observedAt);
        if (quotes.length != signatures.length) {
            revert RateFeedLengthMismatch(quotes.length, signatures.length);
        }
        bytes32[] memory digests = new bytes32[](quotes.length);
        for (uint256 i = 0; i < quotes.length; ++i) {
            if (quotes[i] == 0) revert RateFeedZeroQuote();
            digests[i] = _hashTypedDataV4(keccak256(abi.encode(QUOTE_TYPEHASH, quotes[i], observedAt)));
        }
        signerSets.requireSigners(SignerRole.RateSigner, digests, signatures);

        if (block.timestamp >= _anchorSince + DAY) {
            _anchorRate = _rate;
            _anchorSince = SafeCast.toUint64(block.timestamp);
        }
        uint256 median = _median(quotes);
        uint256 next = _bounded(median);
        _rate = SafeCast.toUint128(next);
        _updatedAt = observedAt;
        emit RatePosted(next, median, observedAt);
    }

    /// @inheritdoc IRateFeed
    function latest() external view returns (uint256 usdPerAnkr, uint64 updatedAt, bool stale) {
        updatedAt = _updatedAt;
        return (_rate, updatedAt, _isStale(updatedAt));
    }

    /// @inheritdoc IRateFeed
    function anchor() external view returns (uint256 usdPerAnkr, uint64 since) {
        return (_anchorRate, _anchorSince);
    }

    /// @inheritdoc IRateFeed
    function stableOf(uint256 ankr) external view returns (uint256) {
        return Math.mulDiv(ankr, _rate * stableUnit, ANKR_AND_RATE_SCALE, Math.Rounding.Ceil);
    }

    function _checkMoment(uint64 observedAt) private view {
        if (observedAt > block.timestamp) revert RateFeedInFuture(observedAt);
        if (observedAt <= _updatedAt) revert RateFeedNotNewer(observedAt, _updatedAt);
        if (_isStale(observedAt)) revert RateFeedTooOld(observedAt);
    }

    function _isStale(uint64 observedAt) private view returns (bool) {
        return block.timestamp > observedAt + params.get(Param.RateStaleSeconds);
    }

    /// @dev First the day, then the move: where they exclude each other the move decides.
    function _bounded(uint256 median) private view returns (uint256) {
        uint256 withinDay = _clamp(median, _anchorRate, params.get(Param.RateDayMoveMaxPpm));
        return _clamp(withinDay, _rate, params.get(Param.RateMoveMaxPpm));
    }

    /// @dev `value` within `center` ± `ppm`. Rounded outward, and never to zero, which would be a rate for ever.
    function _clamp(uint256 value, uint256 center, uint256 ppm) private pure returns (uint256) {
        uint256 low = Math.max(1, Ppm.partDown(center, Ppm.SCALE - ppm));
        uint256 high = Math.mulDiv(center, Ppm.SCALE + ppm, Ppm.SCALE, Math.Rounding.Ceil);
        return Math.min(Math.max(value, low), high);
    }

    /// @dev Sorts by insertion: a set of signers has at most 32 members and their quotes are close to each other.
    function _median(uint256[] memory quotes) private pure returns (uint256) {
        uint256 count = quotes.length;
        for (uint256 i = 1; i < count; ++i) {
            uint256 quote = quotes[i];
            uint256 j = i;
            for (; j > 0 && quotes[j - 1] > quote; --j) {
                quotes[j] = quotes[j - 1];
            }
            quotes[j] = quote;
        }
        uint256 upper = quotes[count / 2];
        // Rounded down where two stand in the middle; `average` cannot overflow.
        return count % 2 == 1 ? upper : Math.average(quotes[count / 2 - 1], upper);
    }
}
