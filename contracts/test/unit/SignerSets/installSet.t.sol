// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { Param } from "../../../src/governance/Params.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract InstallSet_SignerSets_Test is SignerSetsFixture {
    function setUp() public override {
        super.setUp();
        _depositAll(spareKeys);
    }

    function test_RevertGiven_NothingIsAnnounced() external {
        _expectNothing(SignerRole.Gateway);
        sets.installSet(SignerRole.Gateway);
        _expectNothing(SignerRole.None);
        sets.installSet(SignerRole.None);
        _rotate(SignerRole.Gateway, _members(_spare(0)), 1);
        _expectNothing(SignerRole.Gateway);
        sets.installSet(SignerRole.Gateway);
    }

    function test_RevertGiven_TheDelayIsNotOver() external {
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        vm.warp(START + ROTATION - 1);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsTooEarly.selector, START + ROTATION));
        sets.installSet(SignerRole.Gateway);
        vm.warp(START + ROTATION);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Gateway, _spare(0)));
    }

    function test_RevertGiven_ABondIsTooSmall() external {
        _announce(SignerRole.Gateway, _addresses(spareKeys), 2);
        vm.warp(START + ROTATION);
        _slash(_spare(2), 1);
        _expectTooSmall(_spare(2), BOND - 1, BOND);
        sets.installSet(SignerRole.Gateway);
        _slash(_spare(0), BOND);
        _expectTooSmall(_spare(0), 0, BOND);
        sets.installSet(SignerRole.Gateway);
        assertFalse(sets.isMember(SignerRole.Gateway, _spare(1)));
        assertTrue(sets.isMember(SignerRole.Gateway, vm.addr(gatewayKeys[0])));
    }

    function test_AnyoneInstalls() external {
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        vm.warp(START + ROTATION + 5 days);
        vm.prank(stranger);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Gateway, _spare(0)));
    }

    function test_NewMembersTakeThePlaceOfTheOld() external {
        _rotate(SignerRole.Verifier, _addresses(spareKeys), 3);
        (address[] memory members, uint16 threshold) = sets.membersOf(SignerRole.Verifier);
        assertEq(members, _addresses(spareKeys));
        assertEq(threshold, 3);
        for (uint256 i = 0; i < 3; ++i) {
            assertTrue(sets.isMember(SignerRole.Verifier, _spare(i)));
            assertFalse(sets.isMember(SignerRole.Verifier, _verifier(i)));
            _requestExit(_verifier(i));
        }
        (members, threshold,) = sets.announcedOf(SignerRole.Verifier);
        assertEq(members.length, 0);
        assertEq(threshold, 0);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(spareKeys, 3, DIGEST));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsNotMember.selector, SignerRole.Verifier, _verifier(0)
            )
        );
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(verifierKeys, 3, DIGEST));
    }

    function test_KeepsThoseInBoth() external {
        _rotate(SignerRole.Verifier, _members(_verifier(0), _verifier(2)), 2);
        assertTrue(sets.isMember(SignerRole.Verifier, _verifier(0)));
        assertFalse(sets.isMember(SignerRole.Verifier, _verifier(1)));
        assertTrue(sets.isMember(SignerRole.Verifier, _verifier(2)));
        _expectStillMember(_verifier(0), SignerRole.Verifier);
        _requestExit(_verifier(0));
        // One membership was counted for it, not two: it is free after the next rotation.
        _rotate(SignerRole.Verifier, _members(_verifier(1)), 1);
        _requestExit(_verifier(0));
        assertEq(_exitDate(_verifier(0)), block.timestamp + EXIT);
    }

    function test_AcceptsABondOfExactlyTheLeast() external {
        _deposit(stranger, BOND - 1);
        _announce(SignerRole.Gateway, _members(stranger), 1);
        vm.warp(START + ROTATION);
        _expectTooSmall(stranger, BOND - 1, BOND);
        sets.installSet(SignerRole.Gateway);
        _deposit(stranger, 1);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Gateway, stranger));
    }

    function test_AsksForTheBondInForceWhenItInstalls() external {
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _changeParam(Param.SignerBond, BOND + 1);
        _expectTooSmall(_spare(0), BOND, BOND + 1);
        sets.installSet(SignerRole.Gateway);
        // Members of before stay without it.
        sets.requireQuorum(SignerRole.Gateway, DIGEST, _sign(gatewayKeys, 2, DIGEST));
        _deposit(_spare(0), 1);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Gateway, _spare(0)));
    }

    function test_KeepsTheDelayInForceWhenItWasAnnounced() external {
        vm.warp(START + 7 days - 1);
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _changeParam(Param.SignerRotationSeconds, 14 days);
        vm.warp(START + 7 days - 1 + ROTATION);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Gateway, _spare(0)));
        _announce(SignerRole.Gateway, _members(_spare(1)), 1);
        (,, uint64 installableAt) = sets.announcedOf(SignerRole.Gateway);
        assertEq(installableAt, block.timestamp + 14 days);
    }

    function test_NeedsNoBondWhenNoneIsAskedFor() external {
        _changeParam(Param.SignerBond, 0);
        _rotate(SignerRole.Gateway, _members(stranger), 1);
        assertTrue(sets.isMember(SignerRole.Gateway, stranger));
    }

    function test_EndsAMembersExit() external {
        _requestExit(_spare(0));
        _announce(SignerRole.Gateway, _members(_spare(0), _spare(1)), 2);
        vm.warp(START + ROTATION);
        vm.recordLogs();
        sets.installSet(SignerRole.Gateway);
        // One exit was under way, so one is ended; the other event says that the set is installed.
        assertEq(vm.getRecordedLogs().length, 2);
        assertEq(_exitDate(_spare(0)), 0);
        assertEq(_bond(_spare(0)), BOND);

        _rotate(SignerRole.Gateway, _addresses(gatewayKeys), 2);
        _requestExit(_spare(0));
        assertEq(_exitDate(_spare(0)), START + 2 * ROTATION + EXIT);
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        vm.warp(START + 3 * ROTATION);
        vm.expectEmit();
        emit ISignerSets.BondExitCancelled(_spare(0));
        sets.installSet(SignerRole.Gateway);
    }

    function test_LeavesOtherRolesAlone() external {
        _announce(SignerRole.RateSigner, _members(_spare(1)), 1);
        _rotate(SignerRole.Gateway, _members(_spare(0)), 1);
        assertFalse(sets.isMember(SignerRole.Verifier, _spare(0)));
        assertFalse(sets.isMember(SignerRole.RateSigner, _spare(0)));
        assertFalse(sets.isMember(SignerRole.None, _spare(0)));
        assertTrue(sets.isMember(SignerRole.Verifier, _verifier(0)));
        (address[] memory members,,) = sets.announcedOf(SignerRole.RateSigner);
        assertEq(members, _members(_spare(1)));
    }

    function test_CountsVersionsOfEachRole() external {
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _announce(SignerRole.Verifier, _members(_spare(0), _spare(1)), 2);
        vm.warp(START + ROTATION);
        vm.expectEmit();
        emit ISignerSets.SetInstalled(SignerRole.Gateway, _members(_spare(0)), 1, 2);
        sets.installSet(SignerRole.Gateway);
        vm.expectEmit();
        emit ISignerSets.SetInstalled(SignerRole.Verifier, _members(_spare(0), _spare(1)), 2, 2);
        sets.installSet(SignerRole.Verifier);
        _announce(SignerRole.Gateway, _members(_spare(2)), 1);
        vm.warp(START + 2 * ROTATION);
        vm.expectEmit();
        emit ISignerSets.SetInstalled(SignerRole.Gateway, _members(_spare(2)), 1, 3);
        sets.installSet(SignerRole.Gateway);
    }

    function test_InstallsTheLargestSetOverTheLargest() external {
        uint256[] memory first = _ascendingKeys("first", 32);
        uint256[] memory second = _ascendingKeys("second", 32);
        _depositAll(first);
        _depositAll(second);
        _rotate(SignerRole.Verifier, _addresses(first), 32);
        _announce(SignerRole.Verifier, _addresses(second), 32);
        vm.warp(block.timestamp + ROTATION);
        uint256 gas = gasleft();
        sets.installSet(SignerRole.Verifier);
        // A block of thirty million holds it many times over.
        assertLt(gas - gasleft(), 4_000_000);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(second, 32, DIGEST));
        assertFalse(sets.isMember(SignerRole.Verifier, vm.addr(first[31])));
    }

    function _expectNothing(SignerRole role) private {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNothingAnnounced.selector, role));
    }

    function _expectTooSmall(address signer, uint256 bond, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsBondTooSmall.selector, signer, bond, needed)
        );
    }
}
