// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Custody } from "../../../src/libraries/Custody.sol";
import { Escrow } from "../../../src/payments/Escrow.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { EscrowFixture } from "./EscrowFixture.sol";
import { HostileToken } from "./HostileToken.sol";

contract Deposit_Escrow_Test is EscrowFixture {
    function test_RevertWhen_TheFirstDepositIsTooSmall() external {
        uint256 min = _worth(1000);
        _ready(consumer, min);
        vm.startPrank(consumer);
        _expectTooSmall(min - 1, min);
        escrow.deposit(min - 1, KEY);
        _expectTooSmall(0, min);
        escrow.deposit(0, KEY);
    }

    function test_RevertWhen_TheFirstDepositNamesNoKey() external {
        _ready(consumer, _worth(1000));
        vm.prank(consumer);
        vm.expectRevert(IEscrow.EscrowNoKeyCommitment.selector);
        escrow.deposit(_worth(1000), 0);
    }

    function test_OpensWithTheKeySetBefore() external {
        _ready(consumer, _worth(1000));
        vm.startPrank(consumer);
        escrow.setKeyCommitment(OTHER_KEY);
        escrow.deposit(_worth(1000), 0);
        assertEq(escrow.accountOf(consumer).keyCommitment, OTHER_KEY);
    }

    function test_OpensWithTheMinimum() external {
        uint256 amount = _worth(1000);
        _ready(consumer, amount);
        assertFalse(escrow.accountOf(consumer).open);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(consumer, consumer, amount, KEY, 0);
        vm.prank(consumer);
        escrow.deposit(amount, KEY);

        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.balance, amount);
        assertEq(account.spent, 0);
        assertEq(account.life, 0);
        assertTrue(account.open);
        assertEq(account.keyCommitment, KEY);
        assertEq(asset.balanceOf(consumer), 0);
        assertEq(asset.balanceOf(address(escrow)), amount);
        assertEq(escrow.held(asset), amount);
    }

    function test_RevertWhen_ATopUpIsTooSmall() external {
        _deposit(consumer, _worth(1000));
        uint256 min = _worth(1);
        _ready(consumer, min);
        vm.prank(consumer);
        _expectTooSmall(min - 1, min);
        escrow.deposit(min - 1, KEY);
    }

    function test_TopsUpAndKeepsTheKey() external {
        _deposit(consumer, _worth(1000));
        _ready(consumer, _worth(1));
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(consumer, consumer, _worth(1), KEY, 0);
        vm.prank(consumer);
        escrow.deposit(_worth(1), 0);
        assertEq(_balanceOf(consumer), _worth(1001));
        assertEq(escrow.accountOf(consumer).keyCommitment, KEY);
        assertEq(escrow.held(asset), _worth(1001));
    }

    function test_TopsUpAndNamesAnotherKey() external {
        _deposit(consumer, _worth(1000));
        _ready(consumer, _worth(1));
        vm.prank(consumer);
        escrow.deposit(_worth(1), OTHER_KEY);
        assertEq(escrow.accountOf(consumer).keyCommitment, OTHER_KEY);
    }

    function test_TopsUpWhatChargesHaveEmptied() external {
        _deposit(consumer, _worth(1000));
        _charge(consumer, _worth(500));
        _charge(consumer, _worth(1000));
        assertEq(_balanceOf(consumer), 0);
        assertTrue(escrow.accountOf(consumer).open);
        _deposit(consumer, _worth(1));
        assertEq(_balanceOf(consumer), _worth(1));
        assertEq(escrow.accountOf(consumer).spent, _worth(1000));
        assertEq(escrow.accountOf(consumer).life, 0);
    }

    function test_ATopUpLeavesAWaitingWithdrawal() external {
        _deposit(consumer, _worth(1000));
        uint64 date = _request(consumer, _worth(400));
        vm.warp(date - 1);
        _deposit(consumer, _worth(5));
        assertEq(escrow.accountOf(consumer).withdrawing, _worth(400));
        assertEq(escrow.accountOf(consumer).withdrawableAt, date);
        vm.warp(date);
        assertEq(_withdraw(consumer), _worth(400));
    }

    function test_OpensAnotherLife() external {
        uint256 min = _worth(1000);
        _deposit(consumer, min);
        _leave(consumer);
        assertFalse(escrow.accountOf(consumer).open);
        _ready(consumer, min);
        vm.startPrank(consumer);
        _expectTooSmall(min - 1, min);
        escrow.deposit(min - 1, KEY);
        vm.expectRevert(IEscrow.EscrowNoKeyCommitment.selector);
        escrow.deposit(min, 0);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(consumer, consumer, min, OTHER_KEY, 1);
        escrow.deposit(min, OTHER_KEY);
        assertEq(escrow.accountOf(consumer).life, 1);
        assertTrue(escrow.accountOf(consumer).open);
    }

    function test_RevertWhen_TheTokenTakesAFee() external {
        (Escrow hostile, HostileToken token) = _hostile();
        token.setFee(1);
        vm.prank(consumer);
        vm.expectRevert(
            abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, token, 1000e18, 1000e18 - 1)
        );
        hostile.deposit(1000e18, KEY);
    }

    function test_RevertWhen_Reentered() external {
        (Escrow hostile, HostileToken token) = _hostile();
        bytes[] memory calls = new bytes[](7);
        calls[0] = abi.encodeCall(IEscrow.deposit, (1, KEY));
        calls[1] = abi.encodeCall(IEscrow.depositWithPermit, (1, KEY, 0, 0, 0, 0));
        calls[2] = abi.encodeCall(IEscrow.depositFor, (consumer, 1, KEY, type(uint256).max, ""));
        calls[3] =
            abi.encodeCall(IERC1363Receiver.onTransferReceived, (consumer, consumer, 1, abi.encode(KEY)));
        calls[4] = abi.encodeCall(IEscrow.withdraw, (consumer));
        calls[5] = abi.encodeCall(IEscrow.applyCharges, (1, new IEscrow.ChargeLeaf[](0)));
        calls[6] = abi.encodeCall(IEscrow.sweepSurplus, (token));
        for (uint256 i = 0; i < calls.length; i++) {
            token.setCallback(address(hostile), calls[i]);
            vm.prank(consumer);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            hostile.deposit(1000e18, KEY);
        }
    }

    function test_AnotherKeyVoidsConsents() external {
        _deposit(consumer, _worth(1000));
        assertEq(escrow.consentNonceOf(consumer), 0);
        bytes memory consent = _consent(KEY, block.timestamp + 1 days);
        _ready(consumer, _worth(1));
        vm.prank(consumer);
        escrow.deposit(_worth(1), OTHER_KEY);
        assertEq(escrow.accountOf(consumer).keyCommitment, OTHER_KEY);

        _ready(other, _worth(1));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowBadConsent.selector, consumer));
        vm.prank(other);
        escrow.depositFor(consumer, _worth(1), KEY, block.timestamp + 1 days, consent);
    }

    function test_TheSameKeyVoidsNothing() external {
        _deposit(consumer, _worth(1000));
        _ready(consumer, _worth(1));
        vm.prank(consumer);
        escrow.deposit(_worth(1), KEY);
        assertEq(escrow.consentNonceOf(consumer), 0);
    }

    function testFuzz_HoldsWhatWasDeposited(uint256 first, uint256 second, uint256 third) external {
        first = bound(first, _worth(1000), _worth(1_000_000));
        second = bound(second, _worth(1), _worth(1_000_000));
        third = bound(third, _worth(1000), _worth(1_000_000));
        _deposit(consumer, first);
        _deposit(other, third);
        _deposit(consumer, second);
        assertEq(_balanceOf(consumer), first + second);
        assertEq(_balanceOf(other), third);
        assertEq(escrow.held(asset), first + second + third);
        assertEq(escrow.surplusOf(asset), 0);
    }

    function _hostile() private returns (Escrow hostile, HostileToken token) {
        token = new HostileToken(consumer);
        hostile = new Escrow(
            address(manager), params, signerSets, feeRouter, token, IRateFeed(address(0)), address(timelock)
        );
        vm.prank(consumer);
        token.approve(address(hostile), type(uint256).max);
    }
}

contract Deposit_StableEscrow_Test is Deposit_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
