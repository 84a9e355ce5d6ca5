// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Custody } from "../../../src/libraries/Custody.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

/// @dev Of ANKR alone: the stablecoin knows no such transfers.
contract OnTransferReceived_Escrow_Test is EscrowFixture {
    function test_RevertWhen_TheCallerIsNotTheAsset() external {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWrongToken.selector, address(this)));
        escrow.onTransferReceived(consumer, consumer, 1000e18, abi.encode(KEY));

        AnkrToken another = new AnkrToken(consumer, 1000e18);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWrongToken.selector, address(another)));
        another.transferAndCall(address(escrow), 1000e18, abi.encode(KEY));
    }

    function test_RevertWhen_TheDataIsTooShort() external {
        _fund(consumer, 1000e18);
        vm.prank(consumer);
        vm.expectRevert();
        ankr.transferAndCall(address(escrow), 1000e18, new bytes(31));
    }

    function test_RevertWhen_TheTokensAreNotHere() external {
        _fund(address(escrow), 1000e18 - 1);
        vm.prank(address(ankr));
        vm.expectRevert(
            abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, ankr, 1000e18, 1000e18 - 1)
        );
        escrow.onTransferReceived(consumer, consumer, 1000e18, abi.encode(KEY));
    }

    function test_RevertWhen_TheSenderIsZero() external {
        _fund(address(escrow), 1000e18);
        vm.prank(address(ankr));
        vm.expectRevert(IEscrow.EscrowZeroAddress.selector);
        escrow.onTransferReceived(address(0), address(0), 1000e18, abi.encode(KEY));
    }

    function test_RevertWhen_TheAmountIsTooSmall() external {
        _fund(consumer, 1000e18);
        vm.prank(consumer);
        _expectTooSmall(1000e18 - 1, 1000e18);
        ankr.transferAndCall(address(escrow), 1000e18 - 1, abi.encode(KEY));
    }

    /// @dev Whoever may move the owner's tokens for another purpose must not get hold of the owner's account by that.
    function test_RevertWhen_AnOperatorNamesAKey() external {
        _deposit(consumer, 1000e18);
        _fund(consumer, 1e18);
        vm.prank(consumer);
        ankr.approve(other, 1e18);
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowBadConsent.selector, consumer));
        ankr.transferFromAndCall(consumer, address(escrow), 1e18, abi.encode(OTHER_KEY));
    }

    function test_AnOperatorTopsUp() external {
        _deposit(consumer, 1000e18);
        _fund(consumer, 1e18);
        vm.prank(consumer);
        ankr.approve(other, 1e18);
        vm.prank(other);
        ankr.transferFromAndCall(consumer, address(escrow), 1e18, abi.encode(bytes32(0)));
        assertEq(_balanceOf(consumer), 1001e18);
        assertEq(_balanceOf(other), 0);
        assertEq(escrow.accountOf(consumer).keyCommitment, KEY);
    }

    function test_OpensTheAccount() external {
        _fund(consumer, 1000e18);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(consumer, consumer, 1000e18, KEY, 0);
        vm.prank(consumer);
        ankr.transferAndCall(address(escrow), 1000e18, abi.encode(KEY));
        assertEq(_balanceOf(consumer), 1000e18);
        assertEq(escrow.held(ankr), 1000e18);
        assertEq(escrow.surplusOf(ankr), 0);
    }

    function test_TopsUpAndNamesAnotherKey() external {
        _deposit(consumer, 1000e18);
        _fund(consumer, 5e18);
        vm.prank(consumer);
        ankr.transferAndCall(address(escrow), 5e18, abi.encode(OTHER_KEY));
        assertEq(_balanceOf(consumer), 1005e18);
        assertEq(escrow.accountOf(consumer).keyCommitment, OTHER_KEY);
    }
}
