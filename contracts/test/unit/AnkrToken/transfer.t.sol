// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { AnkrTokenFixture } from "./AnkrTokenFixture.sol";

contract Transfer_AnkrToken_Test is AnkrTokenFixture {
    function test_RevertWhen_AmountExceedsTheBalance() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, vault, SUPPLY, SUPPLY + 1)
        );
        vm.prank(vault);
        ankr.transfer(stranger, SUPPLY + 1);
    }

    function testFuzz_MovesExactlyTheAmount(uint256 amount) external {
        amount = bound(amount, 0, SUPPLY);
        _fund(stranger, amount);
        assertEq(ankr.balanceOf(stranger), amount);
        assertEq(ankr.balanceOf(vault), SUPPLY - amount);
        assertEq(ankr.totalSupply(), SUPPLY);
    }
}
