// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Test } from "forge-std/Test.sol";
import { SharePool } from "../../src/libraries/SharePool.sol";

/// @notice One bucket, with calls from outside so that their refusals can be expected.
contract SharePoolBucket {
    using SharePool for SharePool.Bucket;

    SharePool.Bucket private _bucket;

    function set(uint128 active, uint128 shares, uint128 unbonding, uint128 unbondingShares) external {
        _bucket = SharePool.Bucket(active, shares, unbonding, unbondingShares, 0, 0, 0);
    }

    function stake(uint256 amount) external returns (uint256) {
        return _bucket.stake(amount);
    }

    function unstake(uint256 shares) external returns (uint256, uint256) {
        return _bucket.unstake(shares);
    }

    function redeem(uint256 unbondingShares) external returns (uint256) {
        return _bucket.redeem(unbondingShares);
    }

    function slash(uint256 loss) external returns (uint256, uint256) {
        return _bucket.slash(loss);
    }

    function get() external view returns (SharePool.Bucket memory) {
        return _bucket;
    }

    function valueOf(uint256 shares) external view returns (uint256) {
        return _bucket.valueOf(shares);
    }

    function unbondingValueOf(uint256 shares) external view returns (uint256) {
        return _bucket.unbondingValueOf(shares);
    }

    function totalOf() external view returns (uint256) {
        return _bucket.totalOf();
    }
}

