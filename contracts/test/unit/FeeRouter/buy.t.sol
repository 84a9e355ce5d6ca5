// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Custody } from "../../../src/libraries/Custody.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { RateFeed } from "../../../src/payments/RateFeed.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { HostileToken } from "../Escrow/HostileToken.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract Buy_FeeRouter_Test is FeeRouterFixture {
    /// 1,000 ANKR at 0.03 dollars.
    uint256 private constant LOT = 30e6;

    function test_RevertGiven_NoneWasStarted() external {
        _arriveStable(LOT);
        feeRouter.route();
        _readyBuyer(2000e18);
        vm.prank(buyer);
        _expectNoAuction();
        feeRouter.buy(LOT, 2000e18);
    }

    function test_RevertGiven_ItIsOver() external {
        _auctionOf(LOT);
        _readyBuyer(2000e18);
        vm.warp(START + AUCTION_SECONDS);
        vm.prank(buyer);
        _expectNoAuction();
        feeRouter.buy(LOT, 2000e18);
        vm.warp(START + AUCTION_SECONDS - 1);
        _buy(LOT);
    }

    function test_RevertGiven_AllIsSold() external {
        _auctionOf(LOT);
        _buyAll();
        _readyBuyer(2000e18);
        vm.prank(buyer);
        _expectNoAuction();
        feeRouter.buy(1, 2000e18);
    }

    function test_RevertWhen_NothingIsAskedFor() external {
        _auctionOf(LOT);
        vm.expectRevert(IFeeRouter.FeeRouterZeroAmount.selector);
        feeRouter.buy(0, type(uint256).max);
    }

    function test_RevertWhen_TheLimitIsTooLow() external {
        _auctionOf(LOT);
        _readyBuyer(2000e18);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IFeeRouter.FeeRouterTooDear.selector, 1100e18, 1100e18 - 1));
        feeRouter.buy(LOT, 1100e18 - 1);
        (uint256 sold, uint256 paid) = feeRouter.buy(LOT, 1100e18);
        assertEq(sold, LOT);
        assertEq(paid, 1100e18);
    }

    function test_RevertWhen_TheBuyerCannotPay() external {
        _auctionOf(LOT);
        _readyBuyer(1099e18);
        vm.startPrank(buyer);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        feeRouter.buy(LOT, type(uint256).max);
        ankr.approve(address(feeRouter), 1100e18);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientBalance.selector);
        feeRouter.buy(LOT, type(uint256).max);
        assertEq(feeRouter.auction().lot, LOT);
        assertEq(stable.balanceOf(buyer), 0);
        _assertBooks();
    }

    function test_RevertWhen_TheTokenTakesAFee() external {
        (FeeRouter router, HostileToken hostile) = _hostileAuction();
        hostile.setFee(1);
        vm.expectRevert(
            abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, hostile, 1100e18, 1100e18 - 1)
        );
        router.buy(LOT, 1100e18);
    }

    function test_RevertWhen_Reentered() external {
        (FeeRouter router, HostileToken hostile) = _hostileAuction();
        bytes[5] memory calls = [
            abi.encodeCall(IFeeRouter.route, ()),
            abi.encodeCall(IFeeRouter.release, (FeeBucket.Treasury)),
            abi.encodeCall(IFeeRouter.startAuction, ()),
            abi.encodeCall(IFeeRouter.endAuction, ()),
            abi.encodeCall(IFeeRouter.buy, (1, type(uint256).max))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            hostile.setCallback(address(router), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            router.buy(LOT, 1100e18);
        }
        hostile.setCallback(address(0), "");
        router.buy(LOT, 1100e18);
    }

    function test_SellsAtTheStartPriceFirst() external {
        _auctionOf(LOT);
        _readyBuyer(2000e18);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.AuctionBought(buyer, LOT / 2, 550e18);
        (uint256 sold, uint256 paid) = _buy(LOT / 2);
        assertEq(sold, LOT / 2);
        assertEq(paid, 550e18);
        assertEq(feeRouter.priceOf(LOT / 2), 550e18);
        assertEq(stable.balanceOf(buyer), LOT / 2);
        assertEq(ankr.balanceOf(buyer), 1450e18);
        assertEq(feeRouter.auction().lot, LOT / 2);
        _assertBooks();
    }

    function test_SellsAtTheRateInTheMiddle() external {
        _auctionOf(LOT);
        vm.warp(START + AUCTION_SECONDS / 2);
        (, uint256 paid) = _buyAll();
        assertEq(paid, 1000e18);
    }

    function test_SellsAboveTheFloorLast() external {
        _auctionOf(LOT);
        vm.warp(START + AUCTION_SECONDS - 1);
        (, uint256 paid) = _buyAll();
        // 200,000 ppm × 21,599 s / 21,600 s have fallen, rounded down.
        assertEq(paid, 900.01e18);
    }

    function test_SplitsWhatIsPaid() external {
        _auctionOf(LOT);
        vm.warp(START + AUCTION_SECONDS / 2);
        _readyBuyer(1000e18);
        _expectRouted([uint256(800e18), 80e18, 20e18, 20e18, 30e18, 50e18], 1000e18);
        _buy(LOT);
        assertEq(distributor.fundedTotal(), 800e18);
        assertEq(_buckets(), 150e18);
        assertEq(ankr.totalSupply(), SUPPLY - 50e18);
        _assertBooks();
    }

    function test_SellsNoMoreThanTheLot() external {
        _auctionOf(LOT_MAX + 5);
        _readyBuyer(2_000_000e18);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.AuctionEnded(0);
        (uint256 sold,) = _buy(type(uint256).max);
        assertEq(sold, LOT_MAX);
        assertEq(feeRouter.auction().lot, 0);
        assertEq(feeRouter.stablePending(), 5);
        assertEq(stable.balanceOf(address(feeRouter)), 5);
        _assertBooks();
    }

    function test_LeavesWhatHasArrived() external {
        _auctionOf(LOT);
        _arrive(7e18);
        _arriveStable(3);
        (, uint256 paid) = _buyAll();
        assertEq(paid, 1100e18);
        assertEq(feeRouter.surplusOf(ankr), 7e18);
        assertEq(feeRouter.surplusOf(stable), 3);
        assertEq(feeRouter.providersTotal(), 880e18);
        _assertBooks();
    }

    function test_KeepsTheRateOfItsStart() external {
        _auctionOf(LOT);
        vm.warp(START + 1 hours);
        uint256 price = feeRouter.priceOf(LOT);
        _postRate(INITIAL_RATE / 2);
        assertEq(feeRouter.priceOf(LOT), price);
        vm.warp(START + 5 hours);
        price = feeRouter.priceOf(LOT);
        _postRate(INITIAL_RATE * 2);
        assertEq(feeRouter.priceOf(LOT), price);
    }

    function test_KeepsTheTermsOfItsStart() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](3);
        changes[0] = IParamStore.Change(Param.AuctionSeconds, 10 minutes);
        changes[1] = IParamStore.Change(Param.AuctionStartPpm, 2_000_000);
        changes[2] = IParamStore.Change(Param.AuctionFloorPpm, 500_000);
        uint256 effectiveAt = _announce(changes);
        vm.warp(effectiveAt - AUCTION_SECONDS / 2);
        _auctionOf(LOT);
        vm.warp(effectiveAt);
        assertEq(params.get(Param.AuctionFloorPpm), 500_000);
        assertEq(feeRouter.priceOf(LOT), 1000e18);
        vm.warp(effectiveAt + AUCTION_SECONDS / 2 - 1);
        assertGe(feeRouter.priceOf(LOT), 900e18);
        _buyAll();
    }

    function testFuzz_AsksTheWorthForAnyDecimals(uint256 rate, uint256 decimals) external {
        rate = bound(rate, 1e12, 1e24);
        decimals = bound(decimals, 6, 18);
        rateFeed = new RateFeed(params, signerSets, uint8(decimals), rate);
        AnkrToken dollar = new AnkrToken(address(this), type(uint128).max);
        FeeRouter router = _deployRouter(params, ankr, dollar, true);
        uint256 lot = rateFeed.stableOf(1000e18);
        dollar.transfer(address(router), lot);
        router.startAuction();
        vm.warp(START + AUCTION_SECONDS / 2);
        // 1,000 ANKR, and what `stableOf` rounded up on top.
        assertGe(router.priceOf(lot), 1000e18);
        assertLe(router.priceOf(lot), 1000e18 + 1e36 / (rate * 10 ** decimals) + 1);
    }

    function testFuzz_ThePriceStaysWithinItsBounds(uint256 lot, uint256 quote, uint256 elapsed, uint256 part)
        external
    {
        lot = _anyAuction(lot, quote);
        vm.warp(START + 1 + bound(elapsed, 0, AUCTION_SECONDS - 1));
        uint256 sold = bound(part, 1, lot);
        uint256 paid = feeRouter.priceOf(sold);
        (uint256 rate,,) = rateFeed.latest();
        // paid ANKR × rate is what was paid in dollars of 36 decimals; sold / 1e6 what was got.
        uint256 worthFloor = sold * FLOOR_PPM * 1e24;
        uint256 worthStart = sold * START_PPM * 1e24;
        assertGe(paid * rate, worthFloor);
        assertLt((paid - 1) * rate, worthStart);
        // Rounded up, so the last unit is needed.
        uint256 fallen = (START_PPM - FLOOR_PPM) * (block.timestamp - START - 1) / AUCTION_SECONDS;
        uint256 exact = sold * (START_PPM - fallen) * 1e24;
        assertGe(paid * rate, exact);
        assertLt((paid - 1) * rate, exact);
    }

    function testFuzz_ThePriceNeverRises(uint256 lot, uint256 quote, uint256 first, uint256 second) external {
        lot = _anyAuction(lot, quote);
        first = bound(first, 0, AUCTION_SECONDS - 1);
        second = bound(second, first, AUCTION_SECONDS - 1);
        vm.warp(START + 1 + first);
        uint256 price = feeRouter.priceOf(lot);
        vm.warp(START + 1 + second);
        assertLe(feeRouter.priceOf(lot), price);
    }

    function testFuzz_SlicesAreNeverCheaper(uint256 lot, uint256 quote, uint256 elapsed, uint256 cut)
        external
    {
        lot = _anyAuction(lot, quote);
        vm.warp(START + 1 + bound(elapsed, 0, AUCTION_SECONDS - 1));
        uint256 slice = bound(cut, 1, lot);
        uint256 slices = feeRouter.priceOf(slice) + feeRouter.priceOf(lot - slice);
        assertGe(slices, feeRouter.priceOf(lot));
        assertLe(slices, feeRouter.priceOf(lot) + 1);
    }

    function testFuzz_SellsAtMostTheLot(uint256 lot, uint256[4] memory asks, uint16[4] memory waits)
        external
    {
        lot = _anyAuction(lot, INITIAL_RATE);
        _readyBuyer(2_000_000e18);
        uint256 left = lot;
        uint256 paidSum;
        for (uint256 i = 0; i < asks.length && left > 0; i++) {
            vm.warp(block.timestamp + waits[i] % 5000);
            uint256 ask = bound(asks[i], 1, lot);
            (uint256 sold, uint256 paid) = _buy(ask);
            assertEq(sold, ask < left ? ask : left);
            left -= sold;
            paidSum += paid;
            assertEq(stable.balanceOf(buyer), lot - left);
            assertEq(feeRouter.auction().lot, left);
            _assertBooks();
        }
        uint256 burned = SUPPLY - ankr.totalSupply();
        assertEq(distributor.fundedTotal() + _buckets() + burned, paidSum);
    }

    /// @dev An auction of any lot at a rate within a step of the initial one, started at START + 1.
    function _anyAuction(uint256 lot, uint256 quote) private returns (uint256) {
        vm.warp(START + 1);
        _postRate(bound(quote, 0.02e18, 0.04e18));
        lot = bound(lot, rateFeed.stableOf(300e18), rateFeed.stableOf(1_000_000e18));
        _auctionOf(lot);
        assertEq(feeRouter.auction().lot, lot);
        return lot;
    }

    /// @dev An auction that asks to be paid in a token that misbehaves.
    function _hostileAuction() private returns (FeeRouter router, HostileToken hostile) {
        hostile = new HostileToken(address(this));
        router = _deployRouter(params, hostile, stable, false);
        _fundStable(address(router), LOT);
        router.startAuction();
        hostile.approve(address(router), type(uint256).max);
    }
}
