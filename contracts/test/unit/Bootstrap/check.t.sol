// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBootstrap } from "../../../src/governance/IBootstrap.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { BootstrapFixture } from "./BootstrapFixture.sol";

contract Check_Bootstrap_Test is BootstrapFixture {
    function test_RevertGiven_NothingWasHandedOver() external {
        _expectCheckFails(
            abi.encodeWithSelector(
                IBootstrap.BootstrapWrongFunctionRole.selector,
                address(params),
                IParamStore.announce.selector,
                Roles.GOVERNOR,
                0
            )
        );
    }

    function test_PassesForAnyone() external {
        _finish();
        IBootstrap.Parts memory parts = _parts();
        IBootstrap.Holders memory holders = _holders();
        vm.prank(stranger);
        bootstrap.check(parts, holders);
        skip(365 days);
        bootstrap.check(parts, holders);
    }

    function test_NamesEachFunctionOfAnotherRole() external {
        _finish();
        bytes4[] memory selectors = new bytes4[](1);
        for (uint256 i = 0; i < rows.length; i++) {
            Row memory row = rows[i];
            selectors[0] = row.selector;
            vm.prank(address(timelock));
            manager.setTargetFunctionRole(row.target, selectors, 77);
            _expectCheckFails(
                abi.encodeWithSelector(
                    IBootstrap.BootstrapWrongFunctionRole.selector, row.target, row.selector, row.role, 77
                )
            );
            vm.prank(address(timelock));
            manager.setTargetFunctionRole(row.target, selectors, row.role);
        }
        bootstrap.check(_parts(), _holders());
    }

    function test_NamesEachHolderThatLostItsRole() external {
        _finish();
        string[5] memory names = ["governor", "guardian", "admissions", "slasher", "rewarder"];
        uint64[5] memory roles =
            [Roles.GOVERNOR, Roles.GUARDIAN, Roles.ADMISSIONS, Roles.SLASHER, Roles.REWARDER];
        for (uint256 i = 0; i < roles.length; i++) {
            address holder = _holderOf(roles[i]);
            vm.prank(address(timelock));
            manager.revokeRole(roles[i], holder);
            _expectCheckFails(_wrongHolder(names[i], holder, true));
            vm.prank(address(timelock));
            manager.grantRole(roles[i], holder, 0);
        }
        uint64 admin = manager.ADMIN_ROLE();
        vm.prank(address(timelock));
        manager.renounceRole(admin, address(timelock));
        _expectCheckFails(_wrongHolder("admin", address(timelock), true));
    }

    function test_NamesTheDeployerAsAdministrator() external {
        _finish();
        _makeAdmin(address(this));
        _expectCheckFails(_wrongHolder("admin", address(this), false));
    }

    function test_NamesItselfAsAdministrator() external {
        _finish();
        _makeAdmin(address(bootstrap));
        _expectCheckFails(_wrongHolder("admin", address(bootstrap), false));
    }

    function test_NamesWhoRulesTheTimelock() external {
        _finish();
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        address[2] memory rulers = [address(this), address(bootstrap)];
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(address(timelock));
            timelock.grantRole(admin, rulers[i]);
            _expectCheckFails(abi.encodeWithSelector(IBootstrap.BootstrapOpenTimelock.selector, rulers[i]));
            vm.prank(address(timelock));
            timelock.revokeRole(admin, rulers[i]);
        }
        bootstrap.check(_parts(), _holders());
    }

    function test_NamesAHolderThatHoldsNothing() external {
        _finish();
        address held = guardian;
        guardian = stranger;
        _expectCheckFails(_wrongHolder("guardian", stranger, true));
        guardian = held;
        slasher = stranger;
        _expectCheckFails(_wrongHolder("slasher", stranger, true));
        // Nobody named: nobody looked for.
        slasher = address(0);
        bootstrap.check(_parts(), _holders());
    }

    function test_NamesEachWrongReference() external {
        _finish();
        for (uint256 i = 0; i < known.length; i++) {
            Known memory row = known[i];
            vm.mockCall(row.target, abi.encodeWithSignature(row.getter), abi.encode(stranger));
            _expectCheckFails(
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
    }

    function _makeAdmin(address account) private {
        uint64 admin = manager.ADMIN_ROLE();
        vm.prank(address(timelock));
        manager.grantRole(admin, account, 0);
    }
}