contract SharePoolTest is Test {
    uint256 private constant MOST = 1e10 * 1e18;

    SharePoolBucket private pool = new SharePoolBucket();

    function test_AnEmptyBucketIsWorthNothing() external view {
        assertEq(pool.valueOf(0), 0);
        assertEq(pool.valueOf(5), 0);
        assertEq(pool.unbondingValueOf(5), 0);
        assertEq(pool.totalOf(), 0);
    }

    function test_TheFirstStakeSetsAPriceOfOne() external {
        assertEq(pool.stake(1), 1);
        assertEq(pool.stake(MOST), MOST);
        assertEq(pool.valueOf(MOST), MOST);
        assertEq(pool.totalOf(), MOST + 1);
    }

    function test_StakeOfNothingIsRefused() external {
        vm.expectRevert(abi.encodeWithSelector(SharePool.SharePoolTooLittle.selector, 0));
        pool.stake(0);
        pool.stake(10);
        vm.expectRevert(abi.encodeWithSelector(SharePool.SharePoolTooLittle.selector, 0));
        pool.stake(0);
    }

    function test_StakeRoundsSharesDown() external {
        pool.set(2, 3, 0, 0);
        assertEq(pool.stake(3), 4);
        SharePool.Bucket memory bucket = pool.get();
        assertEq(bucket.active, 5);
        assertEq(bucket.shares, 7);
        assertEq(pool.valueOf(4), 2);
    }

    function test_UnstakeRoundsTheAmountAndItsSharesDown() external {
        pool.set(5, 7, 3, 4);
        (uint256 amount, uint256 unbondingShares) = pool.unstake(6);
        assertEq(amount, 4);
        assertEq(unbondingShares, 5);
        SharePool.Bucket memory bucket = pool.get();
        assertEq(bucket.active, 1);
        assertEq(bucket.shares, 1);
        assertEq(bucket.unbonding, 7);
        assertEq(bucket.unbondingShares, 9);
    }

    function test_UnstakeOfLessThanAUnitIsRefused() external {
        pool.set(5, 7, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(SharePool.SharePoolTooLittle.selector, 1));
        pool.unstake(1);
        vm.expectRevert(abi.encodeWithSelector(SharePool.SharePoolTooLittle.selector, 0));
        pool.unstake(0);
        // Worth a unit, which would be less than a share of what is unbonding: no state that slashing leads to.
        pool.set(5, 7, 3, 2);
        vm.expectRevert(abi.encodeWithSelector(SharePool.SharePoolTooLittle.selector, 2));
        pool.unstake(2);
    }

    function test_AllSharesTakeAll() external {
        pool.set(5, 7, 0, 0);
        (uint256 amount, uint256 unbondingShares) = pool.unstake(7);
        assertEq(amount, 5);
        assertEq(unbondingShares, 5);
        assertEq(pool.redeem(5), 5);
        SharePool.Bucket memory bucket = pool.get();
        assertEq(bucket.active, 0);
        assertEq(bucket.shares, 0);
        assertEq(bucket.unbonding, 0);
        assertEq(bucket.unbondingShares, 0);
    }

    function test_RedeemRoundsDownAndTheLastTakesAll() external {
        pool.set(0, 0, 5, 7);
        assertEq(pool.redeem(3), 2);
        assertEq(pool.redeem(3), 2);
        assertEq(pool.redeem(1), 1);
        assertEq(pool.totalOf(), 0);
    }

    function test_RedeemOfMoreThanThereIsIsRefused() external {
        pool.set(100, 100, 5, 7);
        vm.expectRevert();
        pool.redeem(8);
    }

    function test_MoreThanASlotHoldsIsRefused() external {
        uint256 amount = uint256(type(uint128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, amount));
        pool.stake(amount);
        pool.stake(amount - 1);
        vm.expectRevert();
        pool.stake(1);
    }

    function test_SlashOfNothingSweepsNothing() external {
        pool.set(1, 1e18, 1, 1e18);
        (uint256 active, uint256 unbonding) = pool.slash(0);
        assertEq(active + unbonding, 0);
        assertEq(pool.totalOf(), 2);
        assertEq(pool.get().generation, 0);
    }

    function test_SlashOfMoreThanThereIsIsRefused() external {
        pool.set(10e18, 10e18, 5e18, 5e18);
        vm.expectRevert();
        pool.slash(15e18 + 1);
        pool.slash(15e18);
    }

    function test_TheOddUnitIsLostByWhoIsLeaving() external {
        pool.set(10e18, 10e18, 10e18, 10e18);
        pool.slash(3);
        assertEq(pool.get().active, 10e18 - 1);
        assertEq(pool.get().unbonding, 10e18 - 2);
    }

    function test_DustClosesBelowOneToken() external {
        pool.set(2e18, 2e18, 2e18, 2e18);
        pool.slash(2e18);
        assertEq(pool.get().generation, 0);
        assertEq(pool.get().unbondingGeneration, 0);
        (uint256 active, uint256 unbonding) = pool.slash(1);
        // Only what is leaving has lost a unit.
        assertEq(active, 0);
        assertEq(unbonding, 1e18 - 1);
        assertEq(pool.get().generation, 0);
        assertEq(pool.get().unbondingGeneration, 1);
        (active, unbonding) = pool.slash(1);
        assertEq(active, 1e18 - 1);
        assertEq(unbonding, 0);
        assertEq(pool.get().generation, 1);
        assertEq(pool.get().unbondingGeneration, 1);
        assertEq(pool.totalOf(), 0);
    }

    function test_DustClosesBelowAMillionthAShare() external {
        pool.set(3e18, 2e24, 0, 0);
        (uint256 active,) = pool.slash(1e18);
        assertEq(active, 0);
        assertEq(pool.get().generation, 0);
        (active,) = pool.slash(1);
        assertEq(active, 2e18 - 1);
        assertEq(pool.get().shares, 0);
        assertEq(pool.get().generation, 1);
    }

    function test_NobodysDustClosesNothing() external {
        pool.set(5e18, 5e18, 0, 0);
        pool.slash(5e18);
        assertEq(pool.get().generation, 1);
        assertEq(pool.get().unbondingGeneration, 0);
        pool.set(0, 0, 5e18, 5e18);
        pool.slash(5e18);
        assertEq(pool.get().generation, 0);
        assertEq(pool.get().unbondingGeneration, 1);
    }

    function testFuzz_StakeTakesNothingFromOthers(uint256 active, uint256 shares, uint256 amount) external {
        (active, shares) = _side(active, shares);
        amount = bound(amount, 1, MOST);
        pool.set(uint128(active), uint128(shares), 0, 0);
        uint256 given = pool.stake(amount);
        assertGe(given, amount);
        // Rounded down, by less than a share.
        assertLe(given * active, amount * shares);
        assertGt((given + 1) * active, amount * shares);
        assertLe(pool.valueOf(given), amount);
        assertGe(pool.valueOf(given) + 1, amount);
        _assertPriceNeverRises(active, shares);
    }

    function testFuzz_UnstakeTakesNothingFromOthers(
        uint256[2] memory active,
        uint256[2] memory unbonding,
        uint256 part
    ) external {
        (active[0], active[1]) = _side(active[0], active[1]);
        (unbonding[0], unbonding[1]) = _side(unbonding[0], unbonding[1]);
        part = bound(part, 1, active[1]);
        vm.assume(part * active[0] >= active[1]);
        pool.set(uint128(active[0]), uint128(active[1]), uint128(unbonding[0]), uint128(unbonding[1]));
        (uint256 amount, uint256 given) = pool.unstake(part);
        assertLe(amount * active[1], part * active[0]);
        assertGt((amount + 1) * active[1], part * active[0]);
        assertLe(given * unbonding[0], amount * unbonding[1]);
        assertGt((given + 1) * unbonding[0], amount * unbonding[1]);
        assertLe(pool.unbondingValueOf(given), amount);
        assertEq(pool.totalOf(), active[0] + unbonding[0]);
        _assertPriceNeverRises(active[0], active[1]);
    }

    function testFuzz_RedeemTakesNothingFromOthers(uint256 tokens, uint256 shares, uint256 part) external {
        (tokens, shares) = _side(tokens, shares);
        part = bound(part, 0, shares);
        pool.set(0, 0, uint128(tokens), uint128(shares));
        uint256 amount = pool.redeem(part);
        assertLe(amount * shares, part * tokens);
        assertGt((amount + 1) * shares, part * tokens);
        SharePool.Bucket memory bucket = pool.get();
        assertEq(bucket.unbonding, tokens - amount);
        assertEq(bucket.unbondingShares, shares - part);
        // A rest of shares is never worth nothing.
        assertEq(bucket.unbonding == 0, bucket.unbondingShares == 0);
    }

    function testFuzz_SlashTakesInProportion(
        uint256[2] memory active,
        uint256[2] memory unbonding,
        uint256 loss
    ) external {
        (active[0], active[1]) = _side(active[0], active[1]);
        (unbonding[0], unbonding[1]) = _side(unbonding[0], unbonding[1]);
        uint256 total = active[0] + unbonding[0];
        loss = bound(loss, 1, total);
        pool.set(uint128(active[0]), uint128(active[1]), uint128(unbonding[0]), uint128(unbonding[1]));
        (uint256 sweptActive, uint256 sweptUnbonding) = pool.slash(loss);
        SharePool.Bucket memory bucket = pool.get();
        uint256 leaving = bucket.unbonding + sweptUnbonding;
        uint256 staying = bucket.active + sweptActive;
        assertEq(leaving, unbonding[0] * (total - loss) / total);
        assertEq(staying + leaving, total - loss);
        assertLe(staying, active[0]);
        _assertClosed(bucket.generation, staying, active[1], bucket.active, bucket.shares);
        _assertClosed(
            bucket.unbondingGeneration, leaving, unbonding[1], bucket.unbonding, bucket.unbondingShares
        );
    }

    /// @dev Whatever is done to a bucket: a price above zero and not above one, and a bound on shares for a token.
    function testFuzz_PricesStayWithinBounds(uint256 seed) external {
        for (uint256 i = 0; i < 40; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            SharePool.Bucket memory bucket = pool.get();
            uint256 size = seed >> 8;
            uint256 action = seed % 4;
            if (action == 0) pool.stake(1 + size % 1_000_000e18);
            if (action == 1 && bucket.shares > 0) _tryUnstake(1 + size % bucket.shares);
            if (action == 2) pool.redeem(size % (uint256(bucket.unbondingShares) + 1));
            if (action == 3) pool.slash(size % (pool.totalOf() + 1));
            bucket = pool.get();
            assertEq(bucket.active == 0, bucket.shares == 0);
            assertEq(bucket.unbonding == 0, bucket.unbondingShares == 0);
            assertLe(bucket.active, bucket.shares);
            assertLe(bucket.unbonding, bucket.unbondingShares);
            // Rounding lessens it, but for the shares of a unit that is rounded away.
            assertLe(bucket.shares, (uint256(bucket.active) + 40) * SharePool.DUST_RATIO);
            assertLe(bucket.unbondingShares, (uint256(bucket.unbonding) + 40) * SharePool.DUST_RATIO);
        }
    }

    function _tryUnstake(uint256 shares) private {
        if (pool.valueOf(shares) > 0) pool.unstake(shares);
    }

    /// @dev Tokens and shares of one side as slashing leaves them: a price of at most one and at least a millionth.
    function _side(uint256 tokens, uint256 shares) private pure returns (uint256, uint256) {
        tokens = bound(tokens, 1, MOST);
        return (tokens, bound(shares, tokens, tokens * SharePool.DUST_RATIO));
    }

    /// @dev By less than a unit of rounding.
    function _assertPriceNeverRises(uint256 active, uint256 shares) private view {
        SharePool.Bucket memory bucket = pool.get();
        if (bucket.shares == 0) return;
        assertLe(bucket.active, bucket.shares);
        assertGe(uint256(bucket.active) * shares, active * bucket.shares);
        assertLt((uint256(bucket.active) - 1) * shares, active * bucket.shares);
    }

    function _assertClosed(
        uint32 generation,
        uint256 tokens,
        uint256 shares,
        uint256 tokensKept,
        uint256 sharesKept
    ) private pure {
        bool closes = tokens < 1e18 || tokens * 1_000_000 < shares;
        assertEq(generation, closes ? 1 : 0);
        assertEq(tokensKept, closes ? 0 : tokens);
        assertEq(sharesKept, closes ? 0 : shares);
    }
}
