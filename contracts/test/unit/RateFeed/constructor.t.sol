// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { RateFeed } from "../../../src/payments/RateFeed.sol";
import { RateFeedFixture } from "./RateFeedFixture.sol";

contract Constructor_RateFeed_Test is RateFeedFixture {
    function test_RevertWhen_TheInitialRateIsZero() external {
        vm.expectRevert(IRateFeed.RateFeedZeroRate.selector);
        new RateFeed(params, signerSets, 6, 0);
    }

    function test_RevertWhen_TheInitialRateDoesNotFit() external {
        uint256 tooMuch = uint256(type(uint128).max) + 1;
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, tooMuch)
        );
        new RateFeed(params, signerSets, 6, tooMuch);
    }

    function test_BeginsFreshAndAnchored() external {
        rateFeed = new RateFeed(params, signerSets, 6, 0.05e18);
        (uint256 rate, uint64 updatedAt, bool stale) = rateFeed.latest();
        assertEq(rate, 0.05e18);
        assertEq(updatedAt, START);
        assertFalse(stale);
        _assertAnchor(0.05e18, START);
    }

    function test_KnowsNeighboursAndUnit() external {
        rateFeed = new RateFeed(params, signerSets, 18, 0.05e18);
        assertEq(address(rateFeed.params()), address(params));
        assertEq(address(rateFeed.signerSets()), address(signerSets));
        assertEq(rateFeed.stableUnit(), 1e18);
        assertEq(new RateFeed(params, signerSets, 0, 1).stableUnit(), 1);
    }
}
