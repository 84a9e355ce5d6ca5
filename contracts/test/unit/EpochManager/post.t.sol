// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { EpochManagerFixture } from "./EpochManagerFixture.sol";

contract Post_EpochManager_Test is EpochManagerFixture {
    uint256 private constant FUNDED = 1_000e18;

    function setUp() public override {
        super.setUp();
        _skipEpochs(10);
        _fund(FUNDED);
    }

    function test_RevertWhen_TheEpochRuns() external {
        _expectNotClosed(10, 10);
        epochs.post(_roots(10, 0, 0), new bytes[](0));
        vm.warp(params.epochStart(11) - 1);
        _expectNotClosed(10, 10);
        epochs.post(_roots(10, 0, 0), new bytes[](0));
    }

    function test_RevertWhen_TheEpochIsToCome() external {
        _expectNotClosed(11, 10);
        epochs.post(_roots(11, 0, 0), new bytes[](0));
        _expectNotClosed(type(uint64).max, 10);
        epochs.post(_roots(type(uint64).max, 0, 0), new bytes[](0));
    }

    function test_RevertWhen_TheEpochIsNotNewer() external {
        _post(0, 0, 0);
        _expectNotNewer(0, 0);
        epochs.post(_roots(0, 0, 0), new bytes[](0));

        _post(5, 0, 0);
        _expectNotNewer(5, 5);
        epochs.post(_roots(5, 0, 0), new bytes[](0));
        _expectNotNewer(4, 5);
        epochs.post(_roots(4, 0, 0), new bytes[](0));
        _expectNotNewer(0, 5);
        epochs.post(_roots(0, 0, 0), new bytes[](0));
        _post(6, 0, 0);
    }

    function test_RevertWhen_PayoutsFall() external {
        _post(1, 100, 10);
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerTotalsFell.selector, 99, 50));
        epochs.post(_roots(2, 99, 50), new bytes[](0));
    }

    function test_RevertWhen_WithheldFalls() external {
        _post(1, 100, 10);
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerTotalsFell.selector, 200, 9));
        epochs.post(_roots(2, 200, 9), new bytes[](0));
    }

    function test_PostsEqualTotals() external {
        _post(1, 100, 10);
        _post(2, 100, 10);
        _assertLatest(2);
    }

    function test_PostsAfterEpochsLeftOut() external {
        _post(1, 100, 10);
        _post(9, 200, 10);
        _assertLatest(9);
        (, uint64 activeAt) = epochs.rootsOf(5);
        assertEq(activeAt, 0);
    }

    function test_IsActiveNoEarlierThanTheOneBefore() external {
        // The old delay still counts for what is posted one second before the new one takes effect.
        uint256 effectiveAt = _announce(Param.RootDelaySeconds, ROOT_DELAY_MIN);
        vm.warp(effectiveAt - 1);
        _post(1, 100, 0);
        (, uint64 firstActiveAt) = epochs.rootsOf(1);
        assertEq(firstActiveAt, block.timestamp + ROOT_DELAY);
        vm.warp(effectiveAt);

        _post(2, 100, 0);
        (, uint64 activeAt) = epochs.rootsOf(2);
        assertEq(activeAt, firstActiveAt);

        vm.warp(firstActiveAt - ROOT_DELAY_MIN + 1);
        _post(3, 100, 0);
        (, activeAt) = epochs.rootsOf(3);
        assertEq(activeAt, firstActiveAt + 1);
    }

    function test_ComparesWithTheLastNotDisabled() external {
        _post(3, 100, 10);
        _post(4, 500, 50);
        _disable(4);

        _expectNotNewer(3, 3);
        epochs.post(_roots(3, 100, 10), new bytes[](0));
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerTotalsFell.selector, 99, 10));
        epochs.post(_roots(4, 99, 10), new bytes[](0));
        _post(4, 100, 10);

        _disable(3);
        _post(0, 1, 0);
        _assertLatest(0);
    }

    function test_RevertWhen_TotalsExceedFunded() external {
        _expectOverspent(FUNDED + 1, FUNDED);
        epochs.post(_roots(1, uint128(FUNDED), 1), new bytes[](0));
        _expectOverspent(FUNDED + 1, FUNDED);
        epochs.post(_roots(1, 1, uint128(FUNDED)), new bytes[](0));

        // What has arrived counts only when it is booked.
        _fundAnkr(address(distributor), 1);
        _expectOverspent(FUNDED + 1, FUNDED);
        epochs.post(_roots(1, uint128(FUNDED), 1), new bytes[](0));
        distributor.fund();
        _post(1, uint128(FUNDED), 1);
    }

    function test_RevertWhen_TheSumExceedsItsParts() external {
        uint128 max = type(uint128).max;
        _expectOverspent(2 * uint256(max), FUNDED);
        epochs.post(_roots(1, max, max), new bytes[](0));
    }

    function test_PostsAllThatWasFunded() external {
        _post(1, uint128(FUNDED) - 7, 7);
        _assertLatest(1);
    }

    function test_RevertGiven_TooManyWait() external {
        _postAsManyAsMayWait();
        (, uint64 activeAt) = epochs.rootsOf(0);
        vm.warp(activeAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEpochManager.EpochManagerTooManyWaiting.selector, WAITING_MAX, activeAt)
        );
        epochs.post(_roots(uint64(WAITING_MAX), 0, 0), new bytes[](0));
    }

    function test_PostsWhenTheOldestIsActive() external {
        _postAsManyAsMayWait();
        _activate(0);
        _post(uint64(WAITING_MAX), 0, 0);

        // The next oldest was posted a second later.
        (, uint64 activeAt) = epochs.rootsOf(1);
        vm.expectRevert(
            abi.encodeWithSelector(IEpochManager.EpochManagerTooManyWaiting.selector, WAITING_MAX, activeAt)
        );
        epochs.post(_roots(uint64(WAITING_MAX) + 1, 0, 0), new bytes[](0));
        _activate(1);
        _post(uint64(WAITING_MAX) + 1, 0, 0);
    }

    function test_RevertWhen_TooFewSigned() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots), THRESHOLD - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsTooFewSignatures.selector, SignerRole.Verifier, THRESHOLD - 1, THRESHOLD
            )
        );
        epochs.post(roots, signatures);
    }

    function test_RevertWhen_AnotherRoleSigned() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        (bytes[] memory signatures, address signer) = _gatewaySignatures(_digestOf(roots));
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsNotMember.selector, SignerRole.Verifier, signer)
        );
        epochs.post(roots, signatures);
    }

    function test_RevertWhen_SignedForAnotherAttempt() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots, 1, block.chainid, address(epochs)));
        vm.expectRevert();
        epochs.post(roots, signatures);

        _post(0, 0, 0);
        assertEq(epochs.attempt(), 1);
        epochs.post(roots, signatures);
    }

    function test_RevertWhen_SignedForElsewhere() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory otherChain = _signatures(_digestOf(roots, 0, block.chainid + 1, address(epochs)));
        vm.expectRevert();
        epochs.post(roots, otherChain);
        bytes[] memory otherContract = _signatures(_digestOf(roots, 0, block.chainid, address(distributor)));
        vm.expectRevert();
        epochs.post(roots, otherContract);
    }

    function testFuzz_RevertWhen_AFieldDiffers(uint256 field, bytes32 value) external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes32 signedAs = keccak256(abi.encode(roots));
        bytes[] memory signatures = _signatures(_digestOf(roots));
        field = bound(field, 0, 8);
        if (field == 0) roots.epoch = uint64(uint256(value) % 10);
        if (field == 1) roots.chargesRoot = value;
        if (field == 2) roots.payoutsRoot = value;
        if (field == 3) roots.performanceRoot = value;
        if (field == 4) roots.receiptsRoot = value;
        if (field == 5) roots.tariffHash = value;
        if (field == 6) roots.dataHash = value;
        if (field == 7) roots.payoutsTotal = uint128(uint256(value) % 1e20);
        if (field == 8) roots.withheldTotal = uint128(uint256(value) % 1e20);
        vm.assume(keccak256(abi.encode(roots)) != signedAs);
        vm.expectRevert();
        epochs.post(roots, signatures);
    }

    function test_PostsTheSecondTheEpochEnds() external {
        vm.warp(params.epochStart(11));
        _post(10, 1, 0);
        _assertLatest(10);
    }

    function test_StoresAndTells() external {
        _post(2, 50, 5);
        IEpochManager.EpochRoots memory roots = _roots(7, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots));
        vm.expectEmit(address(epochs));
        emit IEpochManager.EpochPosted(7, 1, roots, uint64(block.timestamp + ROOT_DELAY));
        epochs.post(roots, signatures);

        (IEpochManager.EpochRoots memory stored, uint64 activeAt) = epochs.rootsOf(7);
        assertEq(abi.encode(stored), abi.encode(roots));
        assertEq(activeAt, block.timestamp + ROOT_DELAY);
        assertEq(epochs.attempt(), 2);
        (bytes32 payoutsRoot, uint256 payoutsTotal, uint256 withheldTotal) = epochs.payoutsOf(7);
        assertEq(payoutsRoot, roots.payoutsRoot);
        assertEq(payoutsTotal, 100);
        assertEq(withheldTotal, 10);
    }

    function test_PostsEpochZero() external {
        _post(0, 100, 10);
        _assertLatest(0);
        (, uint64 activeAt) = epochs.rootsOf(0);
        assertEq(activeAt, block.timestamp + ROOT_DELAY);
        assertEq(epochs.attempt(), 1);
    }

    function test_TakesAllVerifiers() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        epochs.post(roots, _signatures(_digestOf(roots), VERIFIERS));
        _assertLatest(1);
    }

    function test_AnyonePosts() external {
        IEpochManager.EpochRoots memory roots = _roots(1, 100, 10);
        bytes[] memory signatures = _signatures(_digestOf(roots));
        vm.prank(stranger);
        epochs.post(roots, signatures);
        _assertLatest(1);
    }

    function testFuzz_PostsExactlyWhatIsFunded(uint128 payoutsTotal, uint128 withheldTotal, uint128 more)
        external
    {
        payoutsTotal = uint128(bound(payoutsTotal, 0, 1e27));
        withheldTotal = uint128(bound(withheldTotal, 0, 1e27));
        uint256 total = uint256(payoutsTotal) + withheldTotal;
        _fund(bound(more, 1, 2e27));
        uint256 funded = distributor.fundedTotal();
        if (total > funded) {
            _expectOverspent(total, funded);
            epochs.post(_roots(1, payoutsTotal, withheldTotal), new bytes[](0));
        } else {
            _post(1, payoutsTotal, withheldTotal);
            _assertLatest(1);
        }
    }

    /// @dev From epoch 0 on, one each second.
    function _postAsManyAsMayWait() private {
        _skipEpochs(uint64(WAITING_MAX));
        for (uint64 epoch = 0; epoch < WAITING_MAX; ++epoch) {
            _post(epoch, 0, 0);
            skip(1);
        }
    }

    function _assertLatest(uint64 wanted) private view {
        (uint64 epoch, bool any) = epochs.latest();
        assertTrue(any);
        assertEq(epoch, wanted);
    }

    function _expectNotClosed(uint64 epoch, uint64 current) private {
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerNotClosed.selector, epoch, current));
    }

    function _expectNotNewer(uint64 epoch, uint64 latest) private {
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerNotNewer.selector, epoch, latest));
    }

    function _expectOverspent(uint256 total, uint256 funded) private {
        vm.expectRevert(abi.encodeWithSelector(IEpochManager.EpochManagerOverspent.selector, total, funded));
    }
}
