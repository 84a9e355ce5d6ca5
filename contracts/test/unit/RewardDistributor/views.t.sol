// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributorFixture } from "./RewardDistributorFixture.sol";

contract Views_RewardDistributor_Test is RewardDistributorFixture {
    function test_NothingIsBookedAtFirst() external view {
        assertEq(distributor.fundedTotal(), 0);
        assertEq(distributor.paidTotal(), 0);
        assertEq(distributor.withheldSwept(), 0);
        (uint256 paid, uint64 lastEpoch) = distributor.paidOf(1);
        assertEq(paid, 0);
        assertEq(lastEpoch, 0);
    }

    function test_DueIsWhatAPushPays() external {
        uint64 id = _newProvider();
        _earn(id, 100);
        uint64 epoch = _closeEpoch();
        bytes32[] memory proof = _proofOf(id, epoch);
        assertEq(distributor.dueOf(id, epoch, 100, proof), 100);
        _push(id, epoch);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorNothingNew.selector, id, 100, 100)
        );
        distributor.dueOf(id, epoch, 100, proof);

        _earn(id, 7);
        epoch = _closeEpoch();
        assertEq(distributor.dueOf(id, epoch, 107, _proofOf(id, epoch)), 7);
    }

    function test_FirstUnpaidBeforeAnyEpochIsTheEpochItself() external {
        uint64 id = _newProvider();
        assertEq(distributor.firstUnpaidOf(id, 4), 4);
        _skipEpochs(5);
        _post(3, 0, 0);
        assertEq(distributor.firstUnpaidOf(id, 2), 2);
        assertEq(distributor.firstUnpaidOf(id, 3), 3);
        assertEq(distributor.firstUnpaidOf(id, 4), 3);
    }

    function test_FirstUnpaidOfAProviderThatCameLaterIsTheFirstPosted() external {
        _newProvider();
        uint64 first = _closeEpoch();
        uint64 id = _newProvider();
        _earn(id, 1_000);
        uint64 epoch = _closeEpoch();
        assertEq(distributor.firstUnpaidOf(id, epoch), first);
        // Its commission counts though it was no provider in the first epoch.
        _push(id, epoch);
        assertEq(ankr.balanceOf(_rewardsToOf(id)), 100 + 225);
    }

    function test_FirstUnpaidFollowsTheLastPayment() external {
        uint64 id = _newProvider();
        _earn(id, 100);
        uint64 epoch = _closeEpoch();
        _push(id, epoch);
        assertEq(distributor.firstUnpaidOf(id, epoch), epoch);
        assertEq(distributor.firstUnpaidOf(id, epoch + 1), epoch + 1);
        assertEq(distributor.firstUnpaidOf(id, epoch + 5), epoch + 1);
    }

    function test_SplitTakesTheLowerOfTwoCommissions() external {
        uint64 id = _newProvider();
        uint64 cutAt = _announceCommission(id, 40_000);
        _skipEpochs(cutAt + 1);
        skip(1);
        _assertSplit(id, 0, 0, COMMISSION);
        _assertSplit(id, 0, cutAt, 40_000);
        _assertSplit(id, cutAt, 0, 40_000);
        _assertSplit(id, cutAt, cutAt, 40_000);
    }

    function test_SplitOfNothingIsNothing() external {
        uint64 id = _newProvider();
        _skipEpochs(1);
        skip(1);
        (uint256 toProvider, uint256 toDelegators,) = distributor.splitOf(id, 0, 0, 0);
        assertEq(toProvider + toDelegators, 0);
    }

    function testFuzz_ALargerOwnStakeNeverEarnsLess(uint256 amount, uint256 self, uint256 more) external {
        amount = bound(amount, 1, 1e28);
        uint64 small = _newBareProvider(COMMISSION);
        uint64 large = _newBareProvider(COMMISSION);
        self = self % 8 == 0 ? 0 : bound(self, 1, 1e27);
        if (self > 0) _giveSelfStake(small, self);
        _giveSelfStake(large, self + bound(more, 1, 1e27));
        _giveDelegation(small, DELEGATED);
        _giveDelegation(large, DELEGATED);
        _skipEpochs(1);
        skip(1);
        (uint256 toSmall,,) = distributor.splitOf(small, 0, 0, amount);
        (uint256 toLarge,,) = distributor.splitOf(large, 0, 0, amount);
        assertGe(toLarge, toSmall);
    }

    function _assertSplit(uint64 id, uint64 firstEpoch, uint64 epoch, uint256 commissionPpm) private view {
        (uint256 toProvider, uint256 toDelegators, uint256 taken) =
            distributor.splitOf(id, firstEpoch, epoch, 1_000_000);
        assertEq(taken, commissionPpm);
        assertEq(toProvider, commissionPpm + (1_000_000 - commissionPpm) / 4);
        assertEq(toProvider + toDelegators, 1_000_000);
    }
}
