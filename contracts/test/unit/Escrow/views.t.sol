// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Param } from "../../../src/governance/Params.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract Views_Escrow_Test is EscrowFixture {
    function test_MinimumsAreTheParametersInTheAsset() external {
        assertEq(escrow.firstDepositMin(), _worth(1000));
        assertEq(escrow.topUpMin(), _worth(1));
        _changeParam(Param.EscrowFirstDepositMin, 2000e18);
        assertEq(escrow.firstDepositMin(), _worth(2000));
        assertEq(escrow.topUpMin(), _worth(1));
        _changeParam(Param.EscrowTopUpMin, 3e18);
        assertEq(escrow.topUpMin(), _worth(3));
    }

    function test_TheCapIsItsLeastUntilAPartOfTheBalanceIsMore() external view {
        assertEq(escrow.periodCapOf(0), _worth(500));
        assertEq(escrow.periodCapOf(_worth(5000)), _worth(500));
        assertEq(escrow.periodCapOf(_worth(5000) + 9), _worth(500));
        assertEq(escrow.periodCapOf(_worth(5000) + 10), _worth(500) + 1);
        assertEq(escrow.periodCapOf(_worth(5000) + 19), _worth(500) + 1);
    }

    function testFuzz_TheCapRoundsDown(uint128 balance) external view {
        uint256 cap = escrow.periodCapOf(balance);
        assertEq(cap, Math.max(_worth(500), uint256(balance) / 10));
    }

    function test_TheCapFollowsTheParameters() external {
        _changeParam(Param.PeriodCapPpm, 1_000_000);
        assertEq(escrow.periodCapOf(_worth(700)), _worth(700));
        _changeParam(Param.PeriodCapMin, 800e18);
        assertEq(escrow.periodCapOf(_worth(700)), _worth(800));
    }

    function test_RevertGiven_TheRootIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnknownRoot.selector, 0));
        escrow.chargeRootOf(0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnknownRoot.selector, 1));
        escrow.chargeRootOf(1);
    }
}

contract Views_StableEscrow_Test is Views_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }

    function test_MinimumsAndCapFollowTheRate() external {
        // A third of a dollar in a million ANKR does not come out even: the depositor brings the unit more.
        vm.warp(block.timestamp + 1 hours);
        uint256 rate = 0.030000000333e18;
        _postRate(rate);
        assertEq(escrow.firstDepositMin(), 30_000_001);
        assertEq(escrow.topUpMin(), 30_001);
        assertEq(escrow.periodCapOf(0), 15_000_001);
    }

    function test_DepositsAndChargesGoOnWithAStaleRate() external {
        vm.warp(block.timestamp + 30 days);
        (,, bool stale) = rateFeed.latest();
        assertTrue(stale);
        _deposit(consumer, _worth(1000));
        assertEq(_charge(consumer, _worth(501)), _worth(500));
    }
}
