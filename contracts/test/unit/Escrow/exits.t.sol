// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { Signed } from "../../Signed.sol";
import { Tree } from "../../invariant/economy/Tree.sol";

contract Exits_Escrow_Test is Signed {
    address private consumer = makeAddr("consumer");

    function setUp() external {
        vm.warp(1_800_000_000);
        _deploySystem();
        _deposit(1000e18);
    }

    /// @dev Beosin PAYG-2: the owner finishes alone, whoever else is silent.
    function test_Regression_Beosin_PAYG2_TheOwnerLeavesAlone() external {
        vm.startPrank(consumer);
        ankrEscrow.requestWithdraw(1000e18);
        uint64 date = uint64(block.timestamp + 48 hours);
        vm.warp(date - 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWithdrawTooEarly.selector, consumer, date));
        ankrEscrow.withdraw(consumer);
        vm.warp(date);
        assertEq(ankrEscrow.withdraw(consumer), 1000e18);
        vm.stopPrank();
        assertEq(ankr.balanceOf(consumer), 1000e18);
        assertEq(ankrEscrow.held(ankr), 0);
    }

    function test_RevertGiven_AnotherRequestIsOpen() external {
        vm.startPrank(consumer);
        ankrEscrow.requestWithdraw(1e18);
        uint64 date = uint64(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowAlreadyWithdrawing.selector, consumer, date));
        ankrEscrow.requestWithdraw(1e18);
    }

    /// @dev A root that promises more than there is takes the cap, and the balance in the end, and nothing beyond.
    function test_ARootThatPromisesTooMuchTakesTheCap() external {
        uint64 rootId = _post(0, type(uint128).max);
        assertEq(_apply(rootId, 0, type(uint128).max), 500e18);
        assertEq(_apply(rootId, 0, type(uint128).max), 0);
        vm.warp(block.timestamp + 12 hours);
        rootId = _post(0, type(uint128).max);
        assertEq(_apply(rootId, 0, type(uint128).max), 500e18);
        assertEq(ankrEscrow.accountOf(consumer).balance, 0);
    }

    function test_TotalsOfALifeThatEndedAreNeverApplied() external {
        uint64 rootId = _post(0, 100e18);
        vm.prank(consumer);
        ankrEscrow.requestWithdraw(1000e18);
        vm.warp(block.timestamp + 48 hours);
        vm.prank(consumer);
        ankrEscrow.withdraw(consumer);
        _deposit(1000e18);
        assertEq(_apply(rootId, 0, 100e18), 0);
        assertEq(ankrEscrow.accountOf(consumer).balance, 1000e18);
    }

    function test_ADisabledRootCannotBePostedAgain() external {
        uint64 periodEnd = uint64(block.timestamp);
        bytes32 root = Tree.leaf(abi.encode(consumer, uint32(0), uint128(1e18)));
        bytes[] memory signatures = _chargeSignatures(ankrEscrow, root, "data", periodEnd);
        uint64 rootId = ankrEscrow.postChargeRoot(root, "data", periodEnd, signatures);
        vm.prank(guardian);
        ankrEscrow.disableChargeRoot(rootId);
        // The next root has another number, which these signatures do not name.
        vm.expectRevert();
        ankrEscrow.postChargeRoot(root, "data", periodEnd, signatures);
        vm.warp(block.timestamp + 12 hours);
        vm.expectPartialRevert(IEscrow.EscrowRootNotApplicable.selector);
        ankrEscrow.applyCharges(rootId, new IEscrow.ChargeLeaf[](0));
    }

    function test_RevertWhen_AFirstDepositIsTooSmall() external {
        address other = makeAddr("other");
        _fundAnkr(other, 1000e18);
        vm.startPrank(other);
        ankr.approve(address(ankrEscrow), 1000e18);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowDepositTooSmall.selector, 1000e18 - 1, 1000e18));
        ankrEscrow.deposit(1000e18 - 1, "key");
    }

    function test_ADepositByTransferAndCall() external {
        _fundAnkr(consumer, 5e18);
        vm.prank(consumer);
        ankr.transferAndCall(address(ankrEscrow), 5e18, abi.encode(bytes32("another key")));
        assertEq(ankrEscrow.accountOf(consumer).balance, 1005e18);
        assertEq(ankrEscrow.accountOf(consumer).keyCommitment, "another key");
    }

    function _deposit(uint256 amount) private {
        if (ankr.balanceOf(consumer) < amount) _fundAnkr(consumer, amount);
        vm.startPrank(consumer);
        ankr.approve(address(ankrEscrow), amount);
        ankrEscrow.deposit(amount, "key");
        vm.stopPrank();
    }

    function _post(uint32 life, uint128 total) private returns (uint64 rootId) {
        bytes32 root = Tree.leaf(abi.encode(consumer, life, total));
        uint64 periodEnd = uint64(block.timestamp);
        bytes[] memory signatures = _chargeSignatures(ankrEscrow, root, "data", periodEnd);
        rootId = ankrEscrow.postChargeRoot(root, "data", periodEnd, signatures);
        vm.warp(block.timestamp + 12 hours);
    }

    function _apply(uint64 rootId, uint32 life, uint128 total) private returns (uint256) {
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](1);
        leaves[0] = IEscrow.ChargeLeaf(consumer, life, total, new bytes32[](0));
        return ankrEscrow.applyCharges(rootId, leaves);
    }
}
