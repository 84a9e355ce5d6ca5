// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IIndemnifier, IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { OddIndemnifier } from "./OddIndemnifier.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract SetIndemnifier_StakingPool_Test is StakingPoolFixture {
    function test_RevertWhen_CallerIsNotTheGovernor() external {
        address[5] memory callers = [stranger, slasher, address(distributor), owner, guardian];
        for (uint256 i = 0; i < callers.length; i++) {
            _expectUnauthorized(callers[i]);
            vm.prank(callers[i]);
            pool.setIndemnifier(IIndemnifier(callers[i]));
        }
    }

    function test_NamesWhoIsAsked() external {
        assertEq(address(pool.indemnifier()), address(0));
        OddIndemnifier indemnifier = new OddIndemnifier(ankr);
        vm.expectEmit(address(pool));
        emit IStakingPool.IndemnifierSet(address(indemnifier));
        vm.prank(address(timelock));
        pool.setIndemnifier(indemnifier);
        assertEq(address(pool.indemnifier()), address(indemnifier));
        _delegate(alice, MIN);
        _slash(0, 1e18);
        assertEq(indemnifier.askedLoss(), 1e18);
    }

    function test_ZeroAsksNobody() external {
        OddIndemnifier indemnifier = new OddIndemnifier(ankr);
        _setIndemnifier(indemnifier);
        _setIndemnifier(IIndemnifier(address(0)));
        _delegate(alice, MIN);
        _slash(0, 1e18);
        assertEq(indemnifier.askedLoss(), 0);
        assertEq(_stakeOf(alice), MIN - 1e18);
    }
}
