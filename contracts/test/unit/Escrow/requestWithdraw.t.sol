// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract RequestWithdraw_Escrow_Test is EscrowFixture {
    uint256 private balance;

    function setUp() public override {
        super.setUp();
        balance = _worth(1000);
        _deposit(consumer, balance);
    }

    function test_RevertGiven_ARequestIsOpen() external {
        uint64 date = _request(consumer, 1);
        bytes memory reason =
            abi.encodeWithSelector(IEscrow.EscrowAlreadyWithdrawing.selector, consumer, date);
        vm.startPrank(consumer);
        vm.expectRevert(reason);
        escrow.requestWithdraw(1);
        vm.warp(date + 30 days);
        vm.expectRevert(reason);
        escrow.requestWithdraw(1);
    }

    function test_RevertWhen_TheAmountIsZero() external {
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNothingToWithdraw.selector, consumer));
        escrow.requestWithdraw(0);
    }

    function test_RevertWhen_TheAmountExceedsTheBalance() external {
        vm.startPrank(consumer);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowWithdrawTooMuch.selector, consumer, balance, balance + 1)
        );
        escrow.requestWithdraw(balance + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEscrow.EscrowWithdrawTooMuch.selector, consumer, balance, type(uint256).max
            )
        );
        escrow.requestWithdraw(type(uint256).max);
    }

    function test_RevertGiven_NothingWasDeposited() external {
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWithdrawTooMuch.selector, other, 0, 1));
        escrow.requestWithdraw(1);
    }

    function test_NamesADate() external {
        uint64 date = uint64(block.timestamp + WITHDRAW_DELAY);
        vm.expectEmit(address(escrow));
        emit IEscrow.WithdrawRequested(consumer, balance / 3, date);
        assertEq(_request(consumer, balance / 3), date);
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.withdrawing, balance / 3);
        assertEq(account.balance, balance);
        assertEq(escrow.held(asset), balance);
        assertTrue(account.open);
    }

    function test_TakesTheLeastAndTheMost() external {
        _deposit(other, balance);
        _request(consumer, 1);
        _request(other, balance);
        assertEq(escrow.accountOf(consumer).withdrawing, 1);
        assertEq(escrow.accountOf(other).withdrawing, balance);
    }

    function test_KeepsItsDateWhenTheDelayChanges() external {
        uint256 effectiveAt = _announce(Param.WithdrawDelaySeconds, 7 days);
        _deposit(other, balance);
        vm.warp(effectiveAt - 1);
        uint64 date = _request(consumer, balance);
        assertEq(date, effectiveAt - 1 + WITHDRAW_DELAY);
        vm.warp(effectiveAt);
        assertEq(_request(other, balance), effectiveAt + 7 days);
        vm.warp(date);
        assertEq(_withdraw(consumer), balance);
    }

    function test_TakesAnotherAfterTheFirst() external {
        vm.warp(_request(consumer, 1));
        assertEq(_withdraw(consumer), 1);
        assertEq(_request(consumer, balance - 1), block.timestamp + WITHDRAW_DELAY);
    }
}

contract RequestWithdraw_StableEscrow_Test is RequestWithdraw_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
