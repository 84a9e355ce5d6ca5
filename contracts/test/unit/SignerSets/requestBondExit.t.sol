// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { Param } from "../../../src/governance/Params.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract RequestBondExit_SignerSets_Test is SignerSetsFixture {
    function test_RevertGiven_NoBond() external {
        vm.expectRevert(ISignerSets.SignerSetsZeroAmount.selector);
        _requestExit(stranger);
    }

    function test_RevertGiven_MemberOfAnInstalledSet() external {
        _expectStillMember(_verifier(0), SignerRole.Verifier);
        _requestExit(_verifier(0));
        address gateway = vm.addr(gatewayKeys[2]);
        _expectStillMember(gateway, SignerRole.Gateway);
        _requestExit(gateway);
        address rateSigner = vm.addr(rateKeys[1]);
        _expectStillMember(rateSigner, SignerRole.RateSigner);
        _requestExit(rateSigner);
    }

    function test_RevertGiven_MemberOfAnAnnouncedSet() external {
        _deposit(_spare(0), BOND);
        _announce(SignerRole.Gateway, _members(_spare(0)), 1);
        _expectStillMember(_spare(0), SignerRole.None);
        _requestExit(_spare(0));
    }

    function test_RevertGiven_LeavingAlready() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsExiting.selector, _spare(0)));
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsExiting.selector, _spare(0)));
        _requestExit(_spare(0));
    }

    function test_SetsTheDateByTheDelay() external {
        _deposit(_spare(0), 1);
        assertEq(_exitDate(_spare(0)), 0);
        vm.warp(START + 123);
        _requestExit(_spare(0));
        assertEq(_exitDate(_spare(0)), START + 123 + EXIT);
        assertEq(_bond(_spare(0)), 1);
    }

    function test_ThoseRotatedOutLeave() external {
        _deposit(_spare(0), BOND);
        _rotate(SignerRole.Verifier, _members(_spare(0)), 1);
        _requestExit(_verifier(0));
        assertEq(_exitDate(_verifier(0)), START + ROTATION + EXIT);
        _expectStillMember(_spare(0), SignerRole.Verifier);
        _requestExit(_spare(0));
    }

    function test_TheDateStaysWhenTheDelayChanges() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        _changeParam(Param.SignerExitSeconds, 90 days);
        assertEq(_exitDate(_spare(0)), START + EXIT);
        vm.warp(START + EXIT);
        assertEq(_withdraw(_spare(0)), BOND);

        _deposit(_spare(1), BOND);
        _requestExit(_spare(1));
        assertEq(_exitDate(_spare(1)), START + EXIT + 90 days);
    }

    function test_LeavesAgainAfterComingBack() external {
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        vm.warp(START + EXIT);
        _withdraw(_spare(0));
        _deposit(_spare(0), BOND);
        _requestExit(_spare(0));
        assertEq(_exitDate(_spare(0)), START + 2 * EXIT);
    }

    function test_EmitsTheRequest() external {
        _deposit(_spare(0), BOND);
        vm.expectEmit();
        emit ISignerSets.BondExitRequested(_spare(0), uint64(START + EXIT));
        _requestExit(_spare(0));
    }
}
