// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributorFixture } from "./RewardDistributorFixture.sol";

contract Push_RewardDistributor_Test is RewardDistributorFixture {
    uint64 private a;
    uint64 private b;

    function setUp() public override {
        super.setUp();
        a = _newProvider();
        b = _newProvider();
    }

    function test_RevertGiven_NeverPosted() external {
        _skipEpochs(1);
        _expectNotActive(0);
        distributor.push(a, 0, 100, new bytes32[](0));
    }

    function test_RevertGiven_Waiting() external {
        _earn(a, 100);
        _skipEpochs(1);
        uint64 epoch = _postEarned();
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectNotActive(epoch);
        distributor.push(a, epoch, 100, proof);
        vm.warp(block.timestamp + ROOT_DELAY - 1);
        _expectNotActive(epoch);
        distributor.push(a, epoch, 100, proof);
        vm.warp(block.timestamp + 1);
        assertEq(distributor.push(a, epoch, 100, proof), 100);
    }

    function test_RevertGiven_Disabled() external {
        _earn(a, 100);
        _skipEpochs(1);
        uint64 epoch = _postEarned();
        bytes32[] memory proof = _proofOf(a, epoch);
        _disable(epoch);
        skip(ROOT_DELAY);
        _expectNotActive(epoch);
        distributor.push(a, epoch, 100, proof);
    }

    function test_RevertGiven_ProviderUnknown() external {
        _skipEpochs(1);
        leavesOf[0].push(Leaf(0, 50));
        leavesOf[0].push(Leaf(3, 50));
        _postLeaves(0, 100);
        _activate(0);
        for (uint64 id = 0; id <= 3; id += 3) {
            bytes32[] memory proof = _proofOf(id, 0);
            vm.expectRevert(
                abi.encodeWithSelector(IRewardDistributor.RewardDistributorUnknownProvider.selector, id)
            );
            distributor.push(id, 0, 50, proof);
        }
        // It can be paid as soon as it is there.
        assertEq(_newBareProvider(0), 3);
        assertEq(_push(3, 0), 50);
    }

    function test_RevertWhen_TheEpochIsBehind() external {
        _earn(a, 100);
        uint64 older = _closeEpoch();
        _earn(a, 100);
        uint64 newer = _closeEpoch();
        _push(a, newer);
        bytes32[] memory proof = _proofOf(a, older);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorEpochBehind.selector, a, older, newer)
        );
        distributor.push(a, older, 100, proof);
    }

    function test_RevertWhen_TheAmountIsAnother() external {
        _earn(a, 100);
        _earn(b, 100);
        uint64 epoch = _closeEpoch();
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectBadProof(a, epoch);
        distributor.push(a, epoch, 101, proof);
        _expectBadProof(a, epoch);
        distributor.push(a, epoch, 99, proof);
        _expectBadProof(a, epoch);
        distributor.push(a, epoch, 100, new bytes32[](0));
    }

    function test_RevertWhen_TheProviderIsAnother() external {
        _earn(a, 100);
        _earn(b, 200);
        uint64 epoch = _closeEpoch();
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectBadProof(b, epoch);
        distributor.push(b, epoch, 100, proof);
        bytes32[] memory proofOfB = _proofOf(b, epoch);
        _expectBadProof(a, epoch);
        distributor.push(a, epoch, 200, proofOfB);
    }

    function test_RevertWhen_TheProofIsOfAnotherEpoch() external {
        _earn(a, 100);
        uint64 older = _closeEpoch();
        _earn(a, 100);
        uint64 newer = _closeEpoch();
        bytes32[] memory proof = _proofOf(a, newer);
        _expectBadProof(a, older);
        distributor.push(a, older, 200, proof);
        proof = _proofOf(a, older);
        _expectBadProof(a, newer);
        distributor.push(a, newer, 100, proof);
    }

    function testFuzz_RevertWhen_TheLeafIsNotInTheTree(
        uint256 id,
        uint256 cumulative,
        bytes32[] calldata proof
    ) external {
        _earn(a, 100);
        _earn(b, 200);
        uint64 epoch = _closeEpoch();
        id = bound(id, 1, 2);
        _expectBadProof(uint64(id), epoch);
        distributor.push(uint64(id), epoch, cumulative, proof);
    }

    function test_RevertGiven_PaidAlready() external {
        _earn(a, 100);
        uint64 epoch = _closeEpoch();
        _push(a, epoch);
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectNothingNew(a, 100, 100);
        distributor.push(a, epoch, 100, proof);

        // A newer root that adds nothing pays nothing.
        epoch = _closeEpoch();
        proof = _proofOf(a, epoch);
        _expectNothingNew(a, 100, 100);
        distributor.push(a, epoch, 100, proof);
    }

    function test_RevertGiven_NothingEarned() external {
        _earn(b, 100);
        uint64 epoch = _closeEpoch();
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectNothingNew(a, 0, 0);
        distributor.push(a, epoch, 0, proof);
    }

    function test_RevertGiven_LessThanPaid() external {
        _earn(a, 100);
        _push(a, _closeEpoch());
        _skipEpochs(1);
        uint64 epoch = params.currentEpoch() - 1;
        leavesOf[epoch].push(Leaf(a, 99));
        _postLeaves(epoch, 100);
        _activate(epoch);
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectNothingNew(a, 99, 100);
        distributor.push(a, epoch, 99, proof);
        (uint256 paid,) = distributor.paidOf(a);
        assertEq(paid, 100);
    }

    function test_RevertWhen_PayoutsAreExceeded() external {
        withheldTotal = 50;
        uint64 epoch = _postOverPromising(60, 41);
        _push(a, epoch);
        bytes32[] memory proof = _proofOf(b, epoch);
        _expectOverspent(101, 100);
        distributor.push(b, epoch, 41, proof);
        assertEq(distributor.paidTotal(), 60);
        _assertBooks();
    }

    function test_RevertWhen_TheAmountIsBoundless() external {
        uint64 epoch = _postOverPromising(60, type(uint256).max);
        bytes32[] memory proof = _proofOf(b, epoch);
        _expectOverspent(type(uint256).max, 100);
        distributor.push(b, epoch, type(uint256).max, proof);
        _push(a, epoch);
        _expectOverspent(type(uint256).max, 100);
        distributor.push(b, epoch, type(uint256).max, proof);
    }

    function test_PaysUpToThePayouts() external {
        uint64 epoch = _postOverPromising(60, 40);
        _push(a, epoch);
        _push(b, epoch);
        assertEq(distributor.paidTotal(), 100);
        _assertBooks();
    }

    function test_PaysFromAnOlderEpoch() external {
        _earn(a, 100);
        uint64 older = _closeEpoch();
        _earn(a, 70);
        uint64 newer = _closeEpoch();
        assertEq(_push(a, older), 100);
        assertEq(_push(a, newer), 70);
        assertEq(distributor.paidTotal(), 170);
        _assertBooks();
    }

    function test_OthersPaidFromTheNewerTakeNothing() external {
        _earn(a, 10);
        _earn(b, 100);
        uint64 older = _closeEpoch();
        _earn(a, 1_000);
        uint64 newer = _closeEpoch();
        _push(a, newer);
        assertEq(_push(b, older), 100);
        assertEq(distributor.paidTotal(), 1_110);
        _assertBooks();
    }

    function test_SplitsByCommissionAndStake() external {
        _earn(a, 1_000e18);
        _earn(b, 1e18);
        uint64 epoch = _closeEpoch();
        // A tenth is commission; of the rest a quarter is for the provider's own stake.
        uint256 toProvider = 100e18 + 225e18;
        uint256 toDelegators = 675e18;
        bytes32[] memory proof = _proofOf(a, epoch);
        _expectReward(a, toDelegators);
        vm.expectEmit(address(distributor));
        emit IRewardDistributor.PayoutPushed(a, epoch, 1_000e18, toProvider, toDelegators, COMMISSION);
        assertEq(distributor.push(a, epoch, 1_000e18, proof), 1_000e18);

        assertEq(ankr.balanceOf(_rewardsToOf(a)), toProvider);
        assertEq(_rewardsInPool(), toDelegators);
        (uint256 paid, uint64 lastEpoch) = distributor.paidOf(a);
        assertEq(paid, 1_000e18);
        assertEq(lastEpoch, epoch);
        assertEq(distributor.paidTotal(), 1_000e18);
        (paid, lastEpoch) = distributor.paidOf(b);
        assertEq(paid, 0);
        assertEq(lastEpoch, 0);
        _assertBooks();
    }

    function test_CountsDelegationUpToTheRatio() external {
        _giveDelegation(a, RATIO_MAX * SELF - DELEGATED);
        _earn(a, 17e18);
        _push(a, _closeEpoch());
        uint256 atTheRatio = ankr.balanceOf(_rewardsToOf(a));
        assertEq(atTheRatio, 1.7e18 + 0.9e18);

        // Beyond the ratio delegation counts no more.
        _giveDelegation(a, 5_000_000e18);
        _earn(a, 17e18);
        _push(a, _closeEpoch());
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 2 * atTheRatio);
    }

    function test_RoundingGoesToDelegators() external {
        // Commission 0.9, own stake's part 9 / 4: rounded down to 0 and 2.
        _earn(a, 9);
        _expectReward(a, 7);
        _push(a, _closeEpoch());
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 2);

        // A single unit goes to the delegators whole.
        _earn(a, 1);
        _expectReward(a, 1);
        _push(a, _closeEpoch());
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 2);
        _assertBooks();
    }

    function testFuzz_PartsSumToTheAmount(
        uint256 amount,
        uint256 self,
        uint256 delegated,
        uint256 commissionPpm
    ) external {
        amount = bound(amount, 1, 1e27);
        self = bound(self, 0, 1e27);
        delegated = delegated % 8 == 0 ? 0 : bound(delegated, 1_000e18, 1e27);
        commissionPpm = bound(commissionPpm, 0, 300_000);
        uint64 id = _newBareProvider(commissionPpm);
        if (self > 0) _giveSelfStake(id, self);
        if (delegated > 0) _giveDelegation(id, delegated);
        _earn(id, amount);
        _push(id, _closeEpoch());

        uint256 got = ankr.balanceOf(_rewardsToOf(id));
        assertEq(got + _rewardsInPool(), amount);
        if (delegated == 0) {
            assertEq(got, amount);
        } else {
            uint256 commission = amount * commissionPpm / 1e6;
            uint256 counted = self > 0 && delegated > 16 * self ? 16 * self : delegated;
            assertEq(got, commission + (amount - commission) * self / (self + counted));
            assertLt(got, amount);
        }
        _assertBooks();
    }

    function test_PaysAllToAProviderWithoutDelegation() external {
        _takeDelegation(a);
        _earn(a, 100);
        _expectNoReward();
        _push(a, _closeEpoch());
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 100);
        assertEq(_rewardsInPool(), 0);
    }

    function test_PaysTheRestToDelegatorsWithoutOwnStake() external {
        _takeSelfStake(a);
        _earn(a, 100);
        _expectReward(a, 90);
        _push(a, _closeEpoch());
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 10);
    }

    function test_PaysAllToTheProviderWithoutStake() external {
        _takeSelfStake(a);
        _takeDelegation(a);
        _earn(a, 100);
        _expectNoReward();
        _push(a, _closeEpoch());
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 100);
    }

    function test_SplitsByTheStakeOfTheEpochsEnd() external {
        // Before the end it counts in full, after the end not at all.
        vm.warp(params.epochStart(1) - 1);
        _giveSelfStake(a, 2 * SELF);
        _earn(a, 100);
        _earn(b, 100);
        _skipEpochs(1);
        skip(1);
        _takeSelfStake(a);
        _giveSelfStake(b, 2 * SELF);
        uint64 epoch = _postEarned();
        _activate(epoch);

        _push(a, epoch);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 10 + 45);
        _push(b, epoch);
        assertEq(ankr.balanceOf(_rewardsToOf(b)), 10 + 22);
    }

    function test_FirstPaymentTakesTheLowerCommission() external {
        _earn(a, 1_000);
        uint64 first = _closeEpoch();
        uint64 risesAt = _announceCommission(a, COMMISSION + COMMISSION_RISE_MAX);
        _skipEpochs(risesAt - params.currentEpoch());
        _earn(a, 1_000);
        uint64 epoch = _closeEpoch();
        assertEq(epoch, risesAt);
        assertEq(distributor.firstUnpaidOf(a, epoch), first);
        _expectPaid(a, epoch, 2_000, COMMISSION);
        _push(a, epoch);
    }

    function test_SkippedEpochsTakeTheLowerAfterARise() external {
        _earn(a, 1_000);
        uint64 first = _closeEpoch();
        _push(a, first);
        uint64 risesAt = _announceCommission(a, COMMISSION + COMMISSION_RISE_MAX);
        _skipEpochs(risesAt - params.currentEpoch());
        _earn(a, 1_000);
        uint64 epoch = _closeEpoch();
        assertEq(distributor.firstUnpaidOf(a, epoch), first + 1);
        _expectPaid(a, epoch, 1_000, COMMISSION);
        _push(a, epoch);
    }

    function test_SkippedEpochsTakeTheLowerAfterACut() external {
        _earn(a, 1_000);
        uint64 first = _closeEpoch();
        _push(a, first);
        _announceCommission(a, COMMISSION - 30_000);
        _skipEpochs(1);
        _earn(a, 1_000);
        uint64 epoch = _closeEpoch();
        assertEq(epoch, first + 2);
        _expectPaid(a, epoch, 1_000, COMMISSION - 30_000);
        _push(a, epoch);
    }

    function test_EachEpochTakesItsOwnCommission() external {
        uint64 risesAt = _announceCommission(a, COMMISSION + COMMISSION_RISE_MAX);
        for (uint64 epoch = 0; epoch <= risesAt; ++epoch) {
            _earn(a, 1_000);
            assertEq(_closeEpoch(), epoch);
            _expectPaid(a, epoch, 1_000, epoch < risesAt ? COMMISSION : COMMISSION + COMMISSION_RISE_MAX);
            _push(a, epoch);
        }
    }

    function test_PaidAgainInOneEpoch() external {
        _skipEpochs(1);
        leavesOf[0].push(Leaf(a, 60));
        leavesOf[0].push(Leaf(a, 100));
        _postLeaves(0, 100);
        _activate(0);
        _push(a, 0);
        assertEq(distributor.firstUnpaidOf(a, 0), 0);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = _leafHash(a, 60);
        _expectPaid(a, 0, 40, COMMISSION);
        assertEq(distributor.push(a, 0, 100, proof), 40);
        _assertBooks();
    }

    function test_PaysWhatIsNew() external {
        _earn(a, 100);
        assertEq(_push(a, _closeEpoch()), 100);
        _closeEpoch();
        _earn(a, 1);
        assertEq(_push(a, _closeEpoch()), 1);
        _earn(a, 49);
        assertEq(_push(a, _closeEpoch()), 49);
        (uint256 paid, uint64 lastEpoch) = distributor.paidOf(a);
        assertEq(paid, 150);
        assertEq(lastEpoch, 3);
        assertEq(distributor.paidTotal(), 150);
        _assertBooks();
    }

    function test_PaysToTheAddressOfTheDay() external {
        _earn(a, 100);
        uint64 epoch = _closeEpoch();
        address to = makeAddr("other rewards");
        vm.prank(owner);
        registry.setRewardsTo(a, to);
        _push(a, epoch);
        assertEq(ankr.balanceOf(to), 10 + 22);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 0);
    }

    function test_AnyonePushes() external {
        _earn(a, 100);
        uint64 epoch = _closeEpoch();
        bytes32[] memory proof = _proofOf(a, epoch);
        vm.prank(stranger);
        distributor.push(a, epoch, 100, proof);
        assertEq(ankr.balanceOf(stranger), 0);
        assertEq(ankr.balanceOf(_rewardsToOf(a)), 32);
    }

    /// @dev Two epochs, three providers, each pushed from the older, the newer or both, in any order.
    function testFuzz_OrderOfPushesDoesNotMatter(uint256[6] calldata amounts, uint256 seed) external {
        uint64 c = _newProvider();
        for (uint64 id = a; id <= c; ++id) {
            _earn(id, bound(amounts[id - 1], 1, 1e27));
        }
        uint64 older = _closeEpoch();
        for (uint64 id = a; id <= c; ++id) {
            _earn(id, bound(amounts[id + 2], 1, 1e27));
        }
        uint64 newer = _closeEpoch();

        uint64 start = uint64(seed % 3);
        for (uint64 i = 0; i < 3; ++i) {
            uint64 id = a + (start + i) % 3;
            uint256 way = (seed >> (8 * (id + 1))) % 3;
            if (way < 2) assertEq(_push(id, older), _cumulativeAt(id, older));
            if (way > 0) _push(id, newer);
        }
        for (uint64 id = a; id <= c; ++id) {
            (uint256 paid,) = distributor.paidOf(id);
            if (paid < earned[id]) _push(id, newer);
            (paid,) = distributor.paidOf(id);
            assertEq(paid, earned[id]);
        }
        assertEq(distributor.paidTotal(), earnedTotal);
        assertEq(distributor.held(ankr), 0);
        _assertBooks();
    }

    function test_PaysEpochZero() external {
        _earn(a, 100);
        assertEq(_closeEpoch(), 0);
        assertEq(_push(a, 0), 100);
        (uint256 paid, uint64 lastEpoch) = distributor.paidOf(a);
        assertEq(paid, 100);
        assertEq(lastEpoch, 0);

        // Paid in epoch 0 is told from never paid.
        assertEq(distributor.firstUnpaidOf(a, 5), 1);
    }

    /// @dev A root whose leaves are these, and whose total is 100.
    function _postOverPromising(uint256 toA, uint256 toB) private returns (uint64 epoch) {
        _skipEpochs(1);
        epoch = params.currentEpoch() - 1;
        leavesOf[epoch].push(Leaf(a, toA));
        leavesOf[epoch].push(Leaf(b, toB));
        _postLeaves(epoch, 100);
        _activate(epoch);
    }

    function _expectPaid(uint64 id, uint64 epoch, uint256 amount, uint256 commissionPpm) private {
        uint256 commission = amount * commissionPpm / 1e6;
        uint256 toProvider = commission + (amount - commission) / 4;
        vm.expectEmit(address(distributor));
        emit IRewardDistributor.PayoutPushed(
            id, epoch, amount, toProvider, amount - toProvider, commissionPpm
        );
    }

    function _expectNotActive(uint64 epoch) private {
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.RewardDistributorNotActive.selector, epoch));
    }

    function _expectBadProof(uint64 id, uint64 epoch) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRewardDistributor.RewardDistributorBadProof.selector, id, epoch)
        );
    }

    function _expectNothingNew(uint64 id, uint256 cumulative, uint256 paid) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardDistributor.RewardDistributorNothingNew.selector, id, cumulative, paid
            )
        );
    }

    function _expectOverspent(uint256 total, uint256 payoutsTotal) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardDistributor.RewardDistributorOverspent.selector, total, payoutsTotal
            )
        );
    }
}
