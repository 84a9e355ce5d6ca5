// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributorFixture } from "./RewardDistributorFixture.sol";

contract Fund_RewardDistributor_Test is RewardDistributorFixture {
    function test_RevertGiven_NothingArrived() external {
        vm.expectRevert(IRewardDistributor.RewardDistributorNothingArrived.selector);
        distributor.fund();
        _fund(5);
        vm.expectRevert(IRewardDistributor.RewardDistributorNothingArrived.selector);
        distributor.fund();
    }

    function test_BooksWhatArrived() external {
        _fund(3);
        _fundAnkr(address(distributor), 40);
        assertEq(distributor.fundedTotal(), 3);
        assertEq(distributor.surplusOf(ankr), 40);
        vm.expectEmit(address(distributor));
        emit IRewardDistributor.Funded(40, 43);
        assertEq(distributor.fund(), 40);
        assertEq(distributor.fundedTotal(), 43);
        assertEq(distributor.surplusOf(ankr), 0);
        _assertBooks();
    }

    function test_BooksASingleUnit() external {
        _fund(1);
        assertEq(distributor.fundedTotal(), 1);
        _assertBooks();
    }

    function testFuzz_AddsUp(uint96 first, uint96 second) external {
        uint256 a = bound(first, 1, SUPPLY / 4);
        uint256 b = bound(second, 1, SUPPLY / 4);
        _fund(a);
        _fund(b);
        assertEq(distributor.fundedTotal(), a + b);
        _assertBooks();
    }

    function test_AnyoneBooks() external {
        _fundAnkr(address(distributor), 40);
        vm.prank(stranger);
        distributor.fund();
        assertEq(distributor.fundedTotal(), 40);
    }

    function test_BooksTheProvidersPartOfFees() external {
        _routeFees(1_000_001);
        assertEq(distributor.fundedTotal(), feeRouter.providersTotal());
        assertGt(distributor.fundedTotal(), 800_000);
        assertEq(distributor.surplusOf(ankr), 0);
        _assertBooks();
    }
}
