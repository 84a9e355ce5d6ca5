// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract PostChargeRoot_Escrow_Test is EscrowFixture {
    bytes32 private constant ROOT = keccak256("root");

    function test_RevertWhen_ThePeriodIsInFuture() external {
        uint64 end = uint64(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowPeriodInFuture.selector, end));
        escrow.postChargeRoot(ROOT, DATA, end, new bytes[](0));
        vm.warp(end);
        _postRoot(ROOT, end);
    }

    function test_RevertWhen_TheFirstPeriodIsTooOld() external {
        vm.warp(START + 30 days);
        _expectTooShort(START - 1, START);
        escrow.postChargeRoot(ROOT, DATA, uint64(START - 1), new bytes[](0));
        _expectTooShort(0, START);
        escrow.postChargeRoot(ROOT, DATA, 0, new bytes[](0));
    }

    function test_TakesAFirstPeriodThatEndedAtTheBeginning() external {
        vm.warp(START + PERIOD - 1);
        assertEq(_postRoot(ROOT, uint64(START)), 1);
    }

    function test_RevertWhen_ThePeriodIsTooShort() external {
        _postRoot(ROOT, uint64(START));
        vm.warp(START + PERIOD);
        _expectTooShort(START + PERIOD - 1, START + PERIOD);
        escrow.postChargeRoot(ROOT, DATA, uint64(START + PERIOD - 1), new bytes[](0));
        _expectTooShort(START, START + PERIOD);
        escrow.postChargeRoot(ROOT, DATA, uint64(START), new bytes[](0));
    }

    function test_TakesAPeriodRightAfter() external {
        _postRoot(ROOT, uint64(START));
        vm.warp(START + PERIOD);
        assertEq(_postRoot(ROOT, uint64(START + PERIOD)), 2);
    }

    function test_ComparesWithTheLastNotDisabled() external {
        vm.warp(START + 1 days);
        _postRoot(ROOT, uint64(START + 1 days));
        vm.warp(START + 1 days + PERIOD);
        _postRoot(ROOT, uint64(START + 1 days + PERIOD));
        _disable(2);
        _expectTooShort(START + 1 days + PERIOD - 1, START + 1 days + PERIOD);
        escrow.postChargeRoot(ROOT, DATA, uint64(START + 1 days + PERIOD - 1), new bytes[](0));
        assertEq(_postRoot(ROOT, uint64(START + 1 days + PERIOD)), 3);
        assertEq(escrow.chargeRootOf(3).previous, 1);
    }

    function test_ComparesWithTheBeginningWhenAllAreDisabled() external {
        vm.warp(START + PERIOD - 1);
        _postRoot(ROOT, uint64(START + 5));
        _disable(1);
        _expectTooShort(START - 1, START);
        escrow.postChargeRoot(ROOT, DATA, uint64(START - 1), new bytes[](0));
        assertEq(_postRoot(ROOT, uint64(START)), 2);
        assertEq(escrow.chargeRootOf(2).previous, 0);
    }

    function test_NumbersAndSignaturesServeOnce() external {
        uint64 end = uint64(START);
        bytes[] memory signatures = _chargeSignatures(escrow, ROOT, DATA, end);
        assertEq(escrow.postChargeRoot(ROOT, DATA, end, signatures), 1);
        _disable(1);
        vm.expectRevert();
        escrow.postChargeRoot(ROOT, DATA, end, signatures);
        assertEq(_postRoot(ROOT, end), 2);
        assertEq(escrow.chargeRootCount(), 2);
        assertTrue(escrow.chargeRootOf(1).disabled);
    }

    function test_IsApplicableNoEarlierThanTheOneBefore() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](2);
        changes[0] = IParamStore.Change(Param.ChargePeriodSeconds, 1 hours);
        changes[1] = IParamStore.Change(Param.ChargeDelaySeconds, 1 hours);
        uint256 effectiveAt = _announce(changes);
        vm.warp(effectiveAt - 1);
        uint256 date = effectiveAt - 1 + DELAY;
        assertEq(escrow.chargeRootOf(_postRoot(ROOT, uint64(block.timestamp))).applicableAt, date);
        vm.warp(block.timestamp + 1 hours);
        assertEq(escrow.chargeRootOf(_postRoot(ROOT, uint64(block.timestamp))).applicableAt, date);
        vm.warp(date - 1 hours + 1);
        assertEq(escrow.chargeRootOf(_postRoot(ROOT, uint64(block.timestamp))).applicableAt, date + 1);
    }

    function test_RevertWhen_TooFewSigned() external {
        bytes[] memory signatures = _chargeSignatures(escrow, ROOT, DATA, uint64(START));
        bytes[] memory fewer = new bytes[](1);
        fewer[0] = signatures[0];
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsTooFewSignatures.selector, SignerRole.Verifier, 1, 2)
        );
        escrow.postChargeRoot(ROOT, DATA, uint64(START), fewer);
    }

    function test_RevertWhen_AnotherRoleSigned() external {
        verifierKeys = gatewayKeys;
        bytes[] memory signatures = _chargeSignatures(escrow, ROOT, DATA, uint64(START));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsNotMember.selector, SignerRole.Verifier, vm.addr(gatewayKeys[0])
            )
        );
        escrow.postChargeRoot(ROOT, DATA, uint64(START), signatures);
    }

    function test_RevertWhen_SignedForElsewhere() external {
        bytes[] memory signatures =
            _chargeSignatures(_isStable() ? ankrEscrow : stableEscrow, ROOT, DATA, uint64(START));
        vm.expectRevert();
        escrow.postChargeRoot(ROOT, DATA, uint64(START), signatures);

        signatures = _chargeSignatures(escrow, ROOT, DATA, uint64(START));
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        escrow.postChargeRoot(ROOT, DATA, uint64(START), signatures);
    }

    function testFuzz_RevertWhen_AFieldDiffers(bytes32 seed, uint8 field) external {
        vm.assume(seed != ROOT && seed != DATA);
        bytes32 root = ROOT;
        bytes32 data = DATA;
        uint64 end = uint64(START + 10 days);
        bytes[] memory signatures = _chargeSignatures(escrow, root, data, end);
        field = uint8(bound(field, 0, 3));
        if (field == 0) root = seed;
        if (field == 1) data = seed;
        // The number that it was signed for is taken.
        if (field == 3) _postRoot(ROOT, uint64(START));
        vm.warp(end);
        if (field == 2) end = uint64(bound(uint256(seed), end - PERIOD + 1, end - 1));
        vm.expectRevert();
        escrow.postChargeRoot(root, data, end, signatures);
    }

    function test_StoresAndTells() external {
        vm.warp(START + 1 days);
        uint64 end = uint64(START + 23 hours);
        uint64 date = uint64(block.timestamp + DELAY);
        bytes[] memory signatures = _chargeSignatures(escrow, ROOT, DATA, end);
        vm.expectEmit(address(escrow));
        emit IEscrow.ChargeRootPosted(1, ROOT, DATA, end, date);
        assertEq(escrow.postChargeRoot(ROOT, DATA, end, signatures), 1);
        IEscrow.ChargeRoot memory stored = escrow.chargeRootOf(1);
        assertEq(stored.root, ROOT);
        assertEq(stored.dataHash, DATA);
        assertEq(stored.periodEnd, end);
        assertEq(stored.applicableAt, date);
        assertEq(stored.previous, 0);
        assertFalse(stored.disabled);
        assertEq(escrow.chargeRootCount(), 1);
    }

    function test_LinksWithTheOneBefore() external {
        for (uint64 i = 0; i < 3; i++) {
            vm.warp(START + (i + 1) * PERIOD);
            assertEq(_postRoot(ROOT, uint64(block.timestamp)), i + 1);
            assertEq(escrow.chargeRootOf(i + 1).previous, i);
        }
    }

    function test_AnyonePosts() external {
        bytes[] memory signatures = _chargeSignatures(escrow, ROOT, DATA, uint64(START));
        vm.prank(makeAddr("anyone"));
        assertEq(escrow.postChargeRoot(ROOT, DATA, uint64(START), signatures), 1);
    }

    function test_RevertWhen_ThePeriodIsTooOld() external {
        _postRoot(ROOT, uint64(START));
        vm.warp(START + 10 * PERIOD);
        uint64 earliest = uint64(START + 9 * PERIOD + 1);
        bytes4 tooOld = IEscrow.EscrowPeriodTooOld.selector;
        vm.expectRevert(abi.encodeWithSelector(tooOld, earliest - 1, earliest));
        escrow.postChargeRoot(ROOT, DATA, earliest - 1, new bytes[](0));
        assertEq(_postRoot(ROOT, earliest), 2);
    }

    /// @dev However long nobody signed, the silence is worth one cap.
    function test_TakesOnePeriodOfASilence() external {
        vm.warp(START + 10 * PERIOD);
        for (uint256 i = 0; i < 10; i++) {
            vm.expectPartialRevert(IEscrow.EscrowPeriodTooOld.selector);
            escrow.postChargeRoot(ROOT, DATA, uint64(START + i * PERIOD), new bytes[](0));
        }
        _postRoot(ROOT, uint64(block.timestamp));
        _expectTooShort(block.timestamp, block.timestamp + PERIOD);
        escrow.postChargeRoot(ROOT, DATA, uint64(block.timestamp), new bytes[](0));
    }

    function _expectTooShort(uint256 end, uint256 earliest) private {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowPeriodTooShort.selector, end, earliest));
    }
}

contract PostChargeRoot_StableEscrow_Test is PostChargeRoot_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
