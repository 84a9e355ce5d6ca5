// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract Regressions_SignerSets_Test is SignerSetsFixture {
    /// Beosin Ankr-staking-1 and -4: stake was booked without its tokens, or with those of another.
    function test_Regression_Beosin_AnkrStaking1_ABondIsWhatArrived() external {
        uint256 before = ankr.balanceOf(address(sets));
        vm.prank(stranger);
        (bool done,) = address(sets).call(abi.encodeCall(ISignerSets.depositBond, (_spare(0), BOND)));
        assertFalse(done);
        assertEq(_bond(_spare(0)), 0);
        _deposit(_spare(0), BOND);
        assertEq(ankr.balanceOf(address(sets)) - before, _bond(_spare(0)));
    }

    /// Veridise VUL-007: a status that was never set stood for a real one.
    function test_Regression_Veridise_VUL007_NoneIsNoRole() external {
        vm.expectRevert(ISignerSets.SignerSetsUnknownRole.selector);
        _announce(SignerRole.None, _members(_spare(0)), 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsTooFewSignatures.selector, SignerRole.None, 0, 0)
        );
        sets.requireQuorum(SignerRole.None, DIGEST, new bytes[](0));
    }

    /// OZ M-05: a slash above the balance reverted, so that nothing was taken.
    function test_Regression_OZ_M05_ASlashAboveTheBondTakesAll() external {
        assertEq(_slash(_verifier(0), type(uint256).max), BOND);
        assertEq(_slash(_verifier(0), type(uint256).max), 0);
    }

    /// OZ-2025 M-02: a withdrawal in front of a slash made the slash miss.
    function test_Regression_OZ2025_M02_LeavingDoesNotEscapeASlash() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsExitTooEarly.selector, _spare(0), START + EXIT)
        );
        _withdraw(_spare(0));
        vm.warp(START + EXIT - 1);
        assertEq(_slash(_spare(0), BOND), BOND);
    }

    /// OZ-2025 L-17: a new request moved the date of the old one.
    function test_Regression_OZ2025_L17_NothingMovesADate() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        vm.warp(START + 1 days);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsExiting.selector, _spare(0)));
        _requestExit(_spare(0));
        _deposit(_spare(0), 1);
        _slash(_spare(0), 1);
        assertEq(_exitDate(_spare(0)), START + EXIT);
    }

    /// Trust H-3: a stranger could use up what a victim has a limited number of.
    function test_Regression_Trust_H03_StrangersCannotHoldAnExitUp() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        for (uint256 i = 0; i < 50; ++i) {
            _deposit(_spare(0), 1);
        }
        vm.prank(stranger);
        vm.expectRevert(ISignerSets.SignerSetsZeroAmount.selector);
        sets.requestBondExit();
        vm.warp(START + EXIT);
        assertEq(_withdraw(_spare(0)), BOND + 50);
    }

    /// Trust M-9: the offender left within the time in which it could be accused. A date from before a membership is
    /// no date after it.
    function test_Regression_Trust_M09_ADateFromBeforeAMembershipDoesNotCount() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        _rotate(SignerRole.Verifier, _members(_spare(0)), 1);
        _rotate(SignerRole.Verifier, _addresses(verifierKeys), 2);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotExiting.selector, _spare(0)));
        _withdraw(_spare(0));
        _requestExit(_spare(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsExitTooEarly.selector, _spare(0), block.timestamp + EXIT
            )
        );
        _withdraw(_spare(0));
    }

    /// December 2022: one stolen key decided alone. No set lets fewer than a majority decide.
    function test_Regression_Ankr_2022_NoKeyDecidesForOthers() external {
        for (uint256 count = 2; count <= 32; ++count) {
            vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsBadThreshold.selector, 1, count));
            _announce(SignerRole.Verifier, _many(count), 1);
        }
    }
}
