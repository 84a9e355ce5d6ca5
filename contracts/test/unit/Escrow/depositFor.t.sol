// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract Wallet is IERC1271 {
    mapping(bytes32 digest => bool) private _agreed;

    function agree(bytes32 digest) external {
        _agreed[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return _agreed[digest] ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract DepositFor_Escrow_Test is EscrowFixture {
    uint256 private amount;
    uint256 private deadline;

    function setUp() public override {
        super.setUp();
        amount = _worth(1000);
        deadline = block.timestamp + 1 hours;
        _ready(sponsor, 3 * amount);
    }

    function test_RevertWhen_TheConsentHasExpired() external {
        bytes memory consent = _consent(KEY, deadline);
        vm.warp(deadline + 1);
        vm.prank(sponsor);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowConsentExpired.selector, deadline));
        escrow.depositFor(consumer, amount, KEY, deadline, consent);
    }

    function test_RevertWhen_SomebodyElseSigned() external {
        bytes memory consent = _signed(consumerSecret + 1, _consentDigest(consumer, KEY, 0, deadline));
        _refused(consumer, KEY, deadline, consent);
        _refused(consumer, KEY, deadline, "");
    }

    function test_RevertWhen_TermsDiffer() external {
        bytes memory consent = _consent(KEY, deadline);
        _refused(other, KEY, deadline, consent);
        _refused(consumer, OTHER_KEY, deadline, consent);
        _refused(consumer, KEY, deadline + 1, consent);
        consent = _signed(consumerSecret, _consentDigest(other, KEY, 0, deadline));
        _refused(consumer, KEY, deadline, consent);
        consent = _signed(consumerSecret, _consentDigest(consumer, KEY, 1, deadline));
        _refused(consumer, KEY, deadline, consent);
    }

    function test_RevertWhen_SignedForElsewhere() external {
        bytes memory consent = _consent(KEY, deadline);
        vm.chainId(block.chainid + 1);
        _refused(consumer, KEY, deadline, consent);
        vm.chainId(block.chainid - 1);
        escrow = _isStable() ? ankrEscrow : stableEscrow;
        _refused(consumer, KEY, deadline, consent);
    }

    function test_RevertWhen_TheAccountIsZero() external {
        _refused(address(0), KEY, deadline, _consent(KEY, deadline));
        _refused(address(0), KEY, deadline, new bytes(65));
    }

    function testFuzz_RevertWhen_TheKeyWasNotSigned(bytes32 key) external {
        vm.assume(key != KEY);
        _refused(consumer, key, deadline, _consent(KEY, deadline));
    }

    function test_RevertWhen_TheConsentWasUsed() external {
        bytes memory consent = _consent(KEY, deadline);
        vm.prank(sponsor);
        escrow.depositFor(consumer, amount, KEY, deadline, consent);
        _refused(consumer, KEY, deadline, consent);
    }

    function test_RevertWhen_TheKeyWasSetSince() external {
        bytes memory consent = _consent(KEY, deadline);
        vm.prank(consumer);
        escrow.setKeyCommitment(OTHER_KEY);
        _refused(consumer, KEY, deadline, consent);
    }

    function test_TakesAContractsConsent() external {
        Wallet wallet = new Wallet();
        wallet.agree(_consentDigest(address(wallet), KEY, 0, deadline));
        vm.prank(sponsor);
        escrow.depositFor(address(wallet), amount, KEY, deadline, "");
        assertEq(_balanceOf(address(wallet)), amount);
    }

    function test_RevertWhen_TheContractDoesNotAgree() external {
        Wallet wallet = new Wallet();
        wallet.agree(_consentDigest(address(wallet), KEY, 1, deadline));
        _refused(address(wallet), KEY, deadline, "");
    }

    function test_RevertWhen_TheAmountIsTooSmall() external {
        bytes memory consent = _consent(KEY, deadline);
        vm.startPrank(sponsor);
        _expectTooSmall(amount - 1, amount);
        escrow.depositFor(consumer, amount - 1, KEY, deadline, consent);
        assertEq(escrow.consentNonceOf(consumer), 0);
        escrow.depositFor(consumer, amount, KEY, deadline, consent);
    }

    function test_OpensTheAccount() external {
        bytes memory consent = _consent(KEY, deadline);
        vm.warp(deadline);
        uint256 before = asset.balanceOf(sponsor);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(consumer, sponsor, amount, KEY, 0);
        vm.prank(sponsor);
        escrow.depositFor(consumer, amount, KEY, deadline, consent);
        assertEq(_balanceOf(consumer), amount);
        assertEq(_balanceOf(sponsor), 0);
        assertEq(before - asset.balanceOf(sponsor), amount);
        assertEq(asset.balanceOf(address(escrow)), amount);
        assertEq(escrow.held(asset), amount);
        assertEq(escrow.consentNonceOf(consumer), 1);
        assertEq(escrow.consentNonceOf(sponsor), 0);
    }

    function test_TopsUpAndKeepsTheKey() external {
        _deposit(consumer, amount);
        bytes memory consent = _consent(0, deadline);
        vm.prank(sponsor);
        escrow.depositFor(consumer, _worth(1), 0, deadline, consent);
        assertEq(_balanceOf(consumer), _worth(1001));
        assertEq(escrow.accountOf(consumer).keyCommitment, KEY);
    }

    function _refused(address account, bytes32 key, uint256 until, bytes memory consent) private {
        vm.prank(sponsor);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowBadConsent.selector, account));
        escrow.depositFor(account, amount, key, until, consent);
    }
}

contract DepositFor_StableEscrow_Test is DepositFor_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
