// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract Regressions_Escrow_Test is EscrowFixture {
    uint256 private balance;

    function setUp() public override {
        super.setUp();
        balance = _worth(1000);
        _deposit(consumer, balance);
        _deposit(other, balance);
    }

    // Rewards were paid from a source without bound, so that depositors' principal could be paid out as reward.
    function test_Regression_Beosin_PAYG1_DepositsNeverBecomeRewards() external {
        _charge(consumer, type(uint128).max);
        _charge(consumer, type(uint128).max);
        _charge(consumer, type(uint128).max);
        assertEq(_routed(), balance);
        assertEq(_balanceOf(other), balance);
        assertEq(asset.balanceOf(address(escrow)), balance);
        vm.warp(_request(other, balance));
        assertEq(_withdraw(other), balance);
    }

    // A withdrawal was only marked; a key of the operator finished it and chose amount and fee.
    function test_Regression_Beosin_PAYG2_TheOwnerLeavesAlone() external {
        uint64 date = _request(consumer, balance);
        vm.warp(date - 1);
        vm.prank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWithdrawTooEarly.selector, consumer, date));
        escrow.withdraw(consumer);
        vm.warp(date);
        assertEq(_withdraw(consumer), balance);
        assertEq(asset.balanceOf(consumer), balance);
    }

    // The counter of fees only grew, and nothing compared it with what was deposited.
    function test_Regression_Beosin_PAYG3_TheCounterEndsWithTheLife() external {
        _charge(consumer, _worth(400));
        assertEq(escrow.accountOf(consumer).spent, _worth(400));
        _leave(consumer);
        assertEq(escrow.accountOf(consumer).spent, 0);
        _deposit(consumer, balance);
        assertEq(_charge(consumer, _worth(5)), _worth(5));
        assertEq(escrow.accountOf(consumer).spent, _worth(5));
    }

    // Parameters existed that nothing read. Each one of the escrow's moves what it names.
    function test_Regression_Beosin_PAYG4_EveryParameterActs() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](7);
        changes[0] = IParamStore.Change(Param.EscrowFirstDepositMin, 2000e18);
        changes[1] = IParamStore.Change(Param.EscrowTopUpMin, 2e18);
        changes[2] = IParamStore.Change(Param.ChargePeriodSeconds, 2 hours);
        changes[3] = IParamStore.Change(Param.ChargeDelaySeconds, 3 hours);
        changes[4] = IParamStore.Change(Param.WithdrawDelaySeconds, 7 hours);
        changes[5] = IParamStore.Change(Param.PeriodCapPpm, 500_000);
        changes[6] = IParamStore.Change(Param.PeriodCapMin, 600e18);
        vm.warp(_announce(changes));
        assertEq(escrow.firstDepositMin(), _worth(2000));
        assertEq(escrow.topUpMin(), _worth(2));
        assertEq(escrow.periodCapOf(0), _worth(600));
        assertEq(escrow.periodCapOf(_worth(2000)), _worth(1000));
        assertEq(_request(consumer, 1), block.timestamp + 7 hours);
        uint64 rootId = _post(consumer, 1);
        assertEq(escrow.chargeRootOf(rootId).applicableAt, block.timestamp + 3 hours);
        vm.warp(block.timestamp + 2 hours);
        _post(consumer, 2);
    }

    // The older contract took deposits for tiers and had no withdrawal at all.
    function test_Regression_AnkrProtocol_1_EveryDepositCanLeave() external {
        // No root, no rate, no signer for a year.
        vm.warp(block.timestamp + 365 days);
        _leave(consumer);
        _leave(other);
        assertEq(asset.balanceOf(consumer), balance);
        assertEq(asset.balanceOf(other), balance);
        assertEq(asset.balanceOf(address(escrow)), 0);
        assertEq(escrow.held(asset), 0);
    }

    // Governance could move the thresholds of tiers under accounts that had met them.
    function test_Regression_AnkrProtocol_2_RaisedMinimumsLeaveOpenAccounts() external {
        _changeParam(Param.EscrowFirstDepositMin, 100_000e18);
        assertTrue(escrow.accountOf(consumer).open);
        _deposit(consumer, _worth(1));
        assertEq(_balanceOf(consumer), _worth(1001));
        vm.warp(_request(consumer, _worth(1001)));
        assertEq(_withdraw(consumer), _worth(1001));
    }

    // A payer got its escrow back through a service of its own. What is charged goes to the router and nowhere else.
    function test_Regression_Trust_H1_ChargesDoNotComeBackToThePayer() external {
        uint64 rootId = _postAndWait(consumer, _worth(500));
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        vm.prank(consumer);
        escrow.applyCharges(rootId, leaves);
        assertEq(asset.balanceOf(consumer), 0);
        assertEq(_routed(), _worth(500));
    }

    // A voucher could be collected whole or not at all. A total is collected as far as balance and cap reach.
    function test_Regression_Trust_M5_ATotalIsCollectedInParts() external {
        uint64 rootId = _postAndWait(consumer, _worth(1100));
        assertEq(_apply(rootId), _worth(500));
        rootId = _postAndWait(consumer, _worth(1100));
        assertEq(_apply(rootId), _worth(500));
        _deposit(consumer, _worth(200));
        rootId = _postAndWait(consumer, _worth(1100));
        assertEq(_apply(rootId), _worth(100));
        assertEq(_balanceOf(consumer), _worth(100));
    }

    // One voucher was collected again under another payer.
    function test_Regression_Trust_M10_ALeafServesOneAccount() external {
        uint64 rootId = _postAndWait(consumer, _worth(10));
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        assertEq(escrow.applyCharges(rootId, leaves), _worth(10));
        leaves[0].account = other;
        _expectSkipped(other, rootId, "bad proof");
        assertEq(escrow.applyCharges(rootId, leaves), 0);
        assertEq(_balanceOf(other), balance);
    }

    // The payer was not covered by the signature. A leaf covers account, life and total.
    function test_Regression_Trust_M15_TheSignatureCoversTheAccount() external {
        Used[] memory used = new Used[](2);
        used[0] = Used(consumer, 0, uint128(_worth(10)));
        used[1] = Used(other, 1, uint128(_worth(10)));
        uint64 rootId = _postAndWait(used);
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        leaves[0].account = other;
        leaves[1].life = 0;
        assertEq(escrow.applyCharges(rootId, leaves), 0);
        leaves = _leaves(rootId);
        leaves[0].total = uint128(_worth(11));
        assertEq(escrow.applyCharges(rootId, leaves), 0);
        assertEq(_balanceOf(other), balance);
    }

    // A payer took its deposit while the collector was not looking. What was used until a withdrawal was asked for
    // can be signed, wait, and be applied before the withdrawal is due.
    function test_Regression_OZ_M04_WhatWasUsedIsChargedBeforeItLeaves() external {
        // A period is just about to be signed when the request comes; its use is in the next one.
        _postAndWait(other, 1);
        uint64 date = _request(consumer, balance);
        vm.warp(block.timestamp + PERIOD);
        uint64 rootId = _post(consumer, _worth(70));
        assertLe(escrow.chargeRootOf(rootId).applicableAt, date);
        vm.warp(escrow.chargeRootOf(rootId).applicableAt);
        assertEq(_apply(rootId), _worth(70));
        vm.warp(date);
        assertEq(_withdraw(consumer), _worth(930));
    }

    // Charging one user too much reverted the batch of all.
    function test_Regression_OverCharge_OneAccountDoesNotRevertTheBatch() external {
        Used[] memory used = new Used[](3);
        used[0] = Used(consumer, 0, type(uint128).max);
        used[1] = Used(makeAddr("nobody"), 0, type(uint128).max);
        used[2] = Used(other, 0, uint128(_worth(7)));
        uint64 rootId = _postAndWait(used);
        assertEq(_apply(rootId), _worth(507));
        assertEq(_balanceOf(other), _worth(993));
    }

    // Asking for more reset the date of what was asked before.
    function test_Regression_OZ2025_L17_AnotherRequestLeavesTheDate() external {
        uint64 date = _request(consumer, _worth(400));
        vm.warp(date - 1);
        vm.startPrank(consumer);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowAlreadyWithdrawing.selector, consumer, date));
        escrow.requestWithdraw(_worth(1));
        vm.stopPrank();
        assertEq(escrow.accountOf(consumer).withdrawableAt, date);
        vm.warp(date);
        assertEq(_withdraw(consumer), _worth(400));
    }

    // A root from before an account's new life must not charge that life.
    function test_Regression_EarlierLife_OldRootsNeverChargeANewLife() external {
        uint64 before = _postAndWait(consumer, _worth(100));
        _leave(consumer);
        _deposit(consumer, balance);
        _expectSkipped(consumer, before, "another life");
        assertEq(_apply(before), 0);
        assertEq(_balanceOf(consumer), balance);
    }
}

contract Regressions_StableEscrow_Test is Regressions_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
