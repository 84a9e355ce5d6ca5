// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract CancelWithdraw_Escrow_Test is EscrowFixture {
    uint256 private balance;

    function setUp() public override {
        super.setUp();
        balance = _worth(1000);
        _deposit(consumer, balance);
    }

    function test_RevertGiven_NoRequest() external {
        _expectNothing();
        escrow.cancelWithdraw();
    }

    function test_RevertGiven_CancelledAlready() external {
        _request(consumer, 1);
        vm.prank(consumer);
        escrow.cancelWithdraw();
        _expectNothing();
        escrow.cancelWithdraw();
        _expectNothing();
        escrow.withdraw(consumer);
    }

    function test_ClearsTheRequest() external {
        _request(consumer, balance / 2);
        vm.expectEmit(address(escrow));
        emit IEscrow.WithdrawCancelled(consumer, balance / 2);
        vm.prank(consumer);
        escrow.cancelWithdraw();
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.withdrawing, 0);
        assertEq(account.withdrawableAt, 0);
        assertEq(account.balance, balance);
        assertTrue(account.open);
    }

    function test_CancelsWhatIsDue() external {
        vm.warp(_request(consumer, balance));
        vm.prank(consumer);
        escrow.cancelWithdraw();
        assertEq(_balanceOf(consumer), balance);
    }

    function test_TheNextRequestWaitsAgain() external {
        vm.warp(_request(consumer, balance) - 1);
        vm.prank(consumer);
        escrow.cancelWithdraw();
        assertEq(_request(consumer, balance), block.timestamp + WITHDRAW_DELAY);
    }

    function _expectNothing() private {
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNothingToWithdraw.selector, consumer));
    }
}
