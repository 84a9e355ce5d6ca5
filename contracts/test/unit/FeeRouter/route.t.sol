// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ParamStore } from "../../../src/governance/ParamStore.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { HostileToken } from "../Escrow/HostileToken.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract Route_FeeRouter_Test is FeeRouterFixture {
    function test_DoesNothingWhenNothingArrived() external {
        vm.recordLogs();
        feeRouter.route();
        assertEq(vm.getRecordedLogs().length, 0);
        _assertBooks();
    }

    function test_SplitsWhatArrived() external {
        _arrive(1000e18);
        _expectRouted([uint256(800e18), 80e18, 20e18, 20e18, 30e18, 50e18], 1000e18);
        feeRouter.route();

        assertEq(distributor.fundedTotal(), 800e18);
        assertEq(ankr.balanceOf(address(distributor)), 800e18);
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 80e18);
        assertEq(feeRouter.accrued(FeeBucket.Grants), 20e18);
        assertEq(feeRouter.accrued(FeeBucket.Auditors), 20e18);
        assertEq(feeRouter.accrued(FeeBucket.Protection), 30e18);
        assertEq(ankr.totalSupply(), SUPPLY - 50e18);
        assertEq(ankr.balanceOf(address(feeRouter)), 150e18);
        _assertBooks();
    }

    function test_SplitsOnce() external {
        _route(1000e18);
        feeRouter.route();
        assertEq(_buckets(), 150e18);
        assertEq(feeRouter.providersTotal(), 800e18);
        _route(100e18);
        assertEq(_buckets(), 165e18);
        assertEq(feeRouter.providersTotal(), 880e18);
        _assertBooks();
    }

    function test_ASingleUnitGoesToTheProviders() external {
        _route(1);
        assertEq(distributor.fundedTotal(), 1);
        assertEq(_buckets(), 0);
        assertEq(ankr.totalSupply(), SUPPLY);
        _assertBooks();
    }

    function test_ProvidersTakeTheRemainder() external {
        _arrive(99);
        // 7.92, 1.98, 1.98, 2.97 and 4.95 of 99.
        _expectRouted([uint256(84), 7, 1, 1, 2, 4], 99);
        feeRouter.route();
        _assertBooks();
    }

    function test_SplitsByTheSharesInForce() external {
        uint256 effectiveAt =
            _announce(_splitChanges([uint256(600_000), 300_000, 50_000, 20_000, 20_000, 10_000]));
        vm.warp(effectiveAt - 1);
        _route(1000e18);
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 80e18);
        vm.warp(effectiveAt);
        _arrive(1000e18);
        _expectRouted([uint256(600e18), 300e18, 50e18, 20e18, 20e18, 10e18], 1000e18);
        feeRouter.route();
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 380e18);
    }

    function test_SinksWhatItCannotBurn() external {
        _use(_deployRouter(params, ankr, stable, false));
        _arrive(1000e18);
        _expectRouted([uint256(800e18), 80e18, 20e18, 20e18, 30e18, 50e18], 1000e18);
        feeRouter.route();
        assertEq(ankr.balanceOf(DEAD), 50e18);
        assertEq(ankr.totalSupply(), SUPPLY);
        _assertBooks();
    }

    function test_BurnsNothingWhenThatIsTheShare() external {
        IParamStore.Change[] memory changes =
            _splitChanges([uint256(850_000), 80_000, 20_000, 20_000, 30_000, 0]);
        ParamStore unburnt = new ParamStore(address(manager), changes);
        vm.expectCall(address(ankr), abi.encodeCall(ERC20Burnable.burn, (0)), 0);
        vm.expectCall(address(ankr), abi.encodeCall(IERC20.transfer, (DEAD, 0)), 0);
        for (uint256 i = 0; i < 2; i++) {
            _use(_deployRouter(unburnt, ankr, stable, i == 0));
            _route(1000e18);
            assertEq(distributor.fundedTotal(), 850e18);
            _assertBooks();
        }
        assertEq(ankr.totalSupply(), SUPPLY);
        assertEq(ankr.balanceOf(DEAD), 0);
    }

    function test_BooksStablecoin() external {
        _arriveStable(5e6);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.StableBooked(5e6);
        feeRouter.route();
        feeRouter.route();
        assertEq(feeRouter.stablePending(), 5e6);
        assertEq(feeRouter.providersTotal(), 0);
        _arriveStable(1);
        feeRouter.route();
        assertEq(feeRouter.stablePending(), 5e6 + 1);
        _assertBooks();
    }

    function test_LeavesTheLotOfAnAuction() external {
        _auctionOf(LOT_MIN);
        _arriveStable(7);
        feeRouter.route();
        assertEq(feeRouter.stablePending(), 7);
        assertEq(feeRouter.auction().lot, LOT_MIN);
        _assertBooks();
    }

    function test_AnyoneRoutesBoth() external {
        _arrive(1000e18);
        _arriveStable(5e6);
        vm.prank(stranger);
        feeRouter.route();
        assertEq(_buckets(), 150e18);
        assertEq(feeRouter.stablePending(), 5e6);
        assertEq(ankr.balanceOf(stranger) + stable.balanceOf(stranger), 0);
        _assertBooks();
    }

    function test_RevertWhen_Reentered() external {
        HostileToken hostile = new HostileToken(address(this));
        FeeRouter router = _deployRouter(params, hostile, stable, false);
        hostile.transfer(address(router), 1000e18);
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
            router.route();
        }
        hostile.setCallback(address(0), "");
        router.route();
        assertEq(router.accrued(FeeBucket.Treasury), 80e18);
    }

    function testFuzz_ThePartsSumToTheAmount(uint32[5] memory seeds, uint96[4] memory amounts, bool burnable)
        external
    {
        uint256[6] memory split = _anySplit(seeds);
        _use(_deployRouter(new ParamStore(address(manager), _splitChanges(split)), ankr, stable, burnable));
        uint256 sum;
        for (uint256 i = 0; i < amounts.length; i++) {
            uint256 amount = amounts[i] % 1e27;
            sum += amount;
            _route(amount);
            uint256 burned = SUPPLY - ankr.totalSupply() + ankr.balanceOf(DEAD);
            assertEq(distributor.fundedTotal() + _buckets() + burned, sum);
            assertEq(ankr.balanceOf(address(feeRouter)), _buckets());
            _assertBooks();
        }
    }

    function testFuzz_NamedPartsAreRoundedDown(uint32[5] memory seeds, uint256 amount) external {
        uint256[6] memory split = _anySplit(seeds);
        _use(_deployRouter(new ParamStore(address(manager), _splitChanges(split)), ankr, stable, true));
        amount = bound(amount, 1, SUPPLY / 2);
        _route(amount);
        for (uint256 i = 0; i < 4; i++) {
            uint256 part = feeRouter.accrued(FeeBucket(i));
            assertLe(part * 1e6, amount * split[i + 1]);
            assertLt(amount * split[i + 1], (part + 1) * 1e6);
        }
        uint256 burned = SUPPLY - ankr.totalSupply();
        assertLe(burned * 1e6, amount * split[5]);
        assertLt(amount * split[5], (burned + 1) * 1e6);
        // Five parts are rounded down by less than one unit each.
        assertGe(feeRouter.providersTotal() * 1e6, amount * split[0]);
        assertLt(feeRouter.providersTotal() * 1e6, amount * split[0] + 5e6);
    }
}
