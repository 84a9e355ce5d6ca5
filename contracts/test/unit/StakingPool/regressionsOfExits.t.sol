// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

/// @notice Findings on stake that leaves and stake that is slashed.
contract RegressionsOfExits_StakingPool_Test is StakingPoolFixture {
    uint256 private constant OWN = 200_000e18;
    uint256 private constant STAKE = 10_000e18;

    function setUp() public override {
        super.setUp();
        _stakeSelf(OWN);
        _delegate(alice, STAKE);
        _delegate(bob, STAKE);
    }

    // Identifiers of requests in different lists collided.
    function test_Regression_Trust_H2_RequestsNeverShareAnIdentifier() external {
        uint64 second = _newProvider();
        _stakeWith(second, alice, DELEGATED, STAKE);
        uint64 a = _unstake(alice, MIN);
        uint64 b = _unstake(bob, MIN);
        uint64 c = _unstakeSelf(MIN);
        vm.prank(alice);
        uint64 d = pool.unstake(second, DELEGATED, MIN, 0);
        _cancel(bob, b);
        uint64 e = _unstake(bob, MIN);
        assertEq(a, 1);
        assertEq(b, 2);
        assertEq(c, 3);
        assertEq(d, 4);
        assertEq(e, 5);
        _expectUnknownRequest(b);
        _cancel(bob, b);
    }

    // Others filled a holder's list of requests, so that it could not leave.
    function test_Regression_Trust_H3_NobodyFillsTheListOfAnother() external {
        for (uint256 i = 0; i < REQUESTS_MAX; i++) {
            _unstake(bob, 1e18);
            _unstakeSelf(1e18);
        }
        assertEq(pool.openRequestsOf(id, DELEGATED, alice).length, 0);
        assertEq(pool.requestValueOf(_unstakeAll(alice)), STAKE);
    }

    // Thawing stake was rounded another way than all stake, so that in the end there was more of it and the last one
    // to leave could not.
    function testFuzz_Regression_Trust_H4_TheLastOneLeaves(uint256[6] memory losses) external {
        _unstake(alice, STAKE / 3);
        for (uint256 i = 0; i < losses.length; i++) {
            _slash(0, losses[i] % 1000e18);
            _unstake(i % 2 == 0 ? alice : bob, 100e18 + losses[i] % 7);
        }
        _unstakeAll(alice);
        uint64 last = _unstakeAll(bob);
        uint256 total = _totalOf(id, DELEGATED);
        _await(last);
        uint256 paid = _withdrawAllOf(alice) + _withdrawAllOf(bob);
        assertEq(paid, total);
        assertEq(_totalOf(id, DELEGATED), 0);
        assertEq(pool.bucketOf(id, DELEGATED).unbondingShares, 0);
        assertEq(pool.held(ankr), OWN);
    }

    // Who was leaving lost less than who stayed, or more.
    function testFuzz_Regression_Trust_H4_UnbondingIsSlashedLikeActive(uint256 amount) external {
        amount = bound(amount, 1, 19_000e18);
        uint64 requestId = _unstakeAll(bob);
        _slash(0, amount);
        uint256 staying = _stakeOf(alice);
        uint256 leaving = pool.requestValueOf(requestId);
        assertApproxEqAbs(staying, leaving, 1);
        assertEq(staying + leaving, 20_000e18 - amount);
    }

    // Who had done wrong was gone when the time to dispute ended.
    function test_Regression_Trust_M9_StakeLeavesAfterItsDisputes() external {
        // Begins to leave in the second of its deed; the epoch of it ends last and is disputed and judged last.
        vm.warp(params.epochStart(params.currentEpoch()));
        uint64 delegated = _unstakeAll(alice);
        uint64 self = _unstakeSelf(OWN);
        uint256 judged = params.epochStart(params.currentEpoch() + 1) + params.get(Param.RootDelaySeconds)
            + params.get(Param.DisputeOpenSeconds) + params.get(Param.DisputeResolveSeconds);
        assertGe(pool.requestOf(delegated).withdrawableAt, judged);
        assertGe(pool.requestOf(self).withdrawableAt, pool.requestOf(delegated).withdrawableAt);
        // And no parameter can make it otherwise.
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(Param.UnbondingDelegatorSeconds, 20 days);
        uint64 epoch = params.currentEpoch() + 1;
        vm.expectPartialRevert(IParamStore.ParamStoreRuleBroken.selector);
        vm.prank(address(timelock));
        params.announce(changes, epoch);
    }

    // Requests of a bucket that was wiped out took from those who came later.
    function test_Regression_OZ_M06_StaleRequestsTakeNothing() external {
        uint64 requestId = _unstakeAll(bob);
        _slash(0, 2 * STAKE);
        _delegate(alice, 5000e18);
        uint64 later = _unstakeAll(alice);
        _await(later);
        assertEq(_withdraw(bob, requestId), 0);
        assertEq(pool.bucketOf(id, DELEGATED).unbonding, 5000e18);
        assertEq(_withdraw(alice, later), 5000e18);
    }

    // Each new request set the date of all earlier ones anew.
    function test_Regression_OZ2025_L17_EachRequestHasItsOwnDate() external {
        uint64 first = _unstake(alice, MIN);
        uint64 date = pool.requestOf(first).withdrawableAt;
        skip(10 days);
        _unstake(alice, MIN);
        assertEq(pool.requestOf(first).withdrawableAt, date);
        vm.warp(date - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolStillUnbonding.selector, first, date));
        _withdraw(alice, first);
        vm.warp(date);
        assertEq(_withdraw(alice, first), MIN);
    }

    // The contract that came before moved the date of every earlier undelegation to that of the newest.
    function test_Regression_AnkrV2_ReadyEpoch_LeavingInPartsDelaysNothing() external {
        uint64[10] memory ids;
        for (uint256 i = 0; i < 10; i++) {
            ids[i] = _unstake(alice, 500e18);
            skip(1 days);
        }
        skip(DELEGATOR_PERIOD - 10 days);
        for (uint256 i = 0; i < 10; i++) {
            assertEq(_withdraw(alice, ids[i]), 500e18);
            skip(1 days);
        }
    }

    // A period so long that it overflowed its 64 bits was over at once.
    function test_Regression_OZ2025_M01_NoPeriodIsLongEnoughToWrap() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(Param.UnbondingSelfSeconds, 60 days + 1);
        uint64 epoch = params.currentEpoch() + 1;
        vm.expectPartialRevert(IParamStore.ParamStoreOutOfBounds.selector);
        vm.prank(address(timelock));
        params.announce(changes, epoch);
        _changeParam(Param.UnbondingSelfSeconds, 60 days);
        uint64 requestId = _unstakeSelf(OWN);
        assertEq(pool.requestOf(requestId).withdrawableAt, block.timestamp + 60 days);
    }

    // A changed period moved the dates of what was already under way.
    function test_Regression_OZ2025_L19_APeriodThatChangesMovesNoDate() external {
        uint64 requestId = _unstakeSelf(OWN / 2);
        uint64 date = pool.requestOf(requestId).withdrawableAt;
        uint64 until = _lock("dispute", SELF, 1e18);
        _changeParam(Param.DisputeResolveSeconds, 1 days);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLockHeld.selector, bytes32("dispute"), until)
        );
        pool.release("dispute");
        _changeParam(Param.UnbondingSelfSeconds, 60 days);
        assertEq(pool.requestOf(requestId).withdrawableAt, date);
        vm.warp(date);
        assertEq(_withdraw(owner, requestId), OWN / 2);
    }

    // A slash of more than there was reverted.
    function test_Regression_OZ_M05_SlashNeverRevertsOnSize() external {
        vm.prank(slasher);
        (uint256 self, uint256 delegated,) = pool.slash(id, type(uint256).max, type(uint256).max);
        assertEq(self, OWN);
        assertEq(delegated, 2 * STAKE);
        assertEq(ankr.balanceOf(slasher), OWN + 2 * STAKE);
        assertEq(pool.held(ankr), 0);
    }

    // Withdrawing just before a slash made the slash revert, for it was held against what had been there.
    function test_Regression_OZ2025_M02_LeavingFirstDoesNotStopASlash() external {
        uint64 requestId = _unstakeAll(alice);
        _await(requestId);
        _withdraw(alice, requestId);
        _slash(OWN / 2, 2 * STAKE);
        assertEq(ankr.balanceOf(slasher), OWN / 2 + STAKE);
    }

    // Slashes of a part of what is left never came to an end, and left shares worth next to nothing.
    function test_Regression_OZ_M02_RepeatedSlashesComeToAnEnd() external {
        uint256 slashes;
        while (pool.bucketOf(id, DELEGATED).generation == 0) {
            _slash(0, _totalOf(id, DELEGATED) / 2);
            slashes++;
        }
        assertEq(slashes, 15);
        assertEq(_totalOf(id, DELEGATED), 0);
        assertEq(_delegate(alice, MIN), MIN);
    }

    // Without stake of the provider's own, delegation could not be slashed.
    function test_Regression_MissedIssues2_DelegationIsSlashedWithoutSelfStake() external {
        _slash(OWN, 0);
        _slash(OWN, STAKE);
        assertEq(_totalOf(id, DELEGATED), STAKE);
    }

    // Shares grew without bound for a token; the next to come after next to nothing is left begin at a price of one.
    function test_Regression_OZ2025_L03_AGenerationThatIsAllButGoneIsClosed() external {
        _slash(0, 2 * STAKE - 0.5e18);
        assertEq(_sharesOf(alice), 0);
        assertEq(ankr.balanceOf(treasury), 0.5e18);
        _delegate(bob, 3000e18);
        assertEq(_sharesOf(bob), 3000e18);
        assertEq(_stakeOf(alice), 0);
    }

    // A prototype lost what shares of a closed generation had earned and not settled.
    function test_Regression_Prototype_FinalAcc_AClosedGenerationKeepsUnsettledRewards() external {
        _reward(EPOCH * 1e18);
        skip(1 days);
        _slash(0, type(uint256).max);
        skip(EPOCH);
        _delegate(carol, STAKE);
        _slash(0, type(uint256).max);
        assertEq(_claim(alice), 43_200e18);
        assertEq(_claim(bob), 43_200e18);
        assertEq(pool.payIdleReward(id), EPOCH * 1e18 - 86_400e18);
    }

    // Loops over lists that grow without bound ran out of gas.
    function test_Regression_Veridise_VUL005_TheFullestListFitsIntoABlock() external {
        _changeParam(Param.UnbondingRequestsMax, 64);
        uint64 last;
        for (uint256 i = 0; i < 64; i++) {
            last = _unstake(alice, 1e18);
        }
        _await(last);
        vm.cool(address(pool));
        uint256 before = gasleft();
        _withdraw(alice, last);
        assertLt(before - gasleft(), 400_000, "gas");
    }

    // A lock that could be drawn out under its name kept stake for ever.
    function test_Regression_Lock_OneIdentifierLocksOnceForABoundedTime() external {
        uint64 requestId = _unstakeSelf(OWN);
        skip(SELF_PERIOD - LOCK_MAX);
        _lock("dispute", SELF, OWN);
        skip(LOCK_MAX);
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLockExists.selector, bytes32("dispute"))
        );
        _lock("dispute", SELF, OWN);
        pool.release("dispute");
        vm.expectRevert(
            abi.encodeWithSelector(IStakingPool.StakingPoolLockExists.selector, bytes32("dispute"))
        );
        _lock("dispute", SELF, OWN);
        assertEq(_withdraw(owner, requestId), OWN);
    }

    function _withdrawAllOf(address who) private returns (uint256 paid) {
        uint64[] memory open = pool.openRequestsOf(id, DELEGATED, who);
        for (uint256 i = 0; i < open.length; i++) {
            paid += _withdraw(who, open[i]);
        }
    }
}
