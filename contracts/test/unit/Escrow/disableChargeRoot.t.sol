// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { Vm } from "forge-std/Vm.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract DisableChargeRoot_Escrow_Test is EscrowFixture {
    bytes32 private constant ROOT = keccak256("root");

    function test_RevertWhen_TheCallerIsNotTheGuardian() external {
        _postSome(1);
        address[3] memory callers = [consumer, address(timelock), vm.addr(verifierKeys[0])];
        for (uint256 i = 0; i < callers.length; i++) {
            vm.prank(callers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, callers[i])
            );
            escrow.disableChargeRoot(1);
        }
    }

    function test_RevertGiven_TheRootIsUnknown() external {
        _postSome(2);
        vm.startPrank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnknownRoot.selector, 0));
        escrow.disableChargeRoot(0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnknownRoot.selector, 3));
        escrow.disableChargeRoot(3);
    }

    function test_RevertGiven_DisabledAlready() external {
        _postSome(1);
        _disable(1);
        uint64 date = escrow.chargeRootOf(1).applicableAt;
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowRootNotApplicable.selector, 1, date, true));
        escrow.disableChargeRoot(1);
    }

    function test_RevertWhen_TheRootIsApplicable() external {
        _postSome(1);
        uint64 date = escrow.chargeRootOf(1).applicableAt;
        for (uint256 i = 0; i < 2; i++) {
            vm.warp(date + i);
            vm.prank(guardian);
            vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowRootActive.selector, 1));
            escrow.disableChargeRoot(1);
        }
    }

    function test_DisablesUpToTheSecondBefore() external {
        _postSome(1);
        vm.warp(escrow.chargeRootOf(1).applicableAt - 1);
        vm.expectEmit(address(escrow));
        emit IEscrow.ChargeRootDisabled(1);
        _disable(1);
        assertTrue(escrow.chargeRootOf(1).disabled);
        assertEq(escrow.chargeRootOf(1).root, ROOT);
        assertEq(escrow.chargeRootCount(), 1);
    }

    function test_DisablesThoseAfterIt() external {
        _postSome(4);
        _disable(2);
        assertFalse(escrow.chargeRootOf(1).disabled);
        for (uint64 id = 2; id <= 4; id++) {
            assertTrue(escrow.chargeRootOf(id).disabled);
        }
        vm.warp(escrow.chargeRootOf(4).applicableAt);
        assertEq(escrow.applyCharges(1, new IEscrow.ChargeLeaf[](0)), 0);
    }

    function test_PassesOverTheDisabled() external {
        _postSome(3);
        _disable(2);
        _postRoot(ROOT, uint64(block.timestamp));
        vm.recordLogs();
        _disable(1);
        // The first and the fourth; nothing is said twice of the two between.
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertEq(logs[0].topics[1], bytes32(uint256(4)));
        assertEq(logs[1].topics[1], bytes32(uint256(1)));
        assertEq(_postRoot(ROOT, uint64(block.timestamp)), 5);
        assertEq(escrow.chargeRootOf(5).previous, 0);
    }

    function test_DisablesPieceByPiece() external {
        _postSome(10);
        _disable(6);
        assertFalse(escrow.chargeRootOf(5).disabled);
        _disable(1);
        for (uint64 id = 1; id <= 10; id++) {
            assertTrue(escrow.chargeRootOf(id).disabled);
        }
    }

    /// @dev So many that all wait: periods as short and a delay as long as parameters allow together.
    function _postSome(uint256 count) private {
        IParamStore.Change[] memory changes = new IParamStore.Change[](2);
        changes[0] = IParamStore.Change(Param.ChargePeriodSeconds, 1 hours);
        changes[1] = IParamStore.Change(Param.ChargeDelaySeconds, 46 hours);
        vm.warp(_announce(changes));
        for (uint256 i = 0; i < count; i++) {
            if (i > 0) vm.warp(block.timestamp + 1 hours);
            _postRoot(ROOT, uint64(block.timestamp));
        }
    }
}
