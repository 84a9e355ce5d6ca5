// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IEscrow } from "../payments/IEscrow.sol";
import { IFeeRouter } from "../payments/IFeeRouter.sol";
import { IRateFeed } from "../payments/IRateFeed.sol";
import { IEpochManager } from "../rewards/IEpochManager.sol";
import { IRewardDistributor } from "../rewards/IRewardDistributor.sol";
import { IProviderRegistry } from "../staking/IProviderRegistry.sol";
import { IStakingPool } from "../staking/IStakingPool.sol";
import { IParamStore } from "./IParamStore.sol";
import { IPriceBook } from "./IPriceBook.sol";
import { ISignerSets } from "./ISignerSets.sol";

/// @notice The last step of a deployment: checks the wiring and hands every power to the timelock.
interface IBootstrap {
    struct Parts {
        AccessManager manager;
        TimelockController timelock;
        IERC20 ankr;
        IERC20 stable;
        IParamStore params;
        ISignerSets signerSets;
        IProviderRegistry registry;
        IStakingPool pool;
        IRateFeed rateFeed;
        IFeeRouter feeRouter;
        IEscrow ankrEscrow;
        IEscrow stableEscrow;
        IEpochManager epochs;
        IRewardDistributor distributor;
        IPriceBook priceBook;
    }

    /// @notice Who holds the roles that are not the timelock's. The slasher may be nobody yet: address zero.
    struct Holders {
        address guardian;
        address admissions;
        address slasher;
    }

    event Finished(Parts parts, Holders holders);

    error BootstrapNotDeployer(address caller);
    error BootstrapAlreadyFinished();
    error BootstrapZeroHolder(string role);
    error BootstrapNoAnswer(address target, string getter);
    error BootstrapWrongReference(address target, string getter, address expected, address found);
    error BootstrapWrongFunctionRole(address target, bytes4 selector, uint64 expected, uint64 found);
    error BootstrapWrongHolder(string role, address holder, bool expected);
    /// @notice The fee router is told that this token burns, and it does not.
    error BootstrapNotBurnable(address token);
    error BootstrapWrongUnit(uint256 expected, uint256 found);
    error BootstrapOpenTimelock(address admin);

    /// @notice Checks the wiring, assigns roles and gives up its own. Once, by the deployer.
    function finish(Parts calldata parts, Holders calldata holders) external;

    /// @notice Reverts with the first thing that is not as `finish` left it.
    function check(Parts calldata parts, Holders calldata holders) external view;

    function deployer() external view returns (address);
    function finished() external view returns (bool);
}
