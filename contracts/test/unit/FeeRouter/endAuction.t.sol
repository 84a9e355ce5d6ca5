// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract EndAuction_FeeRouter_Test is FeeRouterFixture {
    function test_RevertGiven_OneRuns() external {
        _auctionOf(LOT_MIN);
        uint64 endsAt = feeRouter.auction().endsAt;
        _expectRunning(endsAt);
        feeRouter.endAuction();
        vm.warp(endsAt - 1);
        _expectRunning(endsAt);
        feeRouter.endAuction();
        vm.warp(endsAt);
        feeRouter.endAuction();
    }

    function test_RevertGiven_NoneIsThere() external {
        _expectNoAuction();
        feeRouter.endAuction();

        _auctionOf(LOT_MIN);
        _buyAll();
        _expectNoAuction();
        feeRouter.endAuction();
        vm.warp(START + AUCTION_SECONDS);
        _expectNoAuction();
        feeRouter.endAuction();

        _auctionOf(LOT_MIN);
        vm.warp(feeRouter.auction().endsAt);
        feeRouter.endAuction();
        _expectNoAuction();
        feeRouter.endAuction();
        assertEq(feeRouter.stablePending(), LOT_MIN);
    }

    function test_ReturnsTheUnsold() external {
        _auctionOf(LOT_MIN);
        vm.warp(START + AUCTION_SECONDS);
        assertEq(feeRouter.stablePending(), 0);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.AuctionEnded(LOT_MIN);
        vm.prank(stranger);
        feeRouter.endAuction();
        assertEq(feeRouter.stablePending(), LOT_MIN);
        assertEq(feeRouter.auction().lot, 0);
        assertEq(stable.balanceOf(stranger), 0);
        _assertBooks();
    }

    function test_ReturnsWhatABuyerLeft() external {
        _auctionOf(LOT_MIN);
        _readyBuyer(1000e18);
        _buy(2e6);
        vm.warp(START + AUCTION_SECONDS);
        feeRouter.endAuction();
        assertEq(feeRouter.stablePending(), LOT_MIN - 2e6);
        assertEq(stable.balanceOf(buyer), 2e6);
        _assertBooks();
    }

    function test_EndsWhileTheRateIsStale() external {
        _auctionOf(LOT_MIN);
        vm.warp(START + 365 days);
        (,, bool stale) = rateFeed.latest();
        assertTrue(stale);
        feeRouter.endAuction();
        assertEq(feeRouter.stablePending(), LOT_MIN);
    }
}
