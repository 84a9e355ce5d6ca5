// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { OddToken } from "./OddToken.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract SlashBond_SignerSets_Test is SignerSetsFixture {
    function test_RevertWhen_CallerMayNotSlash() external {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        sets.slashBond(_verifier(0), 1);
        _expectUnauthorized(governor);
        vm.prank(governor);
        sets.slashBond(_verifier(0), 1);
    }

    function test_RevertWhen_CalledBackDuringASlash() external {
        OddToken odd = new OddToken();
        odd.mint(payer, BOND);
        sets = _deploy(IERC20(address(odd)));
        vm.startPrank(payer);
        odd.approve(address(sets), BOND);
        sets.depositBond(_spare(0), BOND);
        vm.stopPrank();
        odd.callDuringTransfer(address(sets), abi.encodeCall(ISignerSets.depositBond, (stranger, 1)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        _slash(_spare(0), 1);
    }

    function testFuzz_TakesTheAmountOrWhatThereIs(uint256 bond, uint256 amount) external {
        bond = bound(bond, 1, 1_000_000e18);
        _deposit(_spare(0), bond);
        uint256 held = sets.held(ankr);
        uint256 expected = amount < bond ? amount : bond;
        assertEq(_slash(_spare(0), amount), expected);
        assertEq(ankr.balanceOf(slasher), expected);
        assertEq(_bond(_spare(0)), bond - expected);
        assertEq(sets.held(ankr), held - expected);
        assertEq(ankr.balanceOf(address(sets)), held - expected);
    }

    function test_TakesABondExactlyAndOneLess() external {
        assertEq(_slash(_verifier(0), BOND - 1), BOND - 1);
        assertEq(_bond(_verifier(0)), 1);
        assertEq(_slash(_verifier(1), BOND), BOND);
        assertEq(_bond(_verifier(1)), 0);
        assertEq(_slash(_verifier(2), BOND + 1), BOND);
        assertEq(_bond(_verifier(2)), 0);
        assertEq(ankr.balanceOf(slasher), 3 * BOND - 1);
    }

    function test_TakesNothingWhereThereIsNothing() external {
        assertEq(_slash(stranger, 5), 0);
        assertEq(_slash(_verifier(0), 0), 0);
        assertEq(_bond(_verifier(0)), BOND);
        assertEq(ankr.balanceOf(slasher), 0);
    }

    function test_ReachesABondThatIsLeaving() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        assertEq(_slash(_spare(0), 5), 5);
        assertEq(_exitDate(_spare(0)), START + EXIT);
        vm.warp(START + EXIT + 1 days);
        assertEq(_slash(_spare(0), BOND), BOND - 5);
        assertEq(_bond(_spare(0)), 0);
    }

    function test_LeavesTheSignerAMember() external {
        _slash(_verifier(0), BOND);
        assertTrue(sets.isMember(SignerRole.Verifier, _verifier(0)));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(verifierKeys, 2, DIGEST));
    }

    function test_SlashesNobodyElse() external {
        _slash(_verifier(0), 7);
        assertEq(_bond(_verifier(0)), BOND - 7);
        assertEq(_bond(_verifier(1)), BOND);
        assertEq(_bond(vm.addr(gatewayKeys[0])), BOND);
    }

    function test_EmitsWhatWasTaken() external {
        vm.expectEmit();
        emit ISignerSets.BondSlashed(_verifier(0), slasher, BOND);
        _slash(_verifier(0), BOND + 1);
    }
}
