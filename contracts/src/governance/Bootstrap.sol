// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IEscrow } from "../payments/IEscrow.sol";
import { IFeeRouter } from "../payments/IFeeRouter.sol";
import { IEpochManager } from "../rewards/IEpochManager.sol";
import { IProviderRegistry } from "../staking/IProviderRegistry.sol";
import { IStakingPool } from "../staking/IStakingPool.sol";
import { IBootstrap } from "./IBootstrap.sol";
import { IParamStore } from "./IParamStore.sol";
import { IPriceBook } from "./IPriceBook.sol";
import { ISignerSets } from "./ISignerSets.sol";
import { Roles } from "./Roles.sol";

/// @title Bootstrap: hands the system over and can do nothing afterwards
///
/// - It is the access manager's only administrator from the manager's first block until `finish`, which its deployer
///   may call once.
/// - `finish` checks that every part knows the parts it should and that the rate feed counts the stablecoin in the
///   stablecoin's own base units. It gives each restricted function its role and each role its holder, makes the
///   timelock the administrator and gives its own role up. If anything is wrong it reverts, and nothing has been handed
///   over.
/// - `check` may be called by anyone at any time. References cannot change; roles may have been changed by the
///   timelock since, and `check` then says which.
/// - It never holds tokens.
contract Bootstrap is IBootstrap {
    /// @dev A part's public immutable and the part it must name.
    struct Reference {
        address target;
        string getter;
        address expected;
    }

    struct Grant {
        address target;
        bytes4 selector;
        uint64 role;
    }

    address public immutable deployer;
    bool public finished;

    constructor() {
        deployer = msg.sender;
    }

    /// @inheritdoc IBootstrap
    function finish(Parts calldata parts, Holders calldata holders) external {
        if (msg.sender != deployer) revert BootstrapNotDeployer(msg.sender);
        if (finished) revert BootstrapAlreadyFinished();
        if (holders.guardian == address(0)) revert BootstrapZeroHolder("guardian");
        if (holders.admissions == address(0)) revert BootstrapZeroHolder("admissions");
        finished = true;

        _assignFunctions(parts);
        _grantRoles(parts, holders);
        parts.manager.renounceRole(parts.manager.ADMIN_ROLE(), address(this));
        check(parts, holders);
        _checkBurnable(parts);
        emit Finished(parts, holders);
    }

    /// @inheritdoc IBootstrap
    function check(Parts calldata parts, Holders calldata holders) public view {
        _checkReferences(parts);
        _checkUnit(parts);
        _checkFunctions(parts);
        _checkHolders(parts, holders);
    }

    function _assignFunctions(Parts calldata parts) private {
        Grant[] memory grants = _grants(parts);
        bytes4[] memory selectors = new bytes4[](1);
        for (uint256 i = 0; i < grants.length; i++) {
            selectors[0] = grants[i].selector;
            parts.manager.setTargetFunctionRole(grants[i].target, selectors, grants[i].role);
        }
    }

    function _grantRoles(Parts calldata parts, Holders calldata holders) private {
        AccessManager manager = parts.manager;
        manager.grantRole(manager.ADMIN_ROLE(), address(parts.timelock), 0);
        manager.grantRole(Roles.GOVERNOR, address(parts.timelock), 0);
        manager.grantRole(Roles.GUARDIAN, holders.guardian, 0);
        manager.grantRole(Roles.ADMISSIONS, holders.admissions, 0);
        manager.grantRole(Roles.REWARDER, address(parts.distributor), 0);
        if (holders.slasher != address(0)) manager.grantRole(Roles.SLASHER, holders.slasher, 0);
    }

    function _checkReferences(Parts calldata parts) private view {
        Reference[] memory references = _references(parts);
        for (uint256 i = 0; i < references.length; i++) {
            Reference memory ref = references[i];
            (bool ok, bytes memory answer) = ref.target.staticcall(abi.encodeWithSignature(ref.getter));
            if (!ok || answer.length != 32) revert BootstrapNoAnswer(ref.target, ref.getter);
            address found = abi.decode(answer, (address));
            if (found != ref.expected) {
                revert BootstrapWrongReference(ref.target, ref.getter, ref.expected, found);
            }
        }
    }

    /// @dev A feed that counts in other base units than the stablecoin would sell it at a power of ten of its worth.
    function _checkUnit(Parts calldata parts) private view {
        uint256 expected = 10 ** IERC20Metadata(address(parts.stable)).decimals();
        uint256 found = parts.rateFeed.stableUnit();
        if (found != expected) revert BootstrapWrongUnit(expected, found);
    }

    /// @dev Were a token thought to burn that does not, no fee could be routed. Only a call tells, so `check` cannot.
    function _checkBurnable(Parts calldata parts) private {
        if (!parts.feeRouter.ankrBurnable()) return;
        try ERC20Burnable(address(parts.ankr)).burn(0) { }
        catch {
            revert BootstrapNotBurnable(address(parts.ankr));
        }
    }

    function _checkFunctions(Parts calldata parts) private view {
        Grant[] memory grants = _grants(parts);
        for (uint256 i = 0; i < grants.length; i++) {
            uint64 found = parts.manager.getTargetFunctionRole(grants[i].target, grants[i].selector);
            if (found != grants[i].role) {
                revert BootstrapWrongFunctionRole(grants[i].target, grants[i].selector, grants[i].role, found);
            }
        }
    }

    function _checkHolders(Parts calldata parts, Holders calldata holders) private view {
        AccessManager manager = parts.manager;
        uint64 admin = manager.ADMIN_ROLE();
        _requireHolder(manager, "admin", admin, address(parts.timelock), true);
        _requireHolder(manager, "admin", admin, address(this), false);
        _requireHolder(manager, "admin", admin, deployer, false);
        _requireHolder(manager, "governor", Roles.GOVERNOR, address(parts.timelock), true);
        _requireHolder(manager, "guardian", Roles.GUARDIAN, holders.guardian, true);
        _requireHolder(manager, "admissions", Roles.ADMISSIONS, holders.admissions, true);
        _requireHolder(manager, "rewarder", Roles.REWARDER, address(parts.distributor), true);
        if (holders.slasher != address(0)) {
            _requireHolder(manager, "slasher", Roles.SLASHER, holders.slasher, true);
        }
        // The timelock obeys its proposers and nobody else: an administrator of its own could skip the delay.
        bytes32 timelockAdmin = parts.timelock.DEFAULT_ADMIN_ROLE();
        if (parts.timelock.hasRole(timelockAdmin, deployer)) revert BootstrapOpenTimelock(deployer);
        if (parts.timelock.hasRole(timelockAdmin, address(this))) {
            revert BootstrapOpenTimelock(address(this));
        }
    }

    function _requireHolder(
        AccessManager manager,
        string memory name,
        uint64 role,
        address holder,
        bool expected
    ) private view {
        (bool isMember,) = manager.hasRole(role, holder);
        if (isMember != expected) revert BootstrapWrongHolder(name, holder, expected);
    }

    /// @dev Every restricted function and who may call it. One that is missing here could be called by the
    /// administrator alone, so forgetting one is safe.
    function _grants(Parts calldata parts) private pure returns (Grant[] memory grants) {
        grants = new Grant[](18);
        address pool = address(parts.pool);
        address registry = address(parts.registry);
        address signerSets = address(parts.signerSets);
        grants[0] = Grant(address(parts.params), IParamStore.announce.selector, Roles.GOVERNOR);
        grants[1] = Grant(address(parts.params), IParamStore.cancel.selector, Roles.GOVERNOR);
        grants[2] = Grant(signerSets, ISignerSets.announceSet.selector, Roles.GOVERNOR);
        grants[3] = Grant(signerSets, ISignerSets.cancelSet.selector, Roles.GOVERNOR);
        grants[4] = Grant(signerSets, ISignerSets.slashBond.selector, Roles.SLASHER);
        grants[5] = Grant(registry, IProviderRegistry.admitNode.selector, Roles.ADMISSIONS);
        grants[6] = Grant(registry, IProviderRegistry.rejectNode.selector, Roles.ADMISSIONS);
        grants[7] = Grant(registry, IProviderRegistry.jail.selector, Roles.SLASHER);
        grants[8] = Grant(pool, IStakingPool.slash.selector, Roles.SLASHER);
        grants[9] = Grant(pool, IStakingPool.lock.selector, Roles.SLASHER);
        grants[10] = Grant(pool, IStakingPool.addReward.selector, Roles.REWARDER);
        grants[11] = Grant(pool, IStakingPool.setIndemnifier.selector, Roles.GOVERNOR);
        grants[12] = Grant(address(parts.ankrEscrow), IEscrow.disableChargeRoot.selector, Roles.GUARDIAN);
        grants[13] = Grant(address(parts.stableEscrow), IEscrow.disableChargeRoot.selector, Roles.GUARDIAN);
        grants[14] = Grant(address(parts.feeRouter), IFeeRouter.setRecipient.selector, Roles.GOVERNOR);
        grants[15] = Grant(address(parts.epochs), IEpochManager.disable.selector, Roles.GUARDIAN);
        grants[16] = Grant(address(parts.priceBook), IPriceBook.announce.selector, Roles.GOVERNOR);
        grants[17] = Grant(address(parts.priceBook), IPriceBook.cancel.selector, Roles.GOVERNOR);
    }

    /// @dev Which part must know which.
    function _references(Parts calldata parts) private pure returns (Reference[] memory references) {
        references = new Reference[](46);
        uint256 count = _stakingReferences(parts, references, 0);
        count = _paymentReferences(parts, references, count);
        _rewardReferences(parts, references, count);
    }

    function _stakingReferences(Parts calldata parts, Reference[] memory list, uint256 next)
        private
        pure
        returns (uint256)
    {
        list[next++] = Reference(address(parts.params), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.signerSets), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.signerSets), "params()", address(parts.params));
        list[next++] = Reference(address(parts.signerSets), "ankr()", address(parts.ankr));
        list[next++] = Reference(address(parts.registry), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.registry), "params()", address(parts.params));
        list[next++] = Reference(address(parts.registry), "pool()", address(parts.pool));
        list[next++] = Reference(address(parts.pool), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.pool), "params()", address(parts.params));
        list[next++] = Reference(address(parts.pool), "registry()", address(parts.registry));
        list[next++] = Reference(address(parts.pool), "asset()", address(parts.ankr));
        list[next++] = Reference(address(parts.pool), "treasury()", address(parts.timelock));
        return next;
    }

    function _paymentReferences(Parts calldata parts, Reference[] memory list, uint256 next)
        private
        pure
        returns (uint256)
    {
        list[next++] = Reference(address(parts.rateFeed), "params()", address(parts.params));
        list[next++] = Reference(address(parts.rateFeed), "signerSets()", address(parts.signerSets));
        list[next++] = Reference(address(parts.feeRouter), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.feeRouter), "params()", address(parts.params));
        list[next++] = Reference(address(parts.feeRouter), "rateFeed()", address(parts.rateFeed));
        list[next++] = Reference(address(parts.feeRouter), "ankr()", address(parts.ankr));
        list[next++] = Reference(address(parts.feeRouter), "stable()", address(parts.stable));
        list[next++] = Reference(address(parts.feeRouter), "distributor()", address(parts.distributor));
        next = _escrowReferences(parts, address(parts.ankrEscrow), list, next);
        list[next++] = Reference(address(parts.ankrEscrow), "asset()", address(parts.ankr));
        list[next++] = Reference(address(parts.ankrEscrow), "rateFeed()", address(0));
        next = _escrowReferences(parts, address(parts.stableEscrow), list, next);
        list[next++] = Reference(address(parts.stableEscrow), "asset()", address(parts.stable));
        list[next++] = Reference(address(parts.stableEscrow), "rateFeed()", address(parts.rateFeed));
        list[next++] = Reference(address(parts.priceBook), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.priceBook), "params()", address(parts.params));
        return next;
    }

    function _escrowReferences(Parts calldata parts, address escrow, Reference[] memory list, uint256 next)
        private
        pure
        returns (uint256)
    {
        list[next++] = Reference(escrow, "authority()", address(parts.manager));
        list[next++] = Reference(escrow, "params()", address(parts.params));
        list[next++] = Reference(escrow, "signerSets()", address(parts.signerSets));
        list[next++] = Reference(escrow, "feeRouter()", address(parts.feeRouter));
        list[next++] = Reference(escrow, "treasury()", address(parts.timelock));
        return next;
    }

    function _rewardReferences(Parts calldata parts, Reference[] memory list, uint256 next) private pure {
        list[next++] = Reference(address(parts.epochs), "authority()", address(parts.manager));
        list[next++] = Reference(address(parts.epochs), "params()", address(parts.params));
        list[next++] = Reference(address(parts.epochs), "signerSets()", address(parts.signerSets));
        list[next++] = Reference(address(parts.epochs), "distributor()", address(parts.distributor));
        list[next++] = Reference(address(parts.distributor), "params()", address(parts.params));
        list[next++] = Reference(address(parts.distributor), "epochs()", address(parts.epochs));
        list[next++] = Reference(address(parts.distributor), "registry()", address(parts.registry));
        list[next++] = Reference(address(parts.distributor), "pool()", address(parts.pool));
        list[next++] = Reference(address(parts.distributor), "feeRouter()", address(parts.feeRouter));
        list[next++] = Reference(address(parts.distributor), "ankr()", address(parts.ankr));
    }
}
