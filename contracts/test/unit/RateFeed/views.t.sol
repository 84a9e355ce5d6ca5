// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { RateFeed } from "../../../src/payments/RateFeed.sol";
import { RateFeedFixture } from "./RateFeedFixture.sol";

contract Views_RateFeed_Test is RateFeedFixture {
    function test_IsStaleFromTheSecondAfterTheLimit() external {
        vm.warp(START + STALE);
        (,, bool stale) = rateFeed.latest();
        assertFalse(stale);
        vm.warp(START + STALE + 1);
        uint256 rate;
        uint64 updatedAt;
        (rate, updatedAt, stale) = rateFeed.latest();
        assertTrue(stale);
        assertEq(rate, INITIAL_RATE);
        assertEq(updatedAt, START);
    }

    function test_StalenessFollowsTheParameter() external {
        uint256 effectiveAt = _announce(Param.RateStaleSeconds, 1 days);
        vm.warp(effectiveAt - STALE - 1);
        _postRate(INITIAL_RATE);
        vm.warp(effectiveAt - 1);
        (,, bool stale) = rateFeed.latest();
        assertFalse(stale);
        vm.warp(effectiveAt);
        (,, stale) = rateFeed.latest();
        assertFalse(stale);
        vm.warp(effectiveAt - STALE - 1 + 1 days);
        (,, stale) = rateFeed.latest();
        assertFalse(stale);
        skip(1);
        (,, stale) = rateFeed.latest();
        assertTrue(stale);
    }

    function test_TheWorthIsThatOfTheLatestRateThoughStale() external {
        assertEq(rateFeed.stableOf(1000e18), 30e6);
        _step(0.033e18);
        assertEq(rateFeed.stableOf(1000e18), 33e6);
        skip(30 days);
        assertEq(rateFeed.stableOf(1000e18), 33e6);
    }

    function test_TheWorthOfNothingIsNothingAndOfAUnitOne() external view {
        assertEq(rateFeed.stableOf(0), 0);
        assertEq(rateFeed.stableOf(1), 1);
    }

    function testFuzz_FreshForExactlyAsLong(uint256 elapsed, uint256 age) external {
        skip(STALE);
        age = bound(age, 0, STALE - 1);
        uint64 observedAt = uint64(block.timestamp - age);
        _postOf(_quotes(0.03e18, 0.03e18), observedAt);
        vm.warp(block.timestamp + bound(elapsed, 0, 3 * STALE));
        (, uint64 updatedAt, bool stale) = rateFeed.latest();
        assertEq(updatedAt, observedAt);
        assertEq(stale, block.timestamp - observedAt > STALE);
    }

    function testFuzz_TheWorthIsRoundedUp(uint256 amount, uint256 rate, uint256 decimals) external {
        amount = bound(amount, 0, 1e28);
        rate = bound(rate, 1, 1e24);
        decimals = bound(decimals, 0, 18);
        rateFeed = new RateFeed(params, signerSets, uint8(decimals), rate);
        uint256 worth = rateFeed.stableOf(amount);
        // In 36 decimals of a dollar and the stablecoin's own.
        assertGe(worth * 1e36, amount * rate * 10 ** decimals);
        if (amount > 0) assertLt((worth - 1) * 1e36, amount * rate * 10 ** decimals);
    }
}
