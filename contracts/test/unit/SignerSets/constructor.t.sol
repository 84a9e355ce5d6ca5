// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSets } from "../../../src/governance/SignerSets.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract Constructor_SignerSets_Test is SignerSetsFixture {
    function test_RevertWhen_InitialMembersDoNotAscend() external {
        address[] memory members = _members(_verifier(1), _verifier(0));
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsNotAscending.selector, _verifier(1), _verifier(0))
        );
        _deployWith(ISignerSets.InitialSet(members, 2));
    }

    function test_RevertWhen_AnInitialThresholdIsNoMajority() external {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsBadThreshold.selector, 1, 3));
        _deployWith(ISignerSets.InitialSet(_addresses(verifierKeys), 1));
    }

    function test_RevertWhen_AnInitialSetHasTooMany() external {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsTooMany.selector, 33, 32));
        _deployWith(ISignerSets.InitialSet(_many(33), 17));
    }

    function test_AnnouncesAllThreeInstallableAtOnce() external {
        sets = _deploy(ankr);
        _assertAnnounced(SignerRole.Verifier, verifierKeys);
        _assertAnnounced(SignerRole.Gateway, gatewayKeys);
        _assertAnnounced(SignerRole.RateSigner, rateKeys);
        _depositAll(gatewayKeys);
        vm.prank(stranger);
        sets.installSet(SignerRole.Gateway);
        assertTrue(sets.isMember(SignerRole.Gateway, vm.addr(gatewayKeys[0])));
    }

    function test_EmitsEachAnnouncement() external {
        vm.expectEmit();
        emit ISignerSets.SetAnnounced(SignerRole.Verifier, _addresses(verifierKeys), 2, uint64(START));
        vm.expectEmit();
        emit ISignerSets.SetAnnounced(SignerRole.Gateway, _addresses(gatewayKeys), 2, uint64(START));
        vm.expectEmit();
        emit ISignerSets.SetAnnounced(SignerRole.RateSigner, _addresses(rateKeys), 2, uint64(START));
        _deploy(ankr);
    }

    function test_KnowsItsNeighboursWithoutCallingThem() external {
        IParamStore notThere = IParamStore(makeAddr("params to come"));
        IERC20 noToken = IERC20(makeAddr("token to come"));
        SignerSets other = new SignerSets(
            address(manager),
            notThere,
            noToken,
            ISignerSets.InitialSet(_addresses(verifierKeys), 2),
            ISignerSets.InitialSet(_addresses(gatewayKeys), 2),
            ISignerSets.InitialSet(_addresses(rateKeys), 2)
        );
        assertEq(address(other.params()), address(notThere));
        assertEq(address(other.ankr()), address(noToken));
        assertEq(other.authority(), address(manager));
    }

    function test_AcceptsNothingBeforeASetIsInstalled() external {
        sets = _deploy(ankr);
        (address[] memory members, uint16 threshold) = sets.membersOf(SignerRole.Verifier);
        assertEq(members.length, 0);
        assertEq(threshold, 0);
        assertFalse(sets.isMember(SignerRole.Verifier, _verifier(0)));
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsTooFewSignatures.selector, SignerRole.Verifier, 0, 0)
        );
        sets.requireQuorum(SignerRole.Verifier, DIGEST, new bytes[](0));
    }

    function _assertAnnounced(SignerRole role, uint256[] memory keys) private view {
        (address[] memory members, uint16 threshold, uint64 installableAt) = sets.announcedOf(role);
        assertEq(members, _addresses(keys));
        assertEq(threshold, 2);
        assertEq(installableAt, START);
    }
}
