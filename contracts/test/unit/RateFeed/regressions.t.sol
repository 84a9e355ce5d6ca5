// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets } from "../../../src/governance/ISignerSets.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { RateFeedFixture } from "./RateFeedFixture.sol";

contract Regressions_RateFeed_Test is RateFeedFixture {
    // One key decided for all. A single signer moves nothing, and all together move no further than the bounds.
    function test_Regression_Ankr_2022_NoKeySetsARate() external {
        skip(1);
        uint256[] memory quotes = new uint256[](1);
        quotes[0] = 1;
        bytes[] memory signatures = _signAll(quotes, uint64(block.timestamp));
        vm.expectPartialRevert(ISignerSets.SignerSetsTooFewSignatures.selector);
        rateFeed.post(uint64(block.timestamp), quotes, signatures);
        for (uint256 i = 0; i < 20; i++) {
            _step(1);
        }
        assertEq(_rate(), 0.012e18);
    }

    // A report could change a price by any amount at once, in either direction.
    function test_Regression_Lido_ReportSanity_OneReportMovesAStepAtMost() external {
        _step(type(uint256).max);
        assertEq(_rate(), 0.036e18);
        _step(1);
        assertEq(_rate(), 0.0288e18);
    }

    // A bound so wide that it bounded nothing. The widest that can be set is half of the rate and nine tenths a day.
    function test_Regression_MixBytes_LooseBound_TheWidestBoundsStillBound() external {
        (,,,, uint256 step) = params.describe(Param.RateMoveMaxPpm);
        (,,,, uint256 day) = params.describe(Param.RateDayMoveMaxPpm);
        (,,,, uint256 stale) = params.describe(Param.RateStaleSeconds);
        assertEq(step, 500_000);
        assertEq(day, 900_000);
        assertEq(stale, 1 days);
        _changeParam(Param.RateMoveMaxPpm, step);
        _postRate(1);
        assertEq(_rate(), 0.015e18);
    }

    // A report was told again, and in another order. Each moment counts once and only forward.
    function test_Regression_OracleReplay_AMomentCountsOnce() external {
        skip(10);
        uint64 observedAt = uint64(block.timestamp);
        uint256[] memory quotes = _quotes(0.033e18, 0.033e18);
        bytes[] memory signatures = _signAll(quotes, observedAt);
        uint64 earlier = observedAt - 5;
        bytes[] memory old = _signAll(quotes, earlier);
        rateFeed.post(observedAt, quotes, signatures);
        vm.expectRevert(abi.encodeWithSelector(IRateFeed.RateFeedNotNewer.selector, observedAt, observedAt));
        rateFeed.post(observedAt, quotes, signatures);
        vm.expectRevert(abi.encodeWithSelector(IRateFeed.RateFeedNotNewer.selector, earlier, observedAt));
        rateFeed.post(earlier, quotes, old);
    }

    // Signatures without an end could be kept and used when they suited. A quote is too old after an hour.
    function test_Regression_NoDeadline_AKeptQuoteIsUseless() external {
        skip(10);
        uint64 observedAt = uint64(block.timestamp);
        uint256[] memory quotes = _quotes(0.02e18, 0.02e18);
        bytes[] memory kept = _signAll(quotes, observedAt);
        skip(STALE + 1);
        vm.expectRevert(abi.encodeWithSelector(IRateFeed.RateFeedTooOld.selector, observedAt));
        rateFeed.post(observedAt, quotes, kept);
    }

    // A huge time overflowed its 64 bits, so that it was over at once.
    function test_Regression_OZ2025_M01_AMomentFarAheadIsRefusedNotWrapped() external {
        uint256[] memory quotes = _quotes(0.03e18, 0.03e18);
        bytes[] memory signatures = _signAll(quotes, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IRateFeed.RateFeedInFuture.selector, type(uint64).max));
        rateFeed.post(type(uint64).max, quotes, signatures);
    }

    // A down-cast cut amounts off. A quote beyond the type is bounded before it is kept.
    function test_Regression_Veridise_VUL003_NoQuoteIsCutOff() external {
        skip(1);
        _expectPosted(0.036e18, uint256(type(uint128).max) + 1);
        _postRate(uint256(type(uint128).max) + 1);
    }

    // Whoever saw a report coming traded before it. An auction keeps the rate it began with.
    function test_Regression_OracleSandwich_ARunningAuctionIgnoresThePost() external {
        _fundStable(address(feeRouter), 30e6);
        feeRouter.startAuction();
        uint256 price = feeRouter.priceOf(30e6);
        _postRateSameMoment();
        assertEq(feeRouter.priceOf(30e6), price);
    }

    // Loops over lists that grow without bound ran out of gas. The largest set posts in a small part of a block.
    function test_Regression_Veridise_VUL005_TheLargestSetFitsIntoABlock() external {
        _useSigners(32);
        uint256[] memory quotes = new uint256[](32);
        for (uint256 i = 0; i < 32; i++) {
            // Descending, the worst for a sort by insertion.
            quotes[i] = 0.035e18 - i;
        }
        skip(1);
        bytes[] memory signatures = _signAll(quotes, uint64(block.timestamp));
        uint256 before = gasleft();
        rateFeed.post(uint64(block.timestamp), quotes, signatures);
        assertLt(before - gasleft(), 1_000_000);
        assertEq(_rate(), 0.035e18 - 16);
    }

    /// @dev Within the first minute the auction's price has hardly moved, so a move would show.
    function _postRateSameMoment() private {
        uint256 time = block.timestamp;
        vm.warp(time + 1);
        _postRate(0.036e18);
        vm.warp(time);
    }
}
