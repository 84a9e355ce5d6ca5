// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { EpochManagerFixture } from "./EpochManagerFixture.sol";

contract Disable_EpochManager_Test is EpochManagerFixture {
    function setUp() public override {
        super.setUp();
        _skipEpochs(10);
        _fund(1_000e18);
    }

    function test_RevertWhen_CallerIsNotTheGuardian() external {
        _post(1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        epochs.disable(1);
    }

    function test_RevertGiven_NeverPosted() external {
        _expectUnknown(0);
        _disable(0);
        _post(1, 0, 0);
        _expectUnknown(0);
        _disable(0);
        _expectUnknown(2);
        _disable(2);
    }

    function test_RevertGiven_AlreadyDisabled() external {
        _post(1, 0, 0);
        _post(2, 0, 0);
        _disable(1);
        _expectUnknown(1);
        _disable(1);
        _expectUnknown(2);
        _disable(2);
    }

    function test_RevertGiven_Active() external {
        _post(1, 0, 0);
        uint64 activeAt = uint64(block.timestamp + ROOT_DELAY);
        vm.warp(activeAt);
        _expectActive(1, activeAt);
        _disable(1);
        vm.warp(activeAt + 1);
        _expectActive(1, activeAt);
        _disable(1);
    }

    function test_DisablesUpToTheLastSecond() external {
        _post(1, 0, 0);
        vm.warp(block.timestamp + ROOT_DELAY - 1);
        _disable(1);
        vm.warp(block.timestamp + 1);
        assertFalse(epochs.isActive(1));
    }

    function test_ForgetsTheRoots() external {
        _post(1, 100, 10);
        _disable(1);
        (IEpochManager.EpochRoots memory roots, uint64 activeAt) = epochs.rootsOf(1);
        IEpochManager.EpochRoots memory none;
        assertEq(abi.encode(roots), abi.encode(none));
        assertEq(activeAt, 0);
        (bytes32 root, uint256 payoutsTotal, uint256 withheldTotal) = epochs.payoutsOf(1);
        assertEq(root, 0);
        assertEq(payoutsTotal + withheldTotal, 0);
        (, bool any) = epochs.latest();
        assertFalse(any);
    }

    function test_TakesLaterOnesAlong() external {
        _post(1, 0, 0);
        _post(2, 0, 0);
        _post(5, 0, 0);
        _post(6, 0, 0);
        vm.expectEmit(address(epochs));
        emit IEpochManager.EpochDisabled(6, 3);
        vm.expectEmit(address(epochs));
        emit IEpochManager.EpochDisabled(5, 2);
        vm.expectEmit(address(epochs));
        emit IEpochManager.EpochDisabled(2, 1);
        _disable(2);

        (uint64 epoch,) = epochs.latest();
        assertEq(epoch, 1);
        skip(ROOT_DELAY);
        assertTrue(epochs.isActive(1));
        assertFalse(epochs.isActive(2));
        assertFalse(epochs.isActive(5));
        assertFalse(epochs.isActive(6));
    }

    function test_LeavesEarlierOnes() external {
        _post(0, 1, 0);
        skip(ROOT_DELAY);
        _post(1, 2, 0);
        _post(2, 3, 0);
        _disable(2);
        assertTrue(epochs.isActive(0));
        (uint64 epoch, bool any) = epochs.latest();
        assertTrue(any);
        assertEq(epoch, 1);
        skip(ROOT_DELAY);
        assertTrue(epochs.isActive(1));
    }

    function test_NeverReachesAnActiveOne() external {
        uint256 effectiveAt = _announce(Param.RootDelaySeconds, ROOT_DELAY_MIN);
        vm.warp(effectiveAt - 1);
        _post(1, 100, 0);
        vm.warp(effectiveAt);
        _post(2, 200, 0);

        // By its own delay alone the second would be active before the first.
        skip(ROOT_DELAY_MIN);
        assertFalse(epochs.isActive(1));
        assertFalse(epochs.isActive(2));
        _disable(1);
        (, bool any) = epochs.latest();
        assertFalse(any);
    }

    function test_PostedAgainWithNewSignaturesOnly() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots));
        epochs.post(roots, signatures);
        _disable(1);
        assertEq(epochs.attempt(), 1);
        vm.expectRevert();
        epochs.post(roots, signatures);

        _post(roots);
        assertEq(epochs.attempt(), 2);
        vm.expectEmit(address(epochs));
        emit IEpochManager.EpochDisabled(1, 1);
        _disable(1);
        vm.expectRevert();
        epochs.post(roots, signatures);
    }

    function test_DisablesAsManyAsMayWait() external {
        _skipEpochs(uint64(WAITING_MAX));
        for (uint64 epoch = 0; epoch < WAITING_MAX; ++epoch) {
            _post(epoch, epoch + 1, epoch + 1);
        }
        uint256 before = gasleft();
        _disable(0);
        assertLt(before - gasleft(), 5_000_000);
        (, bool any) = epochs.latest();
        assertFalse(any);
    }

    function testFuzz_LeavesExactlyTheEpochsBefore(uint256 count, uint256 from) external {
        count = bound(count, 1, 10);
        from = bound(from, 0, count - 1);
        for (uint64 i = 0; i < count; ++i) {
            _post(i, i, i);
        }
        _disable(uint64(from));
        skip(ROOT_DELAY);
        for (uint64 i = 0; i < count; ++i) {
            assertEq(epochs.isActive(i), i < from);
        }
        (uint64 epoch, bool any) = epochs.latest();
        assertEq(any, from > 0);
        assertEq(epoch, from > 0 ? from - 1 : 0);
    }

    function _expectUnknown(uint64 epoch) private {
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerUnknownEpoch.selector, epoch));
    }

    function _expectActive(uint64 epoch, uint64 activeAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEpochManager.EpochManagerAlreadyActive.selector, epoch, activeAt)
        );
    }
}
