// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract SweepSurplus_Escrow_Test is EscrowFixture {
    function test_RevertGiven_NothingCameUnasked() external {
        _deposit(consumer, _worth(1000));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNothingToSweep.selector, asset));
        escrow.sweepSurplus(asset);
    }

    function test_SendsTheSurplusAndLeavesDeposits() external {
        _deposit(consumer, _worth(1000));
        _fund(address(escrow), 1);
        vm.expectEmit(address(escrow));
        emit IEscrow.SurplusSwept(asset, 1);
        vm.prank(makeAddr("anyone"));
        assertEq(escrow.sweepSurplus(asset), 1);
        assertEq(asset.balanceOf(address(timelock)), 1);
        assertEq(asset.balanceOf(address(escrow)), _worth(1000));
        assertEq(escrow.held(asset), _worth(1000));
    }

    function test_SendsAnyToken() external {
        AnkrToken token = new AnkrToken(address(escrow), 5e18);
        assertEq(escrow.sweepSurplus(token), 5e18);
        assertEq(token.balanceOf(address(timelock)), 5e18);
        assertEq(escrow.held(token), 0);
    }
}

contract SweepSurplus_StableEscrow_Test is SweepSurplus_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
