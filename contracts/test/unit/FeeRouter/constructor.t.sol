// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract Constructor_FeeRouter_Test is FeeRouterFixture {
    function test_RevertWhen_ARecipientIsZero() external {
        for (uint256 i = 0; i < 4; i++) {
            address[4] memory named = recipients;
            named[i] = address(0);
            vm.expectRevert(IFeeRouter.FeeRouterZeroAddress.selector);
            new FeeRouter(address(manager), params, rateFeed, ankr, stable, distributor, named, true);
        }
    }

    function test_KnowsItsNeighbours() external {
        FeeRouter sinking =
            new FeeRouter(address(manager), params, rateFeed, ankr, stable, distributor, recipients, false);
        assertEq(sinking.authority(), address(manager));
        assertEq(address(sinking.params()), address(params));
        assertEq(address(sinking.rateFeed()), address(rateFeed));
        assertEq(address(sinking.ankr()), address(ankr));
        assertEq(address(sinking.stable()), address(stable));
        assertEq(address(sinking.distributor()), address(distributor));
        assertFalse(sinking.ankrBurnable());
        assertTrue(feeRouter.ankrBurnable());
    }

    function test_NamesEachRecipient() external {
        for (uint256 i = 0; i < 4; i++) {
            vm.expectEmit();
            emit IFeeRouter.RecipientSet(FeeBucket(i), recipients[i]);
        }
        FeeRouter router =
            new FeeRouter(address(manager), params, rateFeed, ankr, stable, distributor, recipients, true);
        for (uint256 i = 0; i < 4; i++) {
            assertEq(router.recipientOf(FeeBucket(i)), recipients[i]);
        }
    }

    function test_BeginsWithNothing() external {
        assertEq(_buckets(), 0);
        assertEq(feeRouter.providersTotal(), 0);
        assertEq(feeRouter.stablePending(), 0);
        assertEq(feeRouter.auction().lot, 0);
        assertEq(feeRouter.auction().endsAt, 0);
        _assertBooks();
        _expectNoAuction();
        feeRouter.priceOf(1);
    }
}
