// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IBootstrap } from "../../../src/governance/IBootstrap.sol";
import { IFeeRouter, FeeBucket } from "../../../src/payments/IFeeRouter.sol";
import { StakingPool } from "../../../src/staking/StakingPool.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { BootstrapFixture } from "./BootstrapFixture.sol";

contract Regressions_Bootstrap_Test is BootstrapFixture {
    // The deployer's key upgraded a token and minted without end. Nothing can be upgraded or minted, and the key that
    // deployed has no say in anything.
    function test_Regression_Ankr_2022_TheDeployersKeyIsWorthless() external {
        _finish();
        string[4] memory calls =
            ["mint(address,uint256)", "upgradeTo(address)", "transferOwnership(address)", "pause()"];
        address[5] memory targets =
            [address(ankr), address(pool), address(ankrEscrow), address(feeRouter), address(distributor)];
        for (uint256 i = 0; i < targets.length; i++) {
            for (uint256 j = 0; j < calls.length; j++) {
                (bool done,) = targets[i].call(abi.encodeWithSignature(calls[j], address(this), 1));
                assertFalse(done);
            }
        }
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this))
        );
        feeRouter.setRecipient(FeeBucket.Treasury, address(this));
        assertEq(ankr.totalSupply(), SUPPLY);
    }

    // The wrong token was pulled. A pool over another token is never handed over.
    function test_Regression_Beosin_AnkrStaking4_APoolOverAnotherTokenIsRefused() external {
        AnkrToken other = new AnkrToken(vault, 1e18);
        StakingPool wrong = new StakingPool(address(manager), params, registry, other, address(timelock));
        IBootstrap.Parts memory parts = _parts();
        parts.pool = wrong;
        IBootstrap.Holders memory holders = _holders();
        // The registry is the first to know that it is another.
        vm.expectRevert(
            abi.encodeWithSelector(
                IBootstrap.BootstrapWrongReference.selector,
                address(registry),
                "pool()",
                address(wrong),
                address(pool)
            )
        );
        bootstrap.finish(parts, holders);

        vm.mockCall(address(registry), abi.encodeWithSignature("pool()"), abi.encode(wrong));
        vm.expectRevert(
            abi.encodeWithSelector(
                IBootstrap.BootstrapWrongReference.selector,
                address(wrong),
                "asset()",
                address(ankr),
                address(other)
            )
        );
        bootstrap.finish(parts, holders);
    }

    // Governance changed thresholds at once. Whatever governance may, it may after the timelock's delay.
    function test_Regression_Beosin_AnkrProtocol2_GovernanceWaits() external {
        _finish();
        bytes memory data = abi.encodeCall(IFeeRouter.setRecipient, (FeeBucket.Treasury, dao));
        vm.startPrank(dao);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, dao));
        feeRouter.setRecipient(FeeBucket.Treasury, dao);
        vm.expectPartialRevert(TimelockController.TimelockInsufficientDelay.selector);
        timelock.schedule(address(feeRouter), 0, data, bytes32(0), bytes32(0), TIMELOCK_DELAY - 1);
        timelock.schedule(address(feeRouter), 0, data, bytes32(0), bytes32(0), TIMELOCK_DELAY);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        timelock.execute(address(feeRouter), 0, data, bytes32(0), bytes32(0));
        vm.stopPrank();
        skip(TIMELOCK_DELAY);
        timelock.execute(address(feeRouter), 0, data, bytes32(0), bytes32(0));
        assertEq(feeRouter.recipientOf(FeeBucket.Treasury), dao);
    }
}
