// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract Withdraw_Escrow_Test is EscrowFixture {
    uint256 private balance;

    function setUp() public override {
        super.setUp();
        balance = _worth(1000);
        _deposit(consumer, balance);
        _deposit(other, balance);
    }

    function test_RevertGiven_NoRequest() external {
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNothingToWithdraw.selector, consumer));
        escrow.withdraw(consumer);
    }

    function test_RevertWhen_TooEarly() external {
        uint64 date = _request(consumer, balance);
        vm.warp(date - 1);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWithdrawTooEarly.selector, consumer, date));
        escrow.withdraw(consumer);
    }

    function test_RevertWhen_TheReceiverIsZero() external {
        vm.warp(_request(consumer, balance));
        vm.prank(consumer);
        vm.expectRevert();
        escrow.withdraw(address(0));
        assertEq(_withdraw(consumer), balance);
    }

    function test_PaysAPartInTheSecondOfTheDate() external {
        uint256 part = balance - 1;
        vm.warp(_request(consumer, part));
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(consumer, consumer, part, part, 0);
        assertEq(_withdraw(consumer), part);
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.balance, 1);
        assertEq(account.withdrawing, 0);
        assertEq(account.withdrawableAt, 0);
        assertEq(account.life, 0);
        assertTrue(account.open);
        assertEq(account.keyCommitment, KEY);
        assertEq(asset.balanceOf(consumer), part);
        assertEq(escrow.held(asset), balance + 1);
    }

    function test_PaysToWhomTheOwnerSays() external {
        vm.warp(_request(consumer, balance));
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(consumer, sponsor, balance, balance, 0);
        vm.prank(consumer);
        escrow.withdraw(sponsor);
        assertEq(asset.balanceOf(sponsor), balance);
        assertEq(asset.balanceOf(consumer), 0);
    }

    function test_PaysWhatChargesHaveLeft() external {
        uint64 date = _request(consumer, balance);
        _charge(consumer, _worth(300));
        vm.warp(date);
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(consumer, consumer, _worth(700), balance, 0);
        assertEq(_withdraw(consumer), _worth(700));
        assertEq(escrow.accountOf(consumer).life, 1);
        assertEq(escrow.held(asset), balance);
    }

    function test_EndsTheLifeOfWhatChargesHaveEmptied() external {
        uint64 date = _request(consumer, balance);
        _charge(consumer, _worth(500));
        _charge(consumer, _worth(1000));
        vm.warp(date);
        vm.expectEmit(address(escrow));
        emit IEscrow.Withdrawn(consumer, consumer, 0, balance, 0);
        assertEq(_withdraw(consumer), 0);
        _assertNewLife();
        assertEq(asset.balanceOf(consumer), 0);
    }

    function test_EndsTheLife() external {
        _charge(consumer, _worth(100));
        vm.warp(_request(consumer, _worth(900)));
        assertEq(_withdraw(consumer), _worth(900));
        _assertNewLife();
        assertEq(asset.balanceOf(address(escrow)), balance);
        assertEq(escrow.held(asset), balance);
    }

    function test_PaysWhatWasAskedAfterATopUp() external {
        uint64 date = _request(consumer, balance);
        _deposit(consumer, _worth(1));
        vm.warp(date);
        assertEq(_withdraw(consumer), balance);
        assertEq(_balanceOf(consumer), _worth(1));
        assertEq(escrow.accountOf(consumer).life, 0);
        assertTrue(escrow.accountOf(consumer).open);
    }

    function testFuzz_PaysTheLesserOfRequestAndBalance(uint256 asked, uint256 used) external {
        asked = bound(asked, 1, balance);
        used = bound(used, 0, _worth(500));
        uint64 date = _request(consumer, asked);
        _charge(consumer, used);
        vm.warp(date);
        uint256 expected = Math.min(asked, balance - used);
        assertEq(_withdraw(consumer), expected);
        assertEq(asset.balanceOf(consumer), expected);
        assertEq(_balanceOf(consumer), balance - used - expected);
        assertEq(escrow.accountOf(consumer).life, balance == used + expected ? 1 : 0);
    }

    function _assertNewLife() private view {
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.balance, 0);
        assertEq(account.spent, 0);
        assertEq(account.withdrawing, 0);
        assertEq(account.withdrawableAt, 0);
        assertEq(account.life, 1);
        assertEq(account.lastRootId, 0);
        assertEq(account.lastRootCharged, 0);
        assertFalse(account.open);
        assertEq(account.keyCommitment, 0);
    }
}

contract Withdraw_StableEscrow_Test is Withdraw_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
