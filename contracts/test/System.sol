// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { Bootstrap } from "../src/governance/Bootstrap.sol";
import { IBootstrap } from "../src/governance/IBootstrap.sol";
import { IParamStore } from "../src/governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../src/governance/ISignerSets.sol";
import { ParamStore } from "../src/governance/ParamStore.sol";
import { PriceBook } from "../src/governance/PriceBook.sol";
import { SignerSets } from "../src/governance/SignerSets.sol";
import { Escrow } from "../src/payments/Escrow.sol";
import { FeeRouter } from "../src/payments/FeeRouter.sol";
import { IRateFeed } from "../src/payments/IRateFeed.sol";
import { RateFeed } from "../src/payments/RateFeed.sol";
import { EpochManager } from "../src/rewards/EpochManager.sol";
import { RewardDistributor } from "../src/rewards/RewardDistributor.sol";
import { ProviderRegistry } from "../src/staking/ProviderRegistry.sol";
import { StakingPool } from "../src/staking/StakingPool.sol";
import { AnkrToken } from "../src/token/AnkrToken.sol";
import { LocalDollar } from "../src/token/LocalDollar.sol";
import { Keys } from "./Keys.sol";

/// @notice The whole system, deployed and handed over as a real deployment is, with the keys of everyone in it.
abstract contract System is Test, Keys {
    uint256 internal constant SUPPLY = 10_000_000_000e18;
    /// 0.03 USD per ANKR.
    uint256 internal constant INITIAL_RATE = 0.03e18;
    uint256 internal constant TIMELOCK_DELAY = 48 hours;
    bytes32 internal constant FIRST_PRICES = keccak256("first prices");

    address internal guardian = makeAddr("guardian");
    address internal admissions = makeAddr("admissions");
    address internal slasher = makeAddr("slasher");
    address internal dao = makeAddr("dao");
    address internal vault = makeAddr("vault");
    address[4] internal recipients =
        [makeAddr("treasury"), makeAddr("grants"), makeAddr("auditors"), makeAddr("protection")];

    Bootstrap internal bootstrap;
    AccessManager internal manager;
    TimelockController internal timelock;
    AnkrToken internal ankr;
    LocalDollar internal stable;
    ParamStore internal params;
    SignerSets internal signerSets;
    ProviderRegistry internal registry;
    StakingPool internal pool;
    RateFeed internal rateFeed;
    FeeRouter internal feeRouter;
    Escrow internal ankrEscrow;
    Escrow internal stableEscrow;
    EpochManager internal epochs;
    RewardDistributor internal distributor;
    PriceBook internal priceBook;

    function _deploySystem() internal {
        _deployParts(6);
        bootstrap.finish(_parts(), IBootstrap.Holders(guardian, admissions, slasher));
        _installSigners();
    }

    /// @dev All but the hand-over.
    function _deployParts(uint8 stableDecimals) internal {
        _makeSigners();
        bootstrap = new Bootstrap();
        manager = new AccessManager(address(bootstrap));
        address[] memory proposers = new address[](1);
        proposers[0] = dao;
        address[] memory executors = new address[](1);
        timelock = new TimelockController(TIMELOCK_DELAY, proposers, executors, address(0));
        ankr = new AnkrToken(vault, SUPPLY);
        stable = new LocalDollar(vault);
        params = new ParamStore(address(manager), new IParamStore.Change[](0));
        _deploySigners();
        rateFeed = new RateFeed(params, signerSets, stableDecimals, INITIAL_RATE);
        _deployRewards();
        _deployPayments();
        priceBook = new PriceBook(address(manager), params, FIRST_PRICES, "ipfs://first-prices");
    }

    /// @dev Distributor, epochs, registry, pool and router name each other, so their addresses are foretold.
    function _deployRewards() private {
        uint256 nonce = vm.getNonce(address(this));
        address poolAt = vm.computeCreateAddress(address(this), nonce + 1);
        address distributorAt = vm.computeCreateAddress(address(this), nonce + 3);
        address feeRouterAt = vm.computeCreateAddress(address(this), nonce + 4);
        registry = new ProviderRegistry(address(manager), params, StakingPool(poolAt));
        pool = new StakingPool(address(manager), params, registry, ankr, address(timelock));
        epochs = new EpochManager(address(manager), params, signerSets, RewardDistributor(distributorAt));
        distributor = new RewardDistributor(params, epochs, registry, pool, FeeRouter(feeRouterAt), ankr);
        feeRouter =
            new FeeRouter(address(manager), params, rateFeed, ankr, stable, distributor, recipients, true);
    }

    function _deployPayments() private {
        address treasury = address(timelock);
        ankrEscrow = new Escrow(
            address(manager), params, signerSets, feeRouter, ankr, IRateFeed(address(0)), treasury
        );
        stableEscrow = new Escrow(address(manager), params, signerSets, feeRouter, stable, rateFeed, treasury);
    }

    function _parts() internal view returns (IBootstrap.Parts memory) {
        return IBootstrap.Parts({
            manager: manager,
            timelock: timelock,
            ankr: ankr,
            stable: stable,
            params: params,
            signerSets: signerSets,
            registry: registry,
            pool: pool,
            rateFeed: rateFeed,
            feeRouter: feeRouter,
            ankrEscrow: ankrEscrow,
            stableEscrow: stableEscrow,
            epochs: epochs,
            distributor: distributor,
            priceBook: priceBook
        });
    }

    function _deploySigners() private {
        signerSets = new SignerSets(
            address(manager),
            params,
            ankr,
            ISignerSets.InitialSet(_addresses(verifierKeys), 2),
            ISignerSets.InitialSet(_addresses(gatewayKeys), 2),
            ISignerSets.InitialSet(_addresses(rateKeys), 2)
        );
    }

    function _installSigners() private {
        _bond(verifierKeys);
        _bond(gatewayKeys);
        _bond(rateKeys);
        signerSets.installSet(SignerRole.Verifier);
        signerSets.installSet(SignerRole.Gateway);
        signerSets.installSet(SignerRole.RateSigner);
    }

    function _bond(uint256[] memory keys) private {
        uint256 bond = 10_000e18;
        for (uint256 i = 0; i < keys.length; i++) {
            vm.startPrank(vault);
            ankr.approve(address(signerSets), bond);
            signerSets.depositBond(vm.addr(keys[i]), bond);
            vm.stopPrank();
        }
    }

    /// @dev Runs a call through the timelock as the DAO would: proposed, waited for, executed by anyone.
    function _govern(address target, bytes memory data) internal {
        vm.prank(dao);
        timelock.schedule(target, 0, data, bytes32(0), bytes32(0), TIMELOCK_DELAY);
        vm.warp(block.timestamp + TIMELOCK_DELAY);
        timelock.execute(target, 0, data, bytes32(0), bytes32(0));
    }

    function _fundAnkr(address to, uint256 amount) internal {
        vm.prank(vault);
        ankr.transfer(to, amount);
    }

    function _fundStable(address to, uint256 amount) internal {
        vm.prank(vault);
        stable.transfer(to, amount);
    }
}
