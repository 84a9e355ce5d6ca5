// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract SetKeyCommitment_Escrow_Test is EscrowFixture {
    function test_RevertWhen_TheKeyIsZero() external {
        _deposit(consumer, _worth(1000));
        vm.prank(consumer);
        vm.expectRevert(IEscrow.EscrowNoKeyCommitment.selector);
        escrow.setKeyCommitment(0);
    }

    function test_SetsTheKeyAndVoidsConsents() external {
        _deposit(consumer, _worth(1000));
        _deposit(other, _worth(1000));
        vm.expectEmit(address(escrow));
        emit IEscrow.KeyCommitmentSet(consumer, OTHER_KEY);
        vm.prank(consumer);
        escrow.setKeyCommitment(OTHER_KEY);
        assertEq(escrow.accountOf(consumer).keyCommitment, OTHER_KEY);
        assertEq(escrow.consentNonceOf(consumer), 1);
        assertEq(escrow.accountOf(other).keyCommitment, KEY);
        assertEq(escrow.consentNonceOf(other), 0);
        assertEq(_balanceOf(consumer), _worth(1000));
    }

    function test_SetsTheKeyBeforeTheFirstDeposit() external {
        vm.prank(consumer);
        escrow.setKeyCommitment(KEY);
        assertEq(escrow.accountOf(consumer).keyCommitment, KEY);
        assertFalse(escrow.accountOf(consumer).open);
    }
}
