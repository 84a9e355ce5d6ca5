// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { ISignerSets } from "../../../src/governance/ISignerSets.sol";
import { Custody } from "../../../src/libraries/Custody.sol";
import { OddToken } from "./OddToken.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract DepositBond_SignerSets_Test is SignerSetsFixture {
    function test_RevertWhen_AmountIsZero() external {
        vm.expectRevert(ISignerSets.SignerSetsZeroAmount.selector);
        vm.prank(payer);
        sets.depositBond(_spare(0), 0);
    }

    function test_RevertWhen_SignerIsZero() external {
        vm.startPrank(payer);
        ankr.approve(address(sets), BOND);
        vm.expectRevert(ISignerSets.SignerSetsZeroAddress.selector);
        sets.depositBond(address(0), BOND);
    }

    function test_RevertWhen_CallerAllowedLess() external {
        vm.startPrank(payer);
        ankr.approve(address(sets), BOND - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(sets), BOND - 1, BOND
            )
        );
        sets.depositBond(_spare(0), BOND);
    }

    function test_RevertWhen_AmountDoesNotFit() external {
        uint256 amount = uint256(type(uint128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, amount));
        vm.prank(payer);
        sets.depositBond(_spare(0), amount);
    }

    function test_RevertWhen_TheTokenTakesAFee() external {
        OddToken odd = _oddSets();
        odd.takeFee();
        vm.expectRevert(abi.encodeWithSelector(Custody.CustodyAmountMismatch.selector, odd, BOND, BOND - 1));
        vm.prank(payer);
        sets.depositBond(_spare(0), BOND);
    }

    function test_RevertWhen_CalledBackDuringADeposit() external {
        OddToken odd = _oddSets();
        odd.callDuringTransfer(address(sets), abi.encodeCall(ISignerSets.depositBond, (_spare(1), 1)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.prank(payer);
        sets.depositBond(_spare(0), BOND);
    }

    function testFuzz_TakesFromTheCallerAndOwesTheSigner(uint256 amount) external {
        amount = bound(amount, 1, ankr.balanceOf(payer));
        uint256 heldBefore = sets.held(ankr);
        uint256 paidBefore = ankr.balanceOf(payer);
        _deposit(_spare(0), amount);
        assertEq(_bond(_spare(0)), amount);
        assertEq(_bond(payer), 0);
        assertEq(sets.held(ankr), heldBefore + amount);
        assertEq(ankr.balanceOf(address(sets)), heldBefore + amount);
        assertEq(ankr.balanceOf(payer), paidBefore - amount);
    }

    function test_AddsToTheBondThereIs() external {
        _deposit(_verifier(0), 5);
        assertEq(_bond(_verifier(0)), BOND + 5);
        assertEq(_bond(_verifier(1)), BOND);
    }

    function test_LeavesAnExitAsItIs() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        vm.warp(START + 3 days);
        _deposit(_spare(0), 5);
        assertEq(_exitDate(_spare(0)), START + EXIT);
        vm.warp(START + EXIT);
        assertEq(_withdraw(_spare(0)), BOND + 5);
    }

    function test_EmitsTheDeposit() external {
        vm.startPrank(payer);
        ankr.approve(address(sets), 7);
        vm.expectEmit();
        emit ISignerSets.BondDeposited(_spare(0), payer, 7);
        sets.depositBond(_spare(0), 7);
    }

    function _oddSets() private returns (OddToken odd) {
        odd = new OddToken();
        odd.mint(payer, BOND);
        sets = _deploy(IERC20(address(odd)));
        vm.prank(payer);
        odd.approve(address(sets), BOND);
    }
}
