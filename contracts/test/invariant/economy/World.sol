// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { StdUtils } from "forge-std/StdUtils.sol";
import { StakeKind } from "../../../src/staking/IStakingPool.sol";
import { Escrow } from "../../../src/payments/Escrow.sol";
import { Signed } from "../../Signed.sol";

/// @notice The system with people in it, and what is remembered of all they did.
abstract contract World is Signed {
    /// The start of epoch 0 is not at zero, so that times before it can be named.
    uint256 internal constant START = 1_800_000_000;

    address[] internal owners;
    address[] internal delegators;
    address[] internal consumers;
    uint64[] internal providerIds;
    address internal buyer = makeAddr("buyer");
    address internal stranger = makeAddr("stranger");

    /// How often each action did something, by name.
    mapping(bytes32 action => uint256) public acted;
    bytes32[] internal actions;

    /// What flowed, in base units, by token amount and never by what the contracts say of themselves.
    uint256 public deposited;
    uint256 public charged;
    uint256 public withdrawn;
    uint256 public stableDeposited;
    uint256 public stableCharged;
    uint256 public stableWithdrawn;
    uint256 public burned;
    uint256 public slashed;
    uint256 public released;
    uint256 public auctionPaid;
    uint256 internal routerGifts;

    function _makeWorld() internal {
        vm.warp(START);
        _deploySystem();
        for (uint256 i = 0; i < 3; i++) {
            address owner = makeAddr(string.concat("owner ", vm.toString(i)));
            owners.push(owner);
            _fundAnkr(owner, 10_000_000e18);
            vm.startPrank(owner);
            ankr.approve(address(pool), type(uint256).max);
            providerIds.push(registry.registerProvider(owner, 100_000, "ipfs://provider"));
            vm.stopPrank();
        }
        for (uint256 i = 0; i < 4; i++) {
            delegators.push(_makePerson("delegator", i, address(pool), address(pool)));
            consumers.push(_makePerson("consumer", i, address(ankrEscrow), address(stableEscrow)));
        }
        _fundAnkr(buyer, 100_000_000e18);
        vm.prank(buyer);
        ankr.approve(address(feeRouter), type(uint256).max);
        _fundAnkr(stranger, 1_000_000e18);
        _fundStable(stranger, 1_000_000e6);
    }

    function _makePerson(string memory name, uint256 i, address ankrSpender, address stableSpender)
        private
        returns (address person)
    {
        person = makeAddr(string.concat(name, " ", vm.toString(i)));
        _fundAnkr(person, 50_000_000e18);
        _fundStable(person, 5_000_000e6);
        vm.startPrank(person);
        ankr.approve(ankrSpender, type(uint256).max);
        stable.approve(stableSpender, type(uint256).max);
        vm.stopPrank();
    }

    function _did(bytes32 action) internal {
        if (acted[action] == 0) actions.push(action);
        acted[action]++;
    }

    function _pick(address[] storage list, uint256 seed) internal view returns (address) {
        return list[seed % list.length];
    }

    function _pickProvider(uint256 seed) internal view returns (uint64) {
        return providerIds[seed % providerIds.length];
    }

    /// @dev Who holds stake of a kind: a delegator, or the owner of the day with address zero as the key.
    function _holder(uint64 providerId, StakeKind kind, uint256 seed)
        internal
        view
        returns (address caller, address key)
    {
        if (kind == StakeKind.Self) return (registry.ownerOf(providerId), address(0));
        caller = _pick(delegators, seed);
        return (caller, caller);
    }

    function _escrow(bool inStable) internal view returns (Escrow) {
        return inStable ? stableEscrow : ankrEscrow;
    }
}
