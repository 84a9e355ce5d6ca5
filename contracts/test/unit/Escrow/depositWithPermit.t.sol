// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract DepositWithPermit_Escrow_Test is EscrowFixture {
    uint256 private amount;

    function setUp() public override {
        super.setUp();
        amount = _worth(1000);
        _fund(consumer, amount);
    }

    function test_DepositsByThePermit() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount, block.timestamp);
        vm.expectEmit(address(escrow));
        emit IEscrow.Deposited(consumer, consumer, amount, KEY, 0);
        vm.prank(consumer);
        escrow.depositWithPermit(amount, KEY, block.timestamp, v, r, s);
        assertEq(_balanceOf(consumer), amount);
        assertEq(escrow.held(asset), amount);
        assertEq(asset.balanceOf(address(escrow)), amount);
        assertEq(asset.allowance(consumer, address(escrow)), 0);
    }

    function test_DepositsThoughThePermitWasUsed() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount, block.timestamp);
        vm.prank(other);
        IERC20Permit(address(asset)).permit(consumer, address(escrow), amount, block.timestamp, v, r, s);
        vm.prank(consumer);
        escrow.depositWithPermit(amount, KEY, block.timestamp, v, r, s);
        assertEq(_balanceOf(consumer), amount);
    }

    function test_DepositsByAnAllowance() external {
        vm.startPrank(consumer);
        asset.approve(address(escrow), amount);
        escrow.depositWithPermit(amount, KEY, block.timestamp, 27, "no", "permit");
        assertEq(_balanceOf(consumer), amount);
    }

    function test_RevertWhen_NothingAllowsIt() external {
        vm.prank(consumer);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, amount
            )
        );
        escrow.depositWithPermit(amount, KEY, block.timestamp, 27, "no", "permit");
    }

    function test_RevertWhen_ThePermitAllowsLess() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount - 1, block.timestamp);
        vm.prank(consumer);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        escrow.depositWithPermit(amount, KEY, block.timestamp, v, r, s);
    }

    function test_RevertWhen_TheAmountIsTooSmall() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount - 1, block.timestamp);
        vm.prank(consumer);
        _expectTooSmall(amount - 1, amount);
        escrow.depositWithPermit(amount - 1, KEY, block.timestamp, v, r, s);
    }

    function _permit(uint256 value, uint256 deadline) private view returns (uint8, bytes32, bytes32) {
        IERC20Permit token = IERC20Permit(address(asset));
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash = keccak256(
            abi.encode(typeHash, consumer, address(escrow), value, token.nonces(consumer), deadline)
        );
        return vm.sign(consumerSecret, _typedDigest(token.DOMAIN_SEPARATOR(), structHash));
    }
}

contract DepositWithPermit_StableEscrow_Test is DepositWithPermit_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
