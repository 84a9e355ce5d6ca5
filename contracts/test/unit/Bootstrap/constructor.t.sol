// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Bootstrap } from "../../../src/governance/Bootstrap.sol";
import { BootstrapFixture } from "./BootstrapFixture.sol";

contract Constructor_Bootstrap_Test is BootstrapFixture {
    function test_NamesTheDeployer() external {
        assertEq(bootstrap.deployer(), address(this));
        assertFalse(bootstrap.finished());
        vm.prank(stranger);
        assertEq(new Bootstrap().deployer(), stranger);
    }

    function test_NobodyPassesBefore() external view {
        address[6] memory callers =
            [address(this), address(timelock), dao, guardian, slasher, address(distributor)];
        for (uint256 i = 0; i < rows.length; i++) {
            for (uint256 j = 0; j < callers.length; j++) {
                (bool may,) = manager.canCall(callers[j], rows[i].target, rows[i].selector);
                assertFalse(may);
            }
        }
        (bool isAdmin,) = manager.hasRole(manager.ADMIN_ROLE(), address(this));
        assertFalse(isAdmin);
    }
}
