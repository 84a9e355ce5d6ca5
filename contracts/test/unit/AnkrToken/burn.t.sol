// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { AnkrTokenFixture } from "./AnkrTokenFixture.sol";

contract Burn_AnkrToken_Test is AnkrTokenFixture {
    function test_RevertWhen_BurningMoreThanTheBalance() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, stranger, 0, 1)
        );
        vm.prank(stranger);
        ankr.burn(1);
    }

    function test_RevertWhen_BurningWithoutAllowance() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, stranger, 0, 1)
        );
        vm.prank(stranger);
        ankr.burnFrom(vault, 1);
    }

    function testFuzz_LowersBalanceAndSupply(uint256 amount) external {
        amount = bound(amount, 0, SUPPLY);
        vm.prank(vault);
        ankr.burn(amount);
        assertEq(ankr.balanceOf(vault), SUPPLY - amount);
        assertEq(ankr.totalSupply(), SUPPLY - amount);
    }

    function test_BurnsByAllowance() external {
        vm.prank(vault);
        ankr.approve(stranger, 5);
        vm.prank(stranger);
        ankr.burnFrom(vault, 5);
        assertEq(ankr.totalSupply(), SUPPLY - 5);
        assertEq(ankr.allowance(vault, stranger), 0);
    }
}
