// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Vm } from "forge-std/Vm.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract StartAuction_FeeRouter_Test is FeeRouterFixture {
    function test_RevertGiven_OneRuns() external {
        _auctionOf(LOT_MIN);
        uint64 endsAt = feeRouter.auction().endsAt;
        _arriveStable(LOT_MIN);
        _expectRunning(endsAt);
        feeRouter.startAuction();
        vm.warp(endsAt - 1);
        _postRate(INITIAL_RATE);
        _expectRunning(endsAt);
        feeRouter.startAuction();
        vm.warp(endsAt);
        feeRouter.startAuction();
    }

    function test_RevertGiven_TheRateIsStale() external {
        _arriveStable(LOT_MIN);
        vm.warp(START + 1 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(IFeeRouter.FeeRouterRateStale.selector, START));
        feeRouter.startAuction();
        vm.warp(START + 1 hours);
        feeRouter.startAuction();
    }

    function test_RevertGiven_TheLotIsTooSmall() external {
        _expectTooSmall(0, LOT_MIN);
        feeRouter.startAuction();
        _arriveStable(LOT_MIN - 1);
        _expectTooSmall(LOT_MIN - 1, LOT_MIN);
        feeRouter.startAuction();
        _arriveStable(1);
        feeRouter.startAuction();
    }

    function test_OffersWhatIsPending() external {
        _arriveStable(500e6);
        feeRouter.route();
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.AuctionStarted(
            500e6, INITIAL_RATE, uint64(START + AUCTION_SECONDS), START_PPM, FLOOR_PPM
        );
        feeRouter.startAuction();

        IFeeRouter.Auction memory auction = feeRouter.auction();
        assertEq(auction.lot, 500e6);
        assertEq(auction.startedAt, START);
        assertEq(auction.endsAt, START + AUCTION_SECONDS);
        assertEq(auction.rate, INITIAL_RATE);
        assertEq(auction.startPpm, START_PPM);
        assertEq(auction.floorPpm, FLOOR_PPM);
        assertEq(feeRouter.stablePending(), 0);
        _assertBooks();
    }

    function test_BooksWhatArrivedFirst() external {
        _arriveStable(LOT_MIN);
        feeRouter.route();
        _arriveStable(1e6);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.StableBooked(1e6);
        feeRouter.startAuction();
        assertEq(feeRouter.auction().lot, LOT_MIN + 1e6);
        _assertBooks();
    }

    function test_OffersNoMoreThanTheLargestLot() external {
        _auctionOf(LOT_MAX + 77);
        assertEq(feeRouter.auction().lot, LOT_MAX);
        assertEq(feeRouter.stablePending(), 77);
        _assertBooks();
    }

    function test_MeasuresLotsByTheRate() external {
        vm.warp(START + 1);
        _postRate(0.036e18);
        _arriveStable(LOT_MIN * 12 / 10 - 1);
        _expectTooSmall(LOT_MIN * 12 / 10 - 1, LOT_MIN * 12 / 10);
        feeRouter.startAuction();
        _arriveStable(2 * LOT_MAX);
        feeRouter.startAuction();
        assertEq(feeRouter.auction().lot, LOT_MAX * 12 / 10);
        assertEq(feeRouter.auction().rate, 0.036e18);
    }

    function test_TakesTheParametersInForce() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](5);
        changes[0] = IParamStore.Change(Param.AuctionSeconds, 10 minutes);
        changes[1] = IParamStore.Change(Param.AuctionStartPpm, 1_500_000);
        changes[2] = IParamStore.Change(Param.AuctionFloorPpm, 600_000);
        changes[3] = IParamStore.Change(Param.AuctionLotMin, 1e18);
        changes[4] = IParamStore.Change(Param.AuctionLotMax, 2e18);
        vm.warp(_announce(changes));
        _auctionOf(1e6);
        IFeeRouter.Auction memory auction = feeRouter.auction();
        assertEq(auction.lot, 60_000);
        assertEq(auction.endsAt, block.timestamp + 10 minutes);
        assertEq(auction.startPpm, 1_500_000);
        assertEq(auction.floorPpm, 600_000);
    }

    function test_AnyoneStarts() external {
        _arriveStable(LOT_MIN);
        vm.prank(stranger);
        feeRouter.startAuction();
        assertEq(feeRouter.auction().lot, LOT_MIN);
        assertEq(stable.balanceOf(stranger), 0);
    }

    function test_StartsAnotherWhenTheLastWasSold() external {
        _auctionOf(LOT_MIN);
        _buyAll();
        _auctionOf(2 * LOT_MIN);
        assertEq(feeRouter.auction().lot, 2 * LOT_MIN);
        _assertBooks();
    }

    function test_TellsOfNoEndWhenThereWasNone() external {
        _arriveStable(LOT_MIN);
        vm.recordLogs();
        feeRouter.startAuction();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            assertNotEq(logs[i].topics[0], IFeeRouter.AuctionEnded.selector);
        }
    }

    function test_OffersTheUnsoldAgain() external {
        _auctionOf(LOT_MIN);
        vm.warp(START + AUCTION_SECONDS);
        _arriveStable(1e6);
        _postRate(INITIAL_RATE);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.AuctionEnded(LOT_MIN);
        feeRouter.startAuction();
        assertEq(feeRouter.auction().lot, LOT_MIN + 1e6);
        assertEq(feeRouter.auction().startedAt, START + AUCTION_SECONDS);
        assertEq(feeRouter.stablePending(), 0);
        _assertBooks();
    }

    function testFuzz_TheLotStaysWithinItsBounds(uint256 pending, uint256 quote) external {
        pending = bound(pending, 0, 100_000_000e6);
        vm.warp(START + 1);
        _postRate(bound(quote, 1, 1e24));
        uint256 lotMin = rateFeed.stableOf(300e18);
        uint256 lotMax = rateFeed.stableOf(1_000_000e18);
        _arriveStable(pending);
        if (pending < lotMin) {
            _expectTooSmall(pending, lotMin);
            feeRouter.startAuction();
            return;
        }
        feeRouter.startAuction();
        uint256 lot = feeRouter.auction().lot;
        assertGe(lot, lotMin);
        assertLe(lot, lotMax);
        assertEq(lot, pending < lotMax ? pending : lotMax);
        assertEq(feeRouter.stablePending() + lot, pending);
        _assertBooks();
    }

    function _expectTooSmall(uint256 lot, uint256 min) private {
        vm.expectRevert(abi.encodeWithSelector(IFeeRouter.FeeRouterLotTooSmall.selector, lot, min));
    }
}
