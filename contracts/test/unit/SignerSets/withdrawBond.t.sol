// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { OddToken } from "./OddToken.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract WithdrawBond_SignerSets_Test is SignerSetsFixture {
    function setUp() public override {
        super.setUp();
        _deposit(_spare(0), BOND);
    }

    function test_RevertWhen_ReceiverIsZero() external {
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        vm.expectRevert(ISignerSets.SignerSetsZeroAddress.selector);
        vm.prank(_spare(0));
        sets.withdrawBond(address(0));
    }

    function test_RevertWhen_CalledBackDuringAWithdrawal() external {
        OddToken odd = new OddToken();
        odd.mint(payer, BOND);
        sets = _deploy(IERC20(address(odd)));
        vm.startPrank(payer);
        odd.approve(address(sets), BOND);
        sets.depositBond(_spare(0), BOND);
        vm.stopPrank();
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        odd.callDuringTransfer(address(sets), abi.encodeCall(ISignerSets.withdrawBond, (stranger)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        _withdraw(_spare(0));
    }

    function test_RevertGiven_NotLeaving() external {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotExiting.selector, _spare(0)));
        _withdraw(_spare(0));
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotExiting.selector, _verifier(0)));
        _withdraw(_verifier(0));
    }

    function test_RevertGiven_TheDateHasNotCome() external {
        _requestExit(_spare(0));
        vm.warp(START + EXIT - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsExitTooEarly.selector, _spare(0), START + EXIT)
        );
        _withdraw(_spare(0));
        vm.warp(START + EXIT);
        assertEq(_withdraw(_spare(0)), BOND);
    }

    function test_RevertGiven_AnnouncedMeanwhile() external {
        _requestExit(_spare(0));
        _announce(SignerRole.RateSigner, _members(_spare(0)), 1);
        vm.warp(START + EXIT);
        _expectStillMember(_spare(0), SignerRole.None);
        _withdraw(_spare(0));
    }

    function test_PaysAfterTheAnnouncementWasTakenBack() external {
        _requestExit(_spare(0));
        _announce(SignerRole.RateSigner, _members(_spare(0)), 1);
        vm.warp(START + EXIT);
        _cancel(SignerRole.RateSigner);
        assertEq(_withdraw(_spare(0)), BOND);
    }

    function test_RevertGiven_InstalledMeanwhile() external {
        _requestExit(_spare(0));
        _rotate(SignerRole.RateSigner, _members(_spare(0)), 1);
        vm.warp(START + EXIT);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotExiting.selector, _spare(0)));
        _withdraw(_spare(0));
    }

    function test_PaysTheWholeBondToTheReceiver() external {
        _requestExit(_spare(0));
        vm.warp(START + EXIT + 9);
        uint256 held = sets.held(ankr);
        vm.prank(_spare(0));
        assertEq(sets.withdrawBond(stranger), BOND);
        assertEq(ankr.balanceOf(stranger), BOND);
        assertEq(_bond(_spare(0)), 0);
        assertEq(_exitDate(_spare(0)), 0);
        assertEq(sets.held(ankr), held - BOND);
        assertEq(ankr.balanceOf(address(sets)), held - BOND);
    }

    function test_PaysWhatSlashesLeft() external {
        _requestExit(_spare(0));
        _slash(_spare(0), 1);
        vm.warp(START + EXIT);
        assertEq(_withdraw(_spare(0)), BOND - 1);
        assertEq(ankr.balanceOf(_spare(0)), BOND - 1);
    }

    function test_EndsTheExitOfABondSlashedToNothing() external {
        _requestExit(_spare(0));
        _slash(_spare(0), BOND);
        vm.warp(START + EXIT);
        assertEq(_withdraw(_spare(0)), 0);
        assertEq(_exitDate(_spare(0)), 0);
    }

    function test_PaysOnce() external {
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        _withdraw(_spare(0));
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotExiting.selector, _spare(0)));
        _withdraw(_spare(0));
    }

    function test_LeavesOtherBondsAlone() external {
        _deposit(_spare(1), 3);
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        _withdraw(_spare(0));
        assertEq(_bond(_spare(1)), 3);
        assertEq(_bond(_verifier(0)), BOND);
        assertEq(sets.held(ankr), 9 * BOND + 3);
    }

    function test_EmitsTheWithdrawal() external {
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        vm.expectEmit();
        emit ISignerSets.BondWithdrawn(_spare(0), stranger, BOND);
        vm.prank(_spare(0));
        sets.withdrawBond(stranger);
    }
}
