// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributorFixture } from "./RewardDistributorFixture.sol";

contract PushMany_RewardDistributor_Test is RewardDistributorFixture {
    uint64 private a;
    uint64 private b;
    uint64 private c;

    function setUp() public override {
        super.setUp();
        a = _newProvider();
        b = _newProvider();
        c = _newProvider();
    }

    function test_NothingGivenNothingDone() external {
        vm.recordLogs();
        assertEq(distributor.pushMany(new IRewardDistributor.Payout[](0)), 0);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_PaysEachAsAPushWould() external {
        _earnOneEach();
        uint64 epoch = _closeEpoch();
        uint256 snapshot = vm.snapshotState();
        for (uint64 id = a; id <= c; ++id) {
            _push(id, epoch);
        }
        bytes32 wanted = _outcome();
        vm.revertToState(snapshot);

        assertEq(distributor.pushMany(_payoutsOfAll(epoch)), 600);
        assertEq(_outcome(), wanted);
        _assertBooks();
    }

    function test_PaysEpochsInOrder() external {
        IRewardDistributor.Payout[] memory payouts = new IRewardDistributor.Payout[](2);
        _earn(a, 100);
        payouts[0] = _payout(a, _closeEpoch());
        _earn(a, 50);
        payouts[1] = _payout(a, _closeEpoch());
        assertEq(distributor.pushMany(payouts), 150);
        (uint256 paid, uint64 lastEpoch) = distributor.paidOf(a);
        assertEq(paid, 150);
        assertEq(lastEpoch, payouts[1].epoch);
    }

    function test_SkipsAnEpochNotActive() external {
        _earnOneEach();
        IRewardDistributor.Payout[] memory payouts = _payoutsOfAll(_closeEpoch());
        payouts[1].epoch = 9;
        bytes memory reason =
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorNotActive.selector, 9);
        _assertSkipped(payouts, reason, 400);
    }

    function test_SkipsAnUnknownProvider() external {
        _earnOneEach();
        IRewardDistributor.Payout[] memory payouts = _payoutsOfAll(_closeEpoch());
        payouts[1].providerId = 4;
        bytes memory reason =
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorUnknownProvider.selector, 4);
        _assertSkipped(payouts, reason, 400);
    }

    function test_SkipsABadProof() external {
        _earnOneEach();
        IRewardDistributor.Payout[] memory payouts = _payoutsOfAll(_closeEpoch());
        payouts[1].cumulative += 1;
        bytes memory reason = abi.encodeWithSelector(
            IRewardDistributor.RewardDistributorBadProof.selector, b, payouts[1].epoch
        );
        _assertSkipped(payouts, reason, 400);
    }

    function test_SkipsWhatIsBehind() external {
        _earnOneEach();
        uint64 older = _closeEpoch();
        _earn(b, 1);
        uint64 newer = _closeEpoch();
        _push(b, newer);
        bytes memory reason = abi.encodeWithSelector(
            IRewardDistributor.RewardDistributorEpochBehind.selector, b, older, newer
        );
        _assertSkipped(_payoutsOfAll(older), reason, 400);
    }

    function test_SkipsTheSecondOfTwo() external {
        _earnOneEach();
        IRewardDistributor.Payout[] memory payouts = _payoutsOfAll(_closeEpoch());
        payouts[1] = payouts[0];
        bytes memory reason =
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorNothingNew.selector, a, 100, 100);
        _assertSkipped(payouts, reason, 400);
    }

    function test_SkipsWhatExceedsThePayouts() external {
        _skipEpochs(1);
        leavesOf[0].push(Leaf(a, 100));
        leavesOf[0].push(Leaf(b, 301));
        leavesOf[0].push(Leaf(c, 300));
        _postLeaves(0, 400);
        _activate(0);
        bytes memory reason =
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorOverspent.selector, 401, 400);
        _assertSkipped(_payoutsOfAll(0), reason, 400);
    }

    function testFuzz_PaysExactlyWhatIsDue(uint256 broken) external {
        _earnOneEach();
        uint64 epoch = _closeEpoch();
        IRewardDistributor.Payout[] memory payouts = _payoutsOfAll(epoch);
        uint256 due = 0;
        for (uint64 id = a; id <= c; ++id) {
            uint256 way = (broken >> (8 * id)) % 4;
            if (way == 0) due += payouts[id - a].cumulative;
            if (way == 1) payouts[id - a].cumulative += 1;
            if (way == 2) payouts[id - a].epoch = epoch + 1;
            if (way == 3) payouts[id - a].proof = new bytes32[](0);
        }
        assertEq(distributor.pushMany(payouts), due);
        assertEq(distributor.paidTotal(), due);
        for (uint64 id = a; id <= c; ++id) {
            (uint256 paid,) = distributor.paidOf(id);
            assertEq(paid, (broken >> (8 * id)) % 4 == 0 ? earned[id] : 0);
        }
        _assertBooks();
    }

    function _earnOneEach() private {
        _earn(a, 100);
        _earn(b, 200);
        _earn(c, 300);
    }

    function _payoutsOfAll(uint64 epoch) private view returns (IRewardDistributor.Payout[] memory payouts) {
        payouts = new IRewardDistributor.Payout[](3);
        payouts[0] = _payout(a, epoch);
        payouts[1] = _payout(b, epoch);
        payouts[2] = _payout(c, epoch);
    }

    /// @dev The second of three is skipped and named, the others are paid.
    function _assertSkipped(IRewardDistributor.Payout[] memory payouts, bytes memory reason, uint256 paid)
        private
    {
        uint256 before = distributor.paidTotal();
        vm.expectEmit(address(distributor));
        emit IRewardDistributor.PayoutSkipped(payouts[1].providerId, payouts[1].epoch, reason);
        assertEq(distributor.pushMany(payouts), paid);
        assertEq(distributor.paidTotal() - before, paid);
        (uint256 paidToA,) = distributor.paidOf(a);
        (uint256 paidToC,) = distributor.paidOf(c);
        assertEq(paidToA, 100);
        assertEq(paidToC, 300);
        _assertBooks();
    }

    function _outcome() private returns (bytes32 outcome) {
        outcome = keccak256(abi.encode(distributor.paidTotal(), _rewardsInPool()));
        for (uint64 id = a; id <= c; ++id) {
            (uint256 paid, uint64 lastEpoch) = distributor.paidOf(id);
            outcome = keccak256(abi.encode(outcome, paid, lastEpoch, ankr.balanceOf(_rewardsToOf(id))));
        }
    }
}
