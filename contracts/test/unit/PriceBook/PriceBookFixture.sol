// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { IPriceBook } from "../../../src/governance/IPriceBook.sol";
import { ParamStore } from "../../../src/governance/ParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { PriceBook } from "../../../src/governance/PriceBook.sol";
import { Roles } from "../../../src/governance/Roles.sol";

/// @notice A book with a first table, over a clock with the default epochs, and a governor that may change both.
abstract contract PriceBookFixture is Test {
    uint256 internal constant START = 1_800_000_000;
    bytes32 internal constant FIRST = keccak256("first");
    bytes32 internal constant SECOND = keccak256("second");
    bytes32 internal constant THIRD = keccak256("third");

    address internal governor = makeAddr("governor");
    address internal stranger = makeAddr("stranger");
    AccessManager internal manager;
    ParamStore internal params;
    PriceBook internal book;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        manager.grantRole(Roles.GOVERNOR, governor, 0);
        params = new ParamStore(address(manager), new IParamStore.Change[](0));
        book = new PriceBook(address(manager), params, FIRST, "ipfs://first");
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = IPriceBook.announce.selector;
        selectors[1] = IPriceBook.cancel.selector;
        manager.setTargetFunctionRole(address(book), selectors, Roles.GOVERNOR);
        selectors[0] = IParamStore.announce.selector;
        selectors[1] = IParamStore.cancel.selector;
        manager.setTargetFunctionRole(address(params), selectors, Roles.GOVERNOR);
    }

    function _announce(bytes32 hash, string memory uri, uint64 epoch) internal {
        vm.prank(governor);
        book.announce(hash, uri, epoch);
    }

    function _cancel() internal {
        vm.prank(governor);
        book.cancel();
    }

    /// @dev The length of epochs changes with `epoch`.
    function _announceLength(uint256 epochSeconds, uint64 epoch) internal {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(Param.EpochSeconds, epochSeconds);
        vm.prank(governor);
        params.announce(changes, epoch);
    }

    function _assertTable(IPriceBook.Table memory table, bytes32 hash, string memory uri, uint64 firstEpoch)
        internal
        pure
    {
        assertEq(table.hash, hash);
        assertEq(table.uri, uri);
        assertEq(table.firstEpoch, firstEpoch);
    }
}
