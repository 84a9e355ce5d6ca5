// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { ParamStore } from "../../../src/governance/ParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { SignerSets } from "../../../src/governance/SignerSets.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";
import { Keys } from "../../Keys.sol";

/// @notice Three installed sets of three members, two of whom must agree, and everybody who may act on them.
abstract contract SignerSetsFixture is Test, Keys {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant SUPPLY = 10_000_000_000e18;
    uint256 internal constant BOND = 10_000e18;
    uint256 internal constant ROTATION = 48 hours;
    uint256 internal constant EXIT = 28 days;
    bytes32 internal constant DIGEST = keccak256("what is signed");

    address internal governor = makeAddr("governor");
    address internal slasher = makeAddr("slasher");
    address internal payer = makeAddr("payer");
    address internal stranger = makeAddr("stranger");
    AccessManager internal manager;
    ParamStore internal params;
    AnkrToken internal ankr;
    SignerSets internal sets;
    /// Keys of signers in no set, ascending.
    uint256[] internal spareKeys;

    function setUp() public virtual {
        vm.warp(START);
        _makeSigners();
        spareKeys = _ascendingKeys("spare", 3);
        manager = new AccessManager(address(this));
        manager.grantRole(Roles.GOVERNOR, governor, 0);
        manager.grantRole(Roles.SLASHER, slasher, 0);
        params = new ParamStore(address(manager), new IParamStore.Change[](0));
        _allow(address(params), IParamStore.announce.selector, Roles.GOVERNOR);
        ankr = new AnkrToken(payer, SUPPLY);
        sets = _deploy(ankr);
        _installAll();
    }

    function _deploy(IERC20 token) internal returns (SignerSets deployed) {
        deployed = new SignerSets(
            address(manager),
            params,
            token,
            ISignerSets.InitialSet(_addresses(verifierKeys), 2),
            ISignerSets.InitialSet(_addresses(gatewayKeys), 2),
            ISignerSets.InitialSet(_addresses(rateKeys), 2)
        );
        _allow(address(deployed), ISignerSets.announceSet.selector, Roles.GOVERNOR);
        _allow(address(deployed), ISignerSets.cancelSet.selector, Roles.GOVERNOR);
        _allow(address(deployed), ISignerSets.slashBond.selector, Roles.SLASHER);
    }

    function _deployWith(ISignerSets.InitialSet memory verifiers) internal returns (SignerSets) {
        return new SignerSets(
            address(manager),
            params,
            ankr,
            verifiers,
            ISignerSets.InitialSet(_addresses(gatewayKeys), 2),
            ISignerSets.InitialSet(_addresses(rateKeys), 2)
        );
    }

    function _allow(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    function _installAll() private {
        _depositAll(verifierKeys);
        _depositAll(gatewayKeys);
        _depositAll(rateKeys);
        sets.installSet(SignerRole.Verifier);
        sets.installSet(SignerRole.Gateway);
        sets.installSet(SignerRole.RateSigner);
    }

    function _depositAll(uint256[] memory keys) internal {
        for (uint256 i = 0; i < keys.length; ++i) {
            _deposit(vm.addr(keys[i]), BOND);
        }
    }

    function _deposit(address signer, uint256 amount) internal {
        vm.startPrank(payer);
        ankr.approve(address(sets), amount);
        sets.depositBond(signer, amount);
        vm.stopPrank();
    }

    function _slash(address signer, uint256 amount) internal returns (uint256) {
        vm.prank(slasher);
        return sets.slashBond(signer, amount);
    }

    function _announce(SignerRole role, address[] memory members, uint16 threshold) internal {
        vm.prank(governor);
        sets.announceSet(role, members, threshold);
    }

    function _cancel(SignerRole role) internal {
        vm.prank(governor);
        sets.cancelSet(role);
    }

    /// @dev Announces, waits and installs; the members have their bonds.
    function _rotate(SignerRole role, address[] memory members, uint16 threshold) internal {
        _announce(role, members, threshold);
        vm.warp(block.timestamp + ROTATION);
        sets.installSet(role);
    }

    function _requestExit(address signer) internal {
        vm.prank(signer);
        sets.requestBondExit();
    }

    function _withdraw(address signer) internal returns (uint256) {
        vm.prank(signer);
        return sets.withdrawBond(signer);
    }

    function _changeParam(Param param, uint256 value) internal {
        uint64 next = params.currentEpoch() + 1;
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(param, value);
        vm.prank(governor);
        params.announce(changes, next);
        vm.warp(params.epochStart(next));
    }

    function _bond(address signer) internal view returns (uint256 bond) {
        (bond,) = sets.bondOf(signer);
    }

    function _exitDate(address signer) internal view returns (uint64 withdrawableAt) {
        (, withdrawableAt) = sets.bondOf(signer);
    }

    function _verifier(uint256 place) internal view returns (address) {
        return vm.addr(verifierKeys[place]);
    }

    function _spare(uint256 place) internal view returns (address) {
        return vm.addr(spareKeys[place]);
    }

    function _members(address first) internal pure returns (address[] memory members) {
        members = new address[](1);
        members[0] = first;
    }

    function _members(address first, address second) internal pure returns (address[] memory members) {
        members = new address[](2);
        members[0] = first;
        members[1] = second;
    }

    /// @dev Addresses 1, 2, 3 and so on.
    function _many(uint256 count) internal pure returns (address[] memory members) {
        members = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            members[i] = address(uint160(i + 1));
        }
    }

    function _expectStillMember(address signer, SignerRole role) internal {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsStillMember.selector, signer, role));
    }

    function _expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSignature("AccessManagedUnauthorized(address)", caller));
    }
}
