// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Stake of many in shares whose price only slashing moves, with stake that is leaving beside it.
///
/// - Price: active ÷ shares. It starts at one, falls when the bucket is slashed, and is never above one. Rounding may
///   raise it by less than a base unit for each call; nothing else does, so it cannot be inflated.
/// - Who stakes gets shares rounded down, who leaves gets tokens rounded down: those who stay never pay.
/// - Active and unbonding stake are slashed in the same proportion, to one base unit.
/// - A slash that leaves next to nothing closes the generation: shares of it are worth nothing from then on, and the
///   next to come begin at a price of one. Otherwise the number of shares for a token would grow without bound.
library SharePool {
    using Math for uint256;
    using SafeCast for uint256;

    struct Bucket {
        uint128 active;
        uint128 shares;
        uint128 unbonding;
        uint128 unbondingShares;
        uint128 locked;
        uint32 generation;
        uint32 unbondingGeneration;
    }

    /// Below one token, or a millionth of a token for each share, a generation is closed.
    uint256 internal constant DUST = 1e18;
    uint256 internal constant DUST_RATIO = 1_000_000;

    /// @notice The amount is too small to be worth a share, or the shares too few to be worth a base unit.
    error SharePoolTooLittle(uint256 given);

    /// @return shares Rounded down; the rest stays with everybody.
    function stake(Bucket storage bucket, uint256 amount) internal returns (uint256 shares) {
        shares = bucket.shares == 0 ? amount : amount.mulDiv(bucket.shares, bucket.active);
        if (shares == 0) revert SharePoolTooLittle(amount);
        bucket.active += amount.toUint128();
        bucket.shares += shares.toUint128();
    }

    /// @return amount Moved from active to unbonding, rounded down. @return unbondingShares For the request.
    function unstake(Bucket storage bucket, uint256 shares)
        internal
        returns (uint256 amount, uint256 unbondingShares)
    {
        amount = valueOf(bucket, shares);
        uint256 unbonding = bucket.unbonding;
        unbondingShares = unbonding == 0 ? amount : amount.mulDiv(bucket.unbondingShares, unbonding);
        if (unbondingShares == 0) revert SharePoolTooLittle(shares);
        bucket.active -= amount.toUint128();
        bucket.shares -= shares.toUint128();
        bucket.unbonding = (unbonding + amount).toUint128();
        bucket.unbondingShares += unbondingShares.toUint128();
    }

    /// @notice Takes a request's part out of what is unbonding. The last one takes all.
    /// @return amount Rounded down.
    function redeem(Bucket storage bucket, uint256 unbondingShares) internal returns (uint256 amount) {
        amount = unbondingValueOf(bucket, unbondingShares);
        bucket.unbonding -= amount.toUint128();
        bucket.unbondingShares -= unbondingShares.toUint128();
    }

    /// @notice Takes `loss`, which must not exceed the bucket's total, from both sides in proportion.
    /// @return sweptActive What was left of a generation that is now closed, to be given away by the caller.
    /// @return sweptUnbonding The same of the unbonding side.
    function slash(Bucket storage bucket, uint256 loss)
        internal
        returns (uint256 sweptActive, uint256 sweptUnbonding)
    {
        if (loss == 0) return (0, 0);
        uint256 total = totalOf(bucket);
        // Rounded down: the odd unit is lost by those who are leaving, and the rest of the loss by those who stay.
        uint256 unbonding = uint256(bucket.unbonding).mulDiv(total - loss, total);
        bucket.active = (total - loss - unbonding).toUint128();
        bucket.unbonding = unbonding.toUint128();
        if (_isDust(bucket.active, bucket.shares)) {
            sweptActive = bucket.active;
            bucket.active = 0;
            bucket.shares = 0;
            bucket.generation++;
        }
        if (_isDust(unbonding, bucket.unbondingShares)) {
            sweptUnbonding = unbonding;
            bucket.unbonding = 0;
            bucket.unbondingShares = 0;
            bucket.unbondingGeneration++;
        }
    }

    /// @notice What shares are worth now, rounded down.
    function valueOf(Bucket storage bucket, uint256 shares) internal view returns (uint256) {
        uint256 all = bucket.shares;
        return all == 0 ? 0 : shares.mulDiv(bucket.active, all);
    }

    function unbondingValueOf(Bucket storage bucket, uint256 unbondingShares)
        internal
        view
        returns (uint256)
    {
        uint256 all = bucket.unbondingShares;
        return all == 0 ? 0 : unbondingShares.mulDiv(bucket.unbonding, all);
    }

    function totalOf(Bucket storage bucket) internal view returns (uint256) {
        return uint256(bucket.active) + bucket.unbonding;
    }

    function _isDust(uint256 tokens, uint256 shares) private pure returns (bool) {
        return shares > 0 && (tokens < DUST || tokens * DUST_RATIO < shares);
    }
}
