// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { RewardDistributor } from "../../../src/rewards/RewardDistributor.sol";
import { Governed } from "../../Governed.sol";

/// @notice The fee router of the whole system, and others like it over other tokens or parameters.
abstract contract FeeRouterFixture is Governed {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant AUCTION_SECONDS = 6 hours;
    uint256 internal constant START_PPM = 1_100_000;
    uint256 internal constant FLOOR_PPM = 900_000;
    /// 300 and 1,000,000 ANKR at 0.03 dollars of six decimals.
    uint256 internal constant LOT_MIN = 9e6;
    uint256 internal constant LOT_MAX = 30_000e6;
    address internal constant DEAD = 0x000000000000000000000000000000000000dEaD;

    address internal buyer = makeAddr("buyer");
    address internal stranger = makeAddr("stranger");

    function setUp() public virtual {
        vm.warp(START);
        _deploySystem();
    }

    // Routers

    /// @dev A router with a distributor of its own, among the parts of the system.
    function _deployRouter(IParamStore paramStore, IERC20 ankr_, IERC20 stable_, bool burnable)
        internal
        returns (FeeRouter router)
    {
        uint256 nonce = vm.getNonce(address(this));
        FeeRouter predicted = FeeRouter(vm.computeCreateAddress(address(this), nonce + 1));
        RewardDistributor own = new RewardDistributor(paramStore, epochs, registry, pool, predicted, ankr_);
        router = new FeeRouter(
            address(manager), paramStore, rateFeed, ankr_, stable_, own, recipients, burnable
        );
        assertEq(address(router), address(predicted));
    }

    /// @dev Makes the system's parts that the tests look at those of another router.
    function _use(FeeRouter router) internal {
        feeRouter = router;
        distributor = RewardDistributor(address(router.distributor()));
    }

    // Fees

    /// @dev ANKR as an escrow brings it, not yet routed.
    function _arrive(uint256 amount) internal {
        _fundAnkr(address(feeRouter), amount);
    }

    function _arriveStable(uint256 amount) internal {
        _fundStable(address(feeRouter), amount);
    }

    function _route(uint256 amount) internal {
        _arrive(amount);
        feeRouter.route();
    }

    function _buckets() internal view returns (uint256 sum) {
        for (uint256 i = 0; i < 4; i++) {
            sum += feeRouter.accrued(FeeBucket(i));
        }
    }

    /// @dev What is held is what is owed, and it is there.
    function _assertBooks() internal view {
        uint256 heldStable = feeRouter.stablePending() + feeRouter.auction().lot;
        assertEq(feeRouter.held(feeRouter.ankr()), _buckets(), "held ANKR");
        assertEq(feeRouter.held(feeRouter.stable()), heldStable, "held stablecoin");
        assertGe(feeRouter.ankr().balanceOf(address(feeRouter)), _buckets(), "ANKR there");
        assertGe(feeRouter.stable().balanceOf(address(feeRouter)), heldStable, "stablecoin there");
        assertEq(feeRouter.providersTotal(), distributor.fundedTotal(), "providers' part");
    }

    // Auctions

    /// @dev Starts an auction of `lot` now, at the initial rate.
    function _auctionOf(uint256 lot) internal {
        _arriveStable(lot);
        _postRateIfOld();
        feeRouter.startAuction();
    }

    function _postRateIfOld() internal {
        (,, bool stale) = rateFeed.latest();
        if (stale) _postRate(INITIAL_RATE);
    }

    /// @dev Gives a buyer enough of ANKR and lets the router take it.
    function _readyBuyer(uint256 amount) internal {
        _fundAnkr(buyer, amount);
        vm.prank(buyer);
        ankr.approve(address(feeRouter), amount);
    }

    function _buy(uint256 stableMax) internal returns (uint256 sold, uint256 paid) {
        vm.prank(buyer);
        return feeRouter.buy(stableMax, type(uint256).max);
    }

    /// @dev The whole lot, by a buyer who has what it takes.
    function _buyAll() internal returns (uint256 sold, uint256 paid) {
        uint256 lot = feeRouter.auction().lot;
        _readyBuyer(feeRouter.priceOf(lot));
        return _buy(lot);
    }

    // Splits

    /// @dev A split that the bounds allow, providers last; it sums to one.
    function _anySplit(uint32[5] memory seeds) internal pure returns (uint256[6] memory split) {
        uint256[6] memory most = [uint256(0), 300_000, 200_000, 200_000, 200_000, 200_000];
        // Below everything, so that whoever pays for its own requests loses.
        uint256 left = 400_000;
        for (uint256 i = 1; i < 6; i++) {
            uint256 limit = most[i] < left ? most[i] : left;
            split[i] = seeds[i - 1] % (limit + 1);
            left -= split[i];
        }
        if (left == 400_000) (split[5], left) = (1, left - 1);
        split[0] = 600_000 + left;
    }

    function _splitChanges(uint256[6] memory split)
        internal
        pure
        returns (IParamStore.Change[] memory changes)
    {
        changes = new IParamStore.Change[](7);
        for (uint256 i = 0; i < 6; i++) {
            changes[i] = IParamStore.Change(Param(uint256(Param.FeeProvidersPpm) + i), split[i]);
        }
        changes[6] = IParamStore.Change(Param.AnkrDiscountPpm, 0);
    }

    // What is expected

    function _expectNoAuction() internal {
        vm.expectRevert(IFeeRouter.FeeRouterNoAuction.selector);
    }

    function _expectRunning(uint256 endsAt) internal {
        vm.expectRevert(abi.encodeWithSelector(IFeeRouter.FeeRouterAuctionRunning.selector, endsAt));
    }

    function _expectRouted(uint256[6] memory parts, uint256 amount) internal {
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.FeesRouted(amount, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
    }
}
