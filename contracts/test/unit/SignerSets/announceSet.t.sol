// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract AnnounceSet_SignerSets_Test is SignerSetsFixture {
    function test_RevertWhen_CallerMayNotAnnounce() external {
        _expectUnauthorized(slasher);
        vm.prank(slasher);
        sets.announceSet(SignerRole.Verifier, _members(_spare(0)), 1);
    }

    function test_RevertWhen_TheRoleIsNone() external {
        vm.expectRevert(ISignerSets.SignerSetsUnknownRole.selector);
        _announce(SignerRole.None, _members(_spare(0)), 1);
    }

    function test_RevertWhen_ThereAreTooManyMembers() external {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsTooMany.selector, 33, 32));
        _announce(SignerRole.Verifier, _many(33), 17);
        _announce(SignerRole.Verifier, _many(32), 17);
        assertEq(sets.MEMBERS_MAX(), 32);
    }

    function test_RevertWhen_TheThresholdIsNoMajority() external {
        _expectBadThreshold(0, 1);
        _announce(SignerRole.Verifier, _many(1), 0);
        _expectBadThreshold(1, 2);
        _announce(SignerRole.Verifier, _many(2), 1);
        _expectBadThreshold(1, 3);
        _announce(SignerRole.Verifier, _many(3), 1);
        _expectBadThreshold(16, 32);
        _announce(SignerRole.Verifier, _many(32), 16);
        _announce(SignerRole.Verifier, _many(3), 2);
        _announce(SignerRole.Verifier, _many(2), 2);
        _announce(SignerRole.Verifier, _many(1), 1);
    }

    function test_RevertWhen_TheThresholdExceedsTheMembers() external {
        _expectBadThreshold(4, 3);
        _announce(SignerRole.Verifier, _many(3), 4);
        _expectBadThreshold(0, 0);
        _announce(SignerRole.Verifier, _many(0), 0);
        _expectBadThreshold(1, 0);
        _announce(SignerRole.Verifier, _many(0), 1);
        _announce(SignerRole.Verifier, _many(3), 3);
    }

    function test_RevertWhen_AMemberIsZero() external {
        _expectNotAscending(address(0), address(0));
        _announce(SignerRole.Verifier, _members(address(0)), 1);
        _expectNotAscending(_spare(0), address(0));
        _announce(SignerRole.Verifier, _members(_spare(0), address(0)), 2);
    }

    function test_RevertWhen_AMemberIsThereTwice() external {
        _expectNotAscending(_spare(0), _spare(0));
        _announce(SignerRole.Verifier, _members(_spare(0), _spare(0)), 2);
    }

    function test_RevertWhen_TheMembersDescend() external {
        _expectNotAscending(_spare(1), _spare(0));
        _announce(SignerRole.Verifier, _members(_spare(1), _spare(0)), 2);
        _announce(SignerRole.Verifier, _members(_spare(0), _spare(1)), 2);
    }

    function testFuzz_AcceptsMajoritiesAndNothingElse(uint256 count, uint16 threshold) external {
        count = bound(count, 0, 32);
        threshold = uint16(bound(threshold, 0, 40));
        bool majority = threshold > count / 2 && threshold <= count;
        vm.prank(governor);
        (bool done, bytes memory reason) = address(sets)
            .call(abi.encodeCall(ISignerSets.announceSet, (SignerRole.Gateway, _many(count), threshold)));
        assertEq(done, majority);
        if (!done) assertEq(bytes4(reason), ISignerSets.SignerSetsBadThreshold.selector);
    }

    function test_ShowsTheSetWithItsDate() external {
        vm.warp(START + 17);
        _announce(SignerRole.Verifier, _members(_spare(0), _spare(1)), 2);
        (address[] memory members, uint16 threshold, uint64 installableAt) =
            sets.announcedOf(SignerRole.Verifier);
        assertEq(members, _members(_spare(0), _spare(1)));
        assertEq(threshold, 2);
        assertEq(installableAt, START + 17 + ROTATION);
        (members,,) = sets.announcedOf(SignerRole.Gateway);
        assertEq(members.length, 0);
    }

    function test_LeavesTheInstalledSetAsItIs() external {
        _announce(SignerRole.Verifier, _members(_spare(0)), 1);
        (address[] memory members, uint16 threshold) = sets.membersOf(SignerRole.Verifier);
        assertEq(members, _addresses(verifierKeys));
        assertEq(threshold, 2);
        assertFalse(sets.isMember(SignerRole.Verifier, _spare(0)));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(verifierKeys, 2, DIGEST));
    }

    function test_ReplacesAnEarlierAnnouncement() external {
        _depositAll(spareKeys);
        _announce(SignerRole.Verifier, _members(_spare(0), _spare(2)), 2);
        vm.warp(START + ROTATION);
        _announce(SignerRole.Verifier, _members(_spare(1)), 1);
        (address[] memory members, uint16 threshold, uint64 installableAt) =
            sets.announcedOf(SignerRole.Verifier);
        assertEq(members, _members(_spare(1)));
        assertEq(threshold, 1);
        assertEq(installableAt, START + 2 * ROTATION);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsTooEarly.selector, START + 2 * ROTATION));
        sets.installSet(SignerRole.Verifier);
    }

    function test_FreesThoseTheEarlierOneNamed() external {
        _depositAll(spareKeys);
        _announce(SignerRole.Verifier, _members(_spare(0), _spare(1)), 2);
        _announce(SignerRole.Verifier, _members(_spare(1), _spare(2)), 2);
        _requestExit(_spare(0));
        _expectStillMember(_spare(1), SignerRole.None);
        _requestExit(_spare(1));
        _expectStillMember(_spare(2), SignerRole.None);
        _requestExit(_spare(2));
    }

    function test_ASignerMayBeInSeveralSets() external {
        _deposit(_spare(0), BOND);
        _announce(SignerRole.Verifier, _members(_spare(0)), 1);
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _announce(SignerRole.RateSigner, _members(_spare(0)), 1);
        vm.warp(START + ROTATION);
        sets.installSet(SignerRole.Verifier);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Verifier, _spare(0)));
        assertTrue(sets.isMember(SignerRole.Gateway, _spare(0)));
        assertFalse(sets.isMember(SignerRole.RateSigner, _spare(0)));

        // It is free when the last of the three is gone, and not before.
        _expectStillMember(_spare(0), SignerRole.Verifier);
        _requestExit(_spare(0));
        _rotate(SignerRole.Verifier, _addresses(verifierKeys), 2);
        _expectStillMember(_spare(0), SignerRole.Gateway);
        _requestExit(_spare(0));
        _rotate(SignerRole.Gateway, _addresses(gatewayKeys), 2);
        _expectStillMember(_spare(0), SignerRole.None);
        _requestExit(_spare(0));
        _cancel(SignerRole.RateSigner);
        _requestExit(_spare(0));
        assertEq(_exitDate(_spare(0)), block.timestamp + EXIT);
    }

    function test_EmitsTheAnnouncement() external {
        vm.expectEmit();
        emit ISignerSets.SetAnnounced(SignerRole.Gateway, _members(_spare(0)), 1, uint64(START + ROTATION));
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
    }

    function _expectBadThreshold(uint16 threshold, uint256 members) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsBadThreshold.selector, threshold, members)
        );
    }

    function _expectNotAscending(address previous, address next) private {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotAscending.selector, previous, next));
    }
}
