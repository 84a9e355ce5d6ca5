// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributorFixture } from "./RewardDistributorFixture.sol";

contract SweepWithheld_RewardDistributor_Test is RewardDistributorFixture {
    uint64 private a;

    function setUp() public override {
        super.setUp();
        a = _newProvider();
    }

    function test_RevertGiven_NonePosted() external {
        _fund(100);
        _expectNothing();
        distributor.sweepWithheld();
    }

    function test_RevertGiven_OneWaits() external {
        withheldTotal = 30;
        _skipEpochs(1);
        assertEq(_postEarned(), 0);
        vm.warp(block.timestamp + ROOT_DELAY - 1);
        _expectNothing();
        distributor.sweepWithheld();
        vm.warp(block.timestamp + 1);
        assertEq(distributor.sweepWithheld(), 30);
    }

    function test_RevertGiven_NothingMore() external {
        _earn(a, 100);
        _closeEpoch();
        _expectNothing();
        distributor.sweepWithheld();

        withheldTotal = 30;
        _closeEpoch();
        distributor.sweepWithheld();
        _expectNothing();
        distributor.sweepWithheld();
        _earn(a, 100);
        _closeEpoch();
        _expectNothing();
        distributor.sweepWithheld();
    }

    function test_PaysTheTreasury() external {
        withheldTotal = 30;
        uint64 epoch = _closeEpoch();
        vm.expectEmit(address(distributor));
        emit IRewardDistributor.WithheldSwept(epoch, 30);
        assertEq(distributor.sweepWithheld(), 30);
        assertEq(ankr.balanceOf(treasury), 30);
        assertEq(distributor.withheldSwept(), 30);
        _assertBooks();
    }

    function test_PaysByTheNewestActive() external {
        withheldTotal = 30;
        _closeEpoch();
        withheldTotal = 75;
        uint64 newer = _closeEpoch();
        withheldTotal = 100;
        _skipEpochs(1);
        _postEarned();

        vm.expectEmit(address(distributor));
        emit IRewardDistributor.WithheldSwept(newer, 75);
        distributor.sweepWithheld();
        skip(ROOT_DELAY);
        assertEq(distributor.sweepWithheld(), 25);
        assertEq(ankr.balanceOf(treasury), 100);
        assertEq(distributor.withheldSwept(), 100);
        _assertBooks();
    }

    function test_PaysTheRecipientOfTheDay() external {
        withheldTotal = 30;
        _closeEpoch();
        address to = makeAddr("other treasury");
        _setTreasury(to);
        distributor.sweepWithheld();
        assertEq(ankr.balanceOf(to), 30);
        assertEq(ankr.balanceOf(treasury), 0);
    }

    function test_LeavesWhatProvidersAreOwed() external {
        withheldTotal = 30;
        _earn(a, 100);
        uint64 epoch = _closeEpoch();
        distributor.sweepWithheld();
        assertEq(distributor.held(ankr), 100);
        assertEq(_push(a, epoch), 100);
        assertEq(distributor.held(ankr), 0);
        _assertBooks();
    }

    function test_AnyoneSweeps() external {
        withheldTotal = 30;
        _closeEpoch();
        vm.prank(stranger);
        distributor.sweepWithheld();
        assertEq(ankr.balanceOf(treasury), 30);
        assertEq(ankr.balanceOf(stranger), 0);
    }

    function _expectNothing() private {
        vm.expectRevert(IRewardDistributor.RewardDistributorNothingWithheld.selector);
    }
}
