// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { EpochManagerFixture } from "./EpochManagerFixture.sol";

contract Regressions_EpochManager_Test is EpochManagerFixture {
    uint128 private constant FUNDED = 1_000e18;

    function setUp() public override {
        super.setUp();
        _skipEpochs(10);
        _fund(FUNDED);
    }

    // Rewards were paid from a source without bound, so that depositors' principal could be paid out as reward.
    function test_Regression_Beosin_PAYG1_NoRootPromisesMoreThanWasFunded() external {
        bytes[] memory none = new bytes[](0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEpochManager.EpochManagerOverspent.selector, uint256(FUNDED) + 1, uint256(FUNDED)
            )
        );
        epochs.post(_roots(1, FUNDED - 9, 10), none);
        _post(1, FUNDED - 10, 10);

        // The next epoch's totals include these, so that nothing is promised twice either.
        vm.expectRevert(
            abi.encodeWithSelector(
                IEpochManager.EpochManagerOverspent.selector, uint256(FUNDED) + 1, uint256(FUNDED)
            )
        );
        epochs.post(_roots(2, FUNDED - 10, 11), none);
    }

    // A root counts only after a delay and can be disabled meanwhile, so that a wrong one is caught before it pays.
    function test_Regression_EigenLayer_RootDelay_AWrongRootIsStoppedBeforeItCounts() external {
        _post(1, FUNDED, 0);
        vm.warp(block.timestamp + ROOT_DELAY - 1);
        assertFalse(epochs.isActive(1));
        _disable(1);
        skip(1);
        assertFalse(epochs.isActive(1));
        (, bool any) = epochs.latestActive();
        assertFalse(any);
    }

    // What a disabled root said must not come back by the signatures that everybody has seen.
    function test_Regression_EigenLayer_DisabledRoot_ItsSignaturesAreUsedUp() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots), VERIFIERS);
        epochs.post(roots, signatures);
        _disable(1);
        vm.expectRevert();
        epochs.post(roots, signatures);
        _post(2, 0, 0);
        _disable(2);
        vm.expectRevert();
        epochs.post(roots, signatures);
    }

    // Signatures over an epoch must not serve for another one with the same content.
    function test_Regression_CrossEpochReplay_SignaturesServeOneEpoch() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots));
        roots.epoch = 2;
        vm.expectRevert();
        epochs.post(roots, signatures);
        roots.epoch = 1;
        epochs.post(roots, signatures);
    }

    // A change of a period must not reach back to what was begun under the old one.
    function test_Regression_OZ2025_L19_AChangedDelayLeavesWhatWaits() external {
        uint256 effectiveAt = _announce(Param.RootDelaySeconds, ROOT_DELAY_MIN);
        vm.warp(effectiveAt - 1);
        _post(1, 100, 10);
        uint256 activeAt = block.timestamp + ROOT_DELAY;
        vm.warp(effectiveAt);
        vm.warp(activeAt - 1);
        assertFalse(epochs.isActive(1));
        vm.warp(activeAt);
        assertTrue(epochs.isActive(1));
    }

    // Reports are checked for sanity before they count: order, growth, and what there is.
    function test_Regression_Lido_ReportSanity_TotalsOnlyGrowAndEpochsOnlyAdvance() external {
        bytes[] memory none = new bytes[](0);
        _post(5, 100, 10);
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerNotNewer.selector, 5, 5));
        epochs.post(_roots(5, 200, 20), none);
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerTotalsFell.selector, 99, 20));
        epochs.post(_roots(6, 99, 20), none);
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerTotalsFell.selector, 200, 9));
        epochs.post(_roots(6, 200, 9), none);
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerNotClosed.selector, 10, 10));
        epochs.post(_roots(10, 200, 20), none);
    }

    // Loops grew with history until they ran out of gas.
    function test_Regression_Veridise_VUL005_DisablingIsBoundedWhateverHasAccrued() external {
        _skipEpochs(200);
        uint64 epoch = 0;
        for (uint256 round = 0; round < 3; ++round) {
            for (uint256 i = 0; i < WAITING_MAX; ++i) {
                _post(epoch++, 0, 0);
            }
            if (round < 2) skip(ROOT_DELAY);
        }
        uint256 before = gasleft();
        (uint64 active,) = epochs.latestActive();
        assertLt(before - gasleft(), 500_000);
        assertEq(active, 2 * WAITING_MAX - 1);
        before = gasleft();
        _disable(active + 1);
        assertLt(before - gasleft(), 5_000_000);
        (epoch,) = epochs.latest();
        assertEq(epoch, active);
    }
}
