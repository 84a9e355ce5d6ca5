// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract CancelSet_SignerSets_Test is SignerSetsFixture {
    function test_RevertWhen_CallerMayNotCancel() external {
        _announce(SignerRole.Verifier, _members(_spare(0)), 1);
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        sets.cancelSet(SignerRole.Verifier);
    }

    function test_RevertGiven_NothingIsAnnounced() external {
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _expectNothing(SignerRole.Verifier);
        _cancel(SignerRole.Verifier);
        _expectNothing(SignerRole.None);
        _cancel(SignerRole.None);
        _cancel(SignerRole.Gateway);
        _expectNothing(SignerRole.Gateway);
        _cancel(SignerRole.Gateway);
    }

    function test_TakesTheSetBack() external {
        _deposit(_spare(0), BOND);
        _announce(SignerRole.Verifier, _members(_spare(0)), 1);
        vm.warp(START + ROTATION);
        _cancel(SignerRole.Verifier);
        (address[] memory members, uint16 threshold, uint64 installableAt) =
            sets.announcedOf(SignerRole.Verifier);
        assertEq(members.length, 0);
        assertEq(threshold, 0);
        assertEq(installableAt, 0);
        _expectNothing(SignerRole.Verifier);
        sets.installSet(SignerRole.Verifier);
    }

    function test_FreesItsMembers() external {
        _depositAll(spareKeys);
        _announce(SignerRole.Verifier, _addresses(spareKeys), 2);
        _cancel(SignerRole.Verifier);
        for (uint256 i = 0; i < 3; ++i) {
            _requestExit(_spare(i));
            assertEq(_exitDate(_spare(i)), START + EXIT);
        }
    }

    function test_LeavesEverythingElse() external {
        _announce(SignerRole.Verifier, _members(_verifier(0)), 1);
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _cancel(SignerRole.Verifier);
        (address[] memory members,) = sets.membersOf(SignerRole.Verifier);
        assertEq(members, _addresses(verifierKeys));
        (members,,) = sets.announcedOf(SignerRole.Gateway);
        assertEq(members, _members(_spare(0)));
        _expectStillMember(_verifier(0), SignerRole.Verifier);
        _requestExit(_verifier(0));
    }

    function test_EmitsTheRole() external {
        _announce(SignerRole.RateSigner, _members(_spare(0)), 1);
        vm.expectEmit();
        emit ISignerSets.SetCancelled(SignerRole.RateSigner);
        _cancel(SignerRole.RateSigner);
    }

    function _expectNothing(SignerRole role) private {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNothingAnnounced.selector, role));
    }
}
