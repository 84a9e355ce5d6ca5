// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { Bootstrap } from "../../../src/governance/Bootstrap.sol";
import { IBootstrap } from "../../../src/governance/IBootstrap.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { BootstrapFixture } from "./BootstrapFixture.sol";
import { Twin } from "./Twin.sol";

contract Finish_Bootstrap_Test is BootstrapFixture {
    function test_RevertWhen_CallerIsNotTheDeployer() external {
        IBootstrap.Parts memory parts = _parts();
        address[3] memory callers = [stranger, dao, address(timelock)];
        for (uint256 i = 0; i < callers.length; i++) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IBootstrap.BootstrapNotDeployer.selector, callers[i]));
            bootstrap.finish(parts, IBootstrap.Holders(stranger, stranger, stranger));
        }
        assertFalse(bootstrap.finished());
    }

    function test_RevertGiven_Finished() external {
        _finish();
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapAlreadyFinished.selector));
    }

    function test_RevertWhen_NobodyIsGuardian() external {
        guardian = address(0);
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapZeroHolder.selector, "guardian"));
    }

    function test_RevertWhen_NobodyIsAdmissions() external {
        admissions = address(0);
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapZeroHolder.selector, "admissions"));
    }

    function test_TheSlasherMayBeNobody() external {
        slasher = address(0);
        _finish();
        (bool isMember,) = manager.hasRole(Roles.SLASHER, address(0));
        assertFalse(isMember);
        bootstrap.check(_parts(), _holders());
    }

    function test_RevertWhen_AReferenceIsWrong() external {
        assertEq(known.length, 46);
        for (uint256 i = 0; i < known.length; i++) {
            Known memory row = known[i];
            vm.mockCall(row.target, abi.encodeWithSignature(row.getter), abi.encode(stranger));
            _expectRefused(
                abi.encodeWithSelector(
                    IBootstrap.BootstrapWrongReference.selector,
                    row.target,
                    row.getter,
                    row.expected,
                    stranger
                )
            );
            vm.clearMockedCalls();
        }
        _finish();
    }

    function test_RevertWhen_APartIsOfAnotherDeployment() external {
        bytes memory ours = abi.encode(_parts());
        bytes memory theirs = abi.encode(new Twin().partsOf());
        // All parts are addresses, so the encoding is one word for each.
        for (uint256 word = 0; word < 15; word++) {
            bytes memory mixed = bytes.concat(ours);
            uint256 place = 32 * (word + 1);
            assembly ("memory-safe") {
                mstore(add(mixed, place), mload(add(theirs, place)))
            }
            IBootstrap.Parts memory parts = abi.decode(mixed, (IBootstrap.Parts));
            IBootstrap.Holders memory holders = _holders();
            // The first word is the manager, in which this bootstrap has no say.
            bytes4 reason = word == 0
                ? IAccessManager.AccessManagerUnauthorizedAccount.selector
                : IBootstrap.BootstrapWrongReference.selector;
            vm.expectPartialRevert(reason);
            bootstrap.finish(parts, holders);
        }
        assertEq(ours.length, 15 * 32);
    }

    function test_RevertWhen_APartHasNoCode() external {
        IBootstrap.Parts memory parts = _parts();
        parts.rateFeed = IRateFeed(stranger);
        vm.expectRevert(abi.encodeWithSelector(IBootstrap.BootstrapNoAnswer.selector, stranger, "params()"));
        bootstrap.finish(parts, _holders());
    }

    function test_RevertWhen_APartIsOfAnotherKind() external {
        IBootstrap.Parts memory parts = _parts();
        // It knows the same parameters, but no signers.
        parts.rateFeed = IRateFeed(address(registry));
        vm.expectRevert(
            abi.encodeWithSelector(IBootstrap.BootstrapNoAnswer.selector, address(registry), "signerSets()")
        );
        bootstrap.finish(parts, _holders());
    }

    function test_RevertWhen_TheFeedCountsInAnotherUnit() external {
        // Every other part is told of this feed, so that the unit is all that is wrong.
        _deployParts({ stableDecimals: 18 });
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapWrongUnit.selector, 1e6, 1e18));
    }

    function test_RevertWhen_TheTokenDoesNotBurn() external {
        vm.mockCallRevert(address(ankr), abi.encodeWithSignature("burn(uint256)", 0), "");
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapNotBurnable.selector, address(ankr)));
    }

    function test_ATokenThatIsNotToBurnNeedNot() external {
        vm.mockCallRevert(address(ankr), abi.encodeWithSignature("burn(uint256)", 0), "");
        vm.mockCall(address(feeRouter), abi.encodeWithSignature("ankrBurnable()"), abi.encode(false));
        _finish();
        assertTrue(bootstrap.finished());
    }

    function test_RevertWhen_TheDeployerRulesTheTimelock() external {
        _ruleTimelock(address(this));
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapOpenTimelock.selector, address(this)));
    }

    function test_RevertWhen_ItRulesTheTimelock() external {
        _ruleTimelock(address(bootstrap));
        _expectRefused(abi.encodeWithSelector(IBootstrap.BootstrapOpenTimelock.selector, address(bootstrap)));
    }

    function test_RevertWhen_TheDeployerIsAdministrator() external {
        vm.startPrank(address(bootstrap));
        manager.grantRole(manager.ADMIN_ROLE(), address(this), 0);
        vm.stopPrank();
        _expectRefused(_wrongHolder("admin", address(this), false));
    }

    function test_RevertGiven_ItIsNoAdministrator() external {
        Bootstrap second = new Bootstrap();
        IBootstrap.Parts memory parts = _parts();
        IBootstrap.Holders memory holders = _holders();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedAccount.selector,
                address(second),
                manager.ADMIN_ROLE()
            )
        );
        second.finish(parts, holders);
    }

    function test_AFailureHandsNothingOver() external {
        IBootstrap.Parts memory parts = _parts();
        parts.rateFeed = IRateFeed(stranger);
        IBootstrap.Holders memory holders = _holders();
        vm.expectPartialRevert(IBootstrap.BootstrapNoAnswer.selector);
        bootstrap.finish(parts, holders);
        assertFalse(bootstrap.finished());
        (bool isAdmin,) = manager.hasRole(manager.ADMIN_ROLE(), address(timelock));
        assertFalse(isAdmin);
        for (uint256 i = 0; i < rows.length; i++) {
            assertEq(manager.getTargetFunctionRole(rows[i].target, rows[i].selector), 0);
        }
        _finish();
        assertTrue(bootstrap.finished());
    }

    function test_GivesEachFunctionItsRole() external {
        _finish();
        assertEq(rows.length, 18);
        for (uint256 i = 0; i < rows.length; i++) {
            assertEq(manager.getTargetFunctionRole(rows[i].target, rows[i].selector), rows[i].role);
            assertFalse(manager.isTargetClosed(rows[i].target));
            assertEq(manager.getTargetAdminDelay(rows[i].target), 0);
        }
    }

    function test_GivesEachRoleItsHolder() external {
        _finish();
        address[9] memory all = [
            address(timelock),
            guardian,
            admissions,
            slasher,
            address(distributor),
            dao,
            address(this),
            address(bootstrap),
            address(manager)
        ];
        for (uint64 role = 0; role <= Roles.REWARDER; role++) {
            address holder = role == 0 ? address(timelock) : _holderOf(role);
            for (uint256 i = 0; i < all.length; i++) {
                (bool isMember, uint32 delay) = manager.hasRole(role, all[i]);
                assertEq(isMember, all[i] == holder);
                assertEq(delay, 0);
            }
            assertEq(manager.getRoleAdmin(role), manager.ADMIN_ROLE());
            assertEq(manager.getRoleGuardian(role), manager.ADMIN_ROLE());
        }
    }

    function test_EachHolderPassesItsFunctionsAlone() external {
        _finish();
        for (uint256 i = 0; i < rows.length; i++) {
            for (uint64 role = 1; role <= Roles.REWARDER; role++) {
                (bool may, uint32 delay) = manager.canCall(_holderOf(role), rows[i].target, rows[i].selector);
                assertEq(may, role == rows[i].role);
                assertEq(delay, 0);
            }
        }
    }

    function test_GivesItsOwnRoleUp() external {
        IBootstrap.Parts memory parts = _parts();
        vm.expectEmit(address(bootstrap));
        emit IBootstrap.Finished(parts, _holders());
        bootstrap.finish(parts, _holders());
        assertTrue(bootstrap.finished());
        for (uint64 role = 0; role <= Roles.REWARDER; role++) {
            (bool isMember,) = manager.hasRole(role, address(bootstrap));
            assertFalse(isMember);
        }
        bootstrap.check(parts, _holders());
    }

    function test_TheDeployerCanDoNothing() external {
        _finish();
        for (uint256 i = 0; i < rows.length; i++) {
            (bool may,) = manager.canCall(address(this), rows[i].target, rows[i].selector);
            assertFalse(may);
        }
        bytes[5] memory calls = [
            abi.encodeCall(AccessManager.grantRole, (Roles.GOVERNOR, address(this), 0)),
            abi.encodeCall(AccessManager.revokeRole, (Roles.GUARDIAN, guardian)),
            abi.encodeCall(AccessManager.setTargetFunctionRole, (address(pool), new bytes4[](1), 0)),
            abi.encodeCall(AccessManager.setTargetClosed, (address(pool), true)),
            abi.encodeCall(AccessManager.updateAuthority, (address(pool), address(this)))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            (bool done, bytes memory answer) = address(manager).call(calls[i]);
            assertFalse(done);
            assertEq(bytes4(answer), IAccessManager.AccessManagerUnauthorizedAccount.selector);
        }
        bytes32[4] memory roles = [
            timelock.DEFAULT_ADMIN_ROLE(),
            timelock.PROPOSER_ROLE(),
            timelock.CANCELLER_ROLE(),
            timelock.EXECUTOR_ROLE()
        ];
        for (uint256 i = 0; i < roles.length; i++) {
            assertFalse(timelock.hasRole(roles[i], address(this)));
        }
        assertEq(ankr.balanceOf(address(this)) + stable.balanceOf(address(this)), 0);
    }

    function test_TheTimelockRulesAfterItsDelay() external {
        _finish();
        bytes memory data = abi.encodeCall(AccessManager.grantRole, (Roles.ADMISSIONS, stranger, 0));
        vm.prank(dao);
        timelock.schedule(address(manager), 0, data, bytes32(0), bytes32(0), TIMELOCK_DELAY);
        vm.warp(block.timestamp + TIMELOCK_DELAY - 1);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        timelock.execute(address(manager), 0, data, bytes32(0), bytes32(0));
        vm.warp(block.timestamp + 1);
        timelock.execute(address(manager), 0, data, bytes32(0), bytes32(0));
        (bool isMember,) = manager.hasRole(Roles.ADMISSIONS, stranger);
        assertTrue(isMember);
    }

    function testFuzz_NobodyElsePasses(address caller, bytes4 selector) external {
        _finish();
        for (uint64 role = 1; role <= Roles.REWARDER; role++) {
            vm.assume(caller != _holderOf(role));
        }
        // The manager passes what it executes itself, and it executes for none of these.
        vm.assume(caller != address(manager));
        for (uint256 i = 0; i < rows.length; i++) {
            (bool may,) = manager.canCall(caller, rows[i].target, rows[i].selector);
            assertFalse(may);
            (may,) = manager.canCall(caller, rows[i].target, selector);
            assertFalse(may);
        }
    }

    function _ruleTimelock(address ruler) private {
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        vm.prank(address(timelock));
        timelock.grantRole(admin, ruler);
    }
}
