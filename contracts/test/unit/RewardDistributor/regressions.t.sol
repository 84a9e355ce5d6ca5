// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributorFixture } from "./RewardDistributorFixture.sol";

contract Regressions_RewardDistributor_Test is RewardDistributorFixture {
    uint64 private a;
    uint64 private b;

    function setUp() public override {
        super.setUp();
        a = _newProvider();
        b = _newProvider();
    }

    // Rewards were paid from a source without bound, so that depositors' principal could be paid out as reward.
    function test_Regression_Beosin_PAYG1_LeavesCannotReachBeyondTheirTotal() external {
        withheldTotal = 500;
        _skipEpochs(1);
        leavesOf[0].push(Leaf(a, 1_000));
        leavesOf[0].push(Leaf(b, 1_000));
        _postLeaves(0, 1_500);
        _fund(10_000);
        _activate(0);
        _push(a, 0);
        bytes32[] memory proof = _proofOf(b, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorOverspent.selector, 2_000, 1_500)
        );
        distributor.push(b, 0, 1_000, proof);

        // What quality withheld and what is not allotted yet are all there.
        assertEq(distributor.sweepWithheld(), 500);
        assertEq(distributor.held(ankr), 10_000 + 500);
        _assertBooks();
    }

    // A reward was claimed twice by claiming in parts.
    function test_Regression_Veridise_VUL002_NoPartIsPaidTwice() external {
        _earn(a, 100);
        uint64 first = _closeEpoch();
        _earn(a, 50);
        uint64 second = _closeEpoch();
        _push(a, first);
        _push(a, second);
        IRewardDistributor.Payout[] memory again = new IRewardDistributor.Payout[](3);
        again[0] = _payout(a, first);
        again[1] = _payout(a, second);
        again[2] = _payout(a, second);
        assertEq(distributor.pushMany(again), 0);
        assertEq(distributor.paidTotal(), 150);
        assertEq(ankr.balanceOf(_rewardsToOf(a)) + _rewardsInPool(), 150);
    }

    // Amounts were cast down and lost their upper part.
    function test_Regression_Veridise_VUL003_NoAmountIsCutOff() external {
        _skipEpochs(1);
        uint256 beyond = uint256(type(uint128).max) + 1 + 60;
        leavesOf[0].push(Leaf(a, beyond));
        leavesOf[0].push(Leaf(b, 40));
        _postLeaves(0, 100);
        _activate(0);
        bytes32[] memory proof = _proofOf(a, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorOverspent.selector, beyond, 100)
        );
        distributor.push(a, 0, beyond, proof);
        assertEq(distributor.paidTotal(), 0);
    }

    // A cumulative claim pays the difference once, whatever roots came between.
    function test_Regression_OneInch_CumulativeClaim_SecondClaimPaysTheDifference() external {
        _earn(a, 100);
        uint64 first = _closeEpoch();
        assertEq(_push(a, first), 100);
        bytes32[] memory proof = _proofOf(a, first);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorNothingNew.selector, a, 100, 100)
        );
        distributor.push(a, first, 100, proof);

        _earn(a, 11);
        _closeEpoch();
        _earn(a, 22);
        uint64 third = _closeEpoch();
        assertEq(_push(a, third), 33);
    }

    // Where leaves are hashed once, 64 bytes of an inner node pass for a leaf.
    function test_Regression_SecondPreimage_AnInnerNodeIsNoLeaf() external {
        _earn(a, 100);
        _earn(b, 200);
        uint64 epoch = _closeEpoch();
        bytes32 left = _leafHash(a, 100);
        bytes32 right = _leafHash(b, 200);
        (bytes32 root,,) = epochs.payoutsOf(epoch);
        assertEq(root, Hashes.commutativeKeccak256(left, right));

        // The root's own preimage, read as provider and amount: no id is that large, and none hashes to it.
        bytes32[] memory none = new bytes32[](0);
        uint256 low = uint256(left < right ? left : right);
        uint256 high = uint256(left < right ? right : left);
        assertGt(low, type(uint64).max);
        (bool taken,) = address(distributor)
            .call(abi.encodeWithSelector(IRewardDistributor.push.selector, low, epoch, high, none));
        assertFalse(taken);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorBadProof.selector, a, epoch)
        );
        distributor.push(a, epoch, high, none);
    }

    // A tree over leaves hashed once is of another kind and proves nothing here.
    function test_Regression_SecondPreimage_ALeafHashedOnceIsNoLeaf() external {
        _fund(100);
        _skipEpochs(1);
        _post(_roots(0, keccak256(abi.encode(a, uint256(100))), 100, 0));
        _activate(0);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.RewardDistributorBadProof.selector, a, 0));
        distributor.push(a, 0, 100, new bytes32[](0));
    }

    // A proof against one epoch's root must not serve another epoch.
    function test_Regression_CrossEpochReplay_AProofServesItsEpoch() external {
        _earn(a, 100);
        uint64 first = _closeEpoch();
        IRewardDistributor.Payout memory stale = _payout(a, first);
        _earn(a, 50);
        uint64 second = _closeEpoch();
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorBadProof.selector, a, second)
        );
        distributor.push(a, second, stale.cumulative, stale.proof);
    }

    // A leaf is bound to its provider.
    function test_Regression_LeafOfAnother_APushPaysWhoTheLeafNames() external {
        _earn(a, 100);
        uint64 epoch = _closeEpoch();
        bytes32[] memory proof = _proofOf(a, epoch);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorBadProof.selector, b, epoch)
        );
        distributor.push(b, epoch, 100, proof);
        vm.prank(stranger);
        distributor.push(a, epoch, 100, proof);
        assertEq(ankr.balanceOf(_rewardsToOf(b)), 0);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 32);
    }

    // Commission was raised after rewards were earned and before they were distributed.
    function test_Regression_Commission_ARiseTakesNothingEarnedBefore() external {
        _earn(a, 1_000);
        uint64 epoch = _closeEpoch();
        uint64 risesAt = _announceCommission(a, COMMISSION + COMMISSION_RISE_MAX);
        _skipEpochs(risesAt + 1 - params.currentEpoch());
        _push(a, epoch);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 100 + 225);
    }

    // The same, where the provider waits for the rise and lets one later root pay for all.
    function test_Regression_Commission_WaitingForARiseGainsNothing() external {
        _earn(a, 1_000);
        _push(a, _closeEpoch());
        _earn(a, 1_000);
        _closeEpoch();
        uint64 risesAt = _announceCommission(a, COMMISSION + COMMISSION_RISE_MAX);
        _skipEpochs(risesAt - params.currentEpoch());
        uint64 last = _closeEpoch();
        assertEq(registry.commissionAt(a, last), COMMISSION + COMMISSION_RISE_MAX);
        _push(a, last);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 2 * (100 + 225));
    }

    // The same, where the provider was never paid and came after the first epoch that was posted.
    function test_Regression_Commission_WaitingForARiseGainsNothingForWhoCameLater() external {
        _closeEpoch();
        uint64 id = _newProvider();
        _earn(id, 1_000);
        uint64 first = _closeEpoch();
        assertEq(first, params.currentEpoch() - 1);
        uint64 risesAt = _announceCommission(id, COMMISSION + COMMISSION_RISE_MAX);
        _skipEpochs(risesAt - params.currentEpoch());
        uint64 last = _closeEpoch();
        assertEq(registry.commissionAt(id, last), COMMISSION + COMMISSION_RISE_MAX);
        _push(id, last);
        assertEq(ankr.balanceOf(_rewardsToOf(id)), 100 + 225);
    }

    // The same, where the provider began without any commission.
    function test_Regression_Commission_WaitingForTheFirstCommissionGainsNothing() external {
        uint64 cut = _announceCommission(a, 0);
        _skipEpochs(cut - params.currentEpoch());
        _earn(a, 1_000);
        assertEq(_closeEpoch(), cut);
        assertEq(registry.commissionAt(a, cut), 0);
        uint64 risesAt = _announceCommission(a, COMMISSION_RISE_MAX);
        _skipEpochs(risesAt - params.currentEpoch());
        uint64 last = _closeEpoch();
        _push(a, last);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 250);
    }

    // Own stake withdrawn over the last second of an epoch must not take the delegators' part along.
    function test_Regression_EmptySelfStake_UnbondingOverTheEpochsEndGainsNothing() external {
        _earn(a, 1_000);
        _earn(b, 1_000);
        vm.warp(params.epochStart(1) - 1);
        _takeSelfStake(a);
        vm.warp(params.epochStart(1) + 1);
        _giveSelfStake(a, SELF);
        uint64 epoch = _postEarned();
        _activate(epoch);
        _push(a, epoch);
        _push(b, epoch);
        assertLt(ankr.balanceOf(_rewardsToOf(a)), ankr.balanceOf(_rewardsToOf(b)));
    }

    // Tokens sent unasked moved what others were owed.
    function test_Regression_OZ_C01_ADonationMovesNothingUntilItIsFunded() external {
        _earn(a, 100);
        uint64 epoch = _closeEpoch();
        _fundAnkr(address(distributor), 1_000);
        assertEq(_push(a, epoch), 100);
        assertEq(distributor.held(ankr), 0);
        assertEq(distributor.surplusOf(ankr), 1_000);
        assertEq(distributor.fund(), 1_000);

        // Booked, it waits for a root that allots it.
        bytes32[] memory proof = _proofOf(a, epoch);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorNothingNew.selector, a, 100, 100)
        );
        distributor.push(a, epoch, 100, proof);
        _assertBooks();
    }

    // One bad entry reverted a whole batch.
    function test_Regression_Batch_OneBadEntryStopsNobody() external {
        _earn(a, 100);
        _earn(b, 200);
        uint64 epoch = _closeEpoch();
        IRewardDistributor.Payout[] memory payouts = new IRewardDistributor.Payout[](3);
        payouts[0] = _payout(a, epoch);
        payouts[0].cumulative = type(uint256).max;
        payouts[1] = _payout(a, epoch);
        payouts[1].epoch = type(uint64).max;
        payouts[2] = _payout(b, epoch);
        assertEq(distributor.pushMany(payouts), 200);
    }

    // Rounding against the pool let whoever came last wait for ever.
    function test_Regression_Trust_H04_TheLastPushFindsEveryUnit() external {
        withheldTotal = 3;
        _earn(a, 7);
        _earn(b, 11);
        uint64 epoch = _closeEpoch();
        distributor.sweepWithheld();
        _push(b, epoch);
        _push(a, epoch);
        assertEq(distributor.held(ankr), 0);
        assertEq(ankr.balanceOf(address(distributor)), 0);
    }
}
