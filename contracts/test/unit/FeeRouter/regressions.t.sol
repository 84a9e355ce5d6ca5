// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract Regressions_FeeRouter_Test is FeeRouterFixture {
    // Rewards were paid from a source without bound. Here they are a part of what arrived and nothing else.
    function test_Regression_Beosin_PAYG1_RewardsAreAPartOfWhatArrived() external {
        _route(1000e18);
        assertEq(distributor.fundedTotal(), 800e18);
        feeRouter.route();
        feeRouter.release(FeeBucket.Treasury);
        feeRouter.route();
        assertEq(distributor.fundedTotal(), 800e18);
        assertEq(ankr.balanceOf(address(feeRouter)), 70e18);
        _assertBooks();
    }

    // Parameters existed that nothing read. Each one of the split and of the auctions moves what it names.
    function test_Regression_Beosin_PAYG4_EveryParameterActs() external {
        uint256[6] memory split = [uint256(640_000), 90_000, 80_000, 70_000, 63_000, 57_000];
        IParamStore.Change[] memory changes = new IParamStore.Change[](11);
        IParamStore.Change[] memory shares = _splitChanges(split);
        for (uint256 i = 0; i < 6; i++) {
            changes[i] = shares[i];
        }
        changes[6] = IParamStore.Change(Param.AuctionSeconds, 2 hours);
        changes[7] = IParamStore.Change(Param.AuctionStartPpm, 1_300_000);
        changes[8] = IParamStore.Change(Param.AuctionFloorPpm, 700_000);
        changes[9] = IParamStore.Change(Param.AuctionLotMin, 100e18);
        changes[10] = IParamStore.Change(Param.AuctionLotMax, 200e18);
        vm.warp(_announce(changes));

        _route(1e6);
        assertEq(feeRouter.providersTotal(), split[0]);
        for (uint256 i = 0; i < 4; i++) {
            assertEq(feeRouter.accrued(FeeBucket(i)), split[i + 1]);
        }
        assertEq(SUPPLY - ankr.totalSupply(), split[5]);

        _postRate(INITIAL_RATE);
        _arriveStable(3e6 - 1);
        vm.expectRevert(abi.encodeWithSelector(IFeeRouter.FeeRouterLotTooSmall.selector, 3e6 - 1, 3e6));
        feeRouter.startAuction();
        _arriveStable(1000e6);
        feeRouter.startAuction();
        assertEq(feeRouter.auction().lot, 6e6);
        assertEq(feeRouter.priceOf(6e6), 260e18);
        vm.warp(block.timestamp + 1 hours);
        assertEq(feeRouter.priceOf(6e6), 200e18);
        vm.warp(block.timestamp + 1 hours);
        feeRouter.endAuction();
    }

    // A payer got its money back through a service of its own. Fees that are washed round lose a part each time.
    function test_Regression_Trust_H1_WashingFeesLosesTheNamedParts() external {
        uint256 purse = 1000e18;
        for (uint256 i = 0; i < 3; i++) {
            uint256 before = distributor.fundedTotal();
            _route(purse);
            uint256 back = distributor.fundedTotal() - before;
            // At most the providers' part comes back; paying in ANKR makes it go a tenth further.
            assertLt(back * 1_100_000 / 1e6, purse);
            purse = back;
        }
        assertEq(purse, 512e18);
    }

    // Rounding in opposite directions let whoever came last wait for ever.
    function test_Regression_Trust_H04_TheLastReleaseFindsEveryUnit() external {
        uint256[5] memory amounts = [uint256(1), 7, 33, 99, 12_345_678_901];
        for (uint256 i = 0; i < amounts.length; i++) {
            _route(amounts[i]);
        }
        for (uint256 i = 4; i > 0; i--) {
            feeRouter.release(FeeBucket(i - 1));
        }
        assertEq(ankr.balanceOf(address(feeRouter)), 0);
        assertEq(feeRouter.held(ankr), 0);
    }

    // What one could only collect whole was lost in part. A lot is bought in parts.
    function test_Regression_Trust_M5_ALotIsBoughtInParts() external {
        _auctionOf(LOT_MIN);
        _readyBuyer(1000e18);
        _buy(1);
        _buy(LOT_MIN / 3);
        _buy(LOT_MIN);
        assertEq(stable.balanceOf(buyer), LOT_MIN);
    }

    // A down-cast cut amounts off.
    function test_Regression_Veridise_VUL003_NoAmountIsCutOff() external {
        uint256 tooMuch = uint256(type(uint128).max) + 1;
        AnkrToken huge = new AnkrToken(address(this), type(uint256).max);
        FeeRouter router = _deployRouter(params, ankr, huge, true);
        huge.transfer(address(router), tooMuch);
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, tooMuch)
        );
        router.route();
        assertEq(router.stablePending(), 0);

        router = _deployRouter(params, huge, stable, true);
        huge.transfer(address(router), tooMuch * 2);
        vm.expectPartialRevert(SafeCast.SafeCastOverflowedUintDowncast.selector);
        router.route();
        assertEq(router.providersTotal(), 0);
    }

    // Cuts above the whole made every split revert. No split whose parts do not sum to one can be announced.
    function test_Regression_OZ_H02_NoSplitExceedsTheWhole() external {
        uint256[6] memory split = [uint256(800_000), 80_000, 20_000, 20_000, 30_000, 50_001];
        uint64 next = params.currentEpoch() + 1;
        vm.prank(address(timelock));
        vm.expectRevert(
            abi.encodeWithSelector(
                IParamStore.ParamStoreRuleBroken.selector,
                bytes32("fee split sums to one"),
                1_000_001,
                1_000_000
            )
        );
        params.announce(_splitChanges(split), next);
    }

    // Tokens sent unasked moved what others were owed.
    function test_Regression_OZ_C01_ADonationBuysNothing() external {
        _auctionOf(LOT_MIN);
        uint256 price = feeRouter.priceOf(LOT_MIN);
        _arrive(10_000e18);
        _arriveStable(10_000e6);
        assertEq(feeRouter.priceOf(LOT_MIN), price);
        assertEq(feeRouter.auction().lot, LOT_MIN);
        vm.prank(buyer);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        feeRouter.buy(LOT_MIN, price);
        vm.expectRevert(IFeeRouter.FeeRouterZeroAmount.selector);
        feeRouter.release(FeeBucket.Treasury);
        _buyAll();
        assertEq(feeRouter.surplusOf(ankr), 10_000e18);
        _assertBooks();
    }

    // What was agreed at the beginning changed while it ran.
    function test_Regression_OZ2025_L19_ARunningAuctionKeepsItsEnd() external {
        uint256 effectiveAt = _announce(Param.AuctionSeconds, 10 minutes);
        vm.warp(effectiveAt - 1);
        _auctionOf(LOT_MIN);
        uint64 endsAt = feeRouter.auction().endsAt;
        assertEq(endsAt, effectiveAt - 1 + AUCTION_SECONDS);
        vm.warp(endsAt - 1);
        _expectRunning(endsAt);
        feeRouter.endAuction();
        _buyAll();
    }

    // A huge period overflowed its 64 bits, so that it was over at once. No auction is longer than a week.
    function test_Regression_OZ2025_M01_NoAuctionIsHuge() external {
        (,,, uint256 min, uint256 max) = params.describe(Param.AuctionSeconds);
        assertEq(min, 10 minutes);
        assertEq(max, 7 days);
        _changeParam(Param.AuctionSeconds, max);
        _auctionOf(LOT_MIN);
        assertEq(feeRouter.auction().endsAt, block.timestamp + 7 days);
    }

    // Loops over lists that grow without bound ran out of gas. Routing costs the same however often it was done.
    function test_Regression_Veridise_VUL005_RoutingCostsTheSameForEver() external {
        _route(1000e18);
        uint256 first = _gasOfRouting();
        for (uint256 i = 0; i < 200; i++) {
            _route(1000e18);
        }
        assertLe(_gasOfRouting(), first);
    }

    // The operator chose amount and receiver of what it paid out.
    function test_Regression_Beosin_PAYG2_NobodyChoosesAmountOrReceiver() external {
        _route(1000e18);
        address[3] memory callers = [address(timelock), guardian, stranger];
        for (uint256 i = 0; i < callers.length; i++) {
            vm.prank(callers[i]);
            feeRouter.release(FeeBucket(i));
            assertEq(ankr.balanceOf(callers[i]), 0);
            assertGt(ankr.balanceOf(recipients[i]), 0);
        }
    }

    // Rewards were claimed twice by claiming in parts.
    function test_Regression_Veridise_VUL002_NothingIsRoutedTwice() external {
        _arrive(600e18);
        feeRouter.route();
        _arrive(400e18);
        feeRouter.route();
        feeRouter.route();
        assertEq(feeRouter.providersTotal(), 800e18);
        assertEq(_buckets(), 150e18);
    }

    function _gasOfRouting() private returns (uint256 used) {
        _arrive(1000e18);
        vm.cool(address(feeRouter));
        vm.cool(address(distributor));
        uint256 before = gasleft();
        feeRouter.route();
        used = before - gasleft();
    }
}
