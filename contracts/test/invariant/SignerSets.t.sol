// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { SignerRole } from "../../src/governance/ISignerSets.sol";
import { SignerSets } from "../../src/governance/SignerSets.sol";
import { AnkrToken } from "../../src/token/AnkrToken.sol";
import { SignerSetsHandler } from "./SignerSetsHandler.sol";

/// @notice
/// 1. What is held is the sum of all bonds: what was deposited less what was withdrawn and slashed. What was sent
///    unasked lies beside it.
/// 2. Bonds and dates of exits are as they were made; a date is there for those that asked and were not installed since.
/// 3. Members are those that were installed last for their role, and a majority of them is needed.
/// 4. The threshold of members is accepted, one fewer is not.
contract SignerSetsInvariants is Test {
    SignerSetsHandler private handler;
    SignerSets private sets;
    AnkrToken private ankr;

    function setUp() external {
        handler = new SignerSetsHandler();
        handler.setUp();
        (sets, ankr) = handler.parts();

        bytes4[] memory selectors = new bytes4[](10);
        selectors[0] = handler.depositBond.selector;
        selectors[1] = handler.requestBondExit.selector;
        selectors[2] = handler.withdrawBond.selector;
        selectors[3] = handler.slashBond.selector;
        selectors[4] = handler.announceSet.selector;
        selectors[5] = handler.cancelSet.selector;
        selectors[6] = handler.installSet.selector;
        selectors[7] = handler.sendUnasked.selector;
        selectors[8] = handler.letTimePass.selector;
        selectors[9] = handler.everyoneLeaves.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
        targetContract(address(handler));
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_BondsAndSetsAreAsTheyWereMade() external {
        uint256 sum = 0;
        for (uint256 i = 0; i < handler.SIGNERS(); ++i) {
            address signer = handler.signers(i);
            (uint256 bond, uint64 withdrawableAt) = sets.bondOf(signer);
            assertEq(bond, handler.bonds(signer), "bond");
            assertEq(withdrawableAt, handler.exitDates(signer), "date");
            sum += bond;
        }
        assertEq(sets.held(ankr), sum, "held for the signers");
        assertEq(sum, handler.deposited() - handler.withdrawn() - handler.slashed(), "in less out");
        assertEq(ankr.balanceOf(address(sets)), sum + handler.sentUnasked(), "balance");
        assertEq(sets.surplusOf(ankr), handler.sentUnasked(), "surplus");
        for (uint256 role = 1; role <= 3; ++role) {
            _assertSet(role);
        }
    }

    function afterInvariant() external {
        for (uint256 role = 1; role <= 3; ++role) {
            uint256 threshold = handler.thresholds(role);
            if (threshold == 0) continue;
            bytes32 digest = keccak256("what is signed");
            sets.requireQuorum(SignerRole(role), digest, handler.signaturesOf(role, threshold));
            bytes[] memory fewer = handler.signaturesOf(role, threshold - 1);
            vm.expectRevert();
            sets.requireQuorum(SignerRole(role), digest, fewer);
        }
    }

    function _assertSet(uint256 role) private view {
        (address[] memory members, uint16 threshold) = sets.membersOf(SignerRole(role));
        assertEq(threshold, handler.thresholds(role), "threshold");
        if (members.length > 0) assertGt(threshold * 2, members.length, "majority");
        uint256 counted = 0;
        for (uint256 i = 0; i < handler.SIGNERS(); ++i) {
            address signer = handler.signers(i);
            bool member = handler.installed(role, signer);
            assertEq(sets.isMember(SignerRole(role), signer), member, "member");
            if (member) assertEq(members[counted++], signer, "listed in order");
        }
        assertEq(members.length, counted, "listed once");
        (,, uint64 installableAt) = sets.announcedOf(SignerRole(role));
        assertEq(installableAt, handler.announcedDates(role), "announced");
    }
}
