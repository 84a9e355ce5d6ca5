// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SignerRole } from "../../src/governance/ISignerSets.sol";
import { SignerSets } from "../../src/governance/SignerSets.sol";
import { AnkrToken } from "../../src/token/AnkrToken.sol";
import { SignerSetsFixture } from "../unit/SignerSets/SignerSetsFixture.sol";

/// @notice Does what signers, governor, slasher and strangers can do with six signers, and counts what went in and
/// out. No action reverts: what the rules refuse is left out, by what is noted here and not by what the contract says.
contract SignerSetsHandler is SignerSetsFixture {
    uint256 public constant SIGNERS = 6;

    uint256[] private _keys;
    address[] public signers;
    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public slashed;
    uint256 public sentUnasked;
    mapping(address signer => uint256) public bonds;
    mapping(address signer => uint256) public exitDates;
    /// By role: whether a signer is in the installed or in the announced set.
    mapping(uint256 role => mapping(address signer => bool)) public installed;
    mapping(uint256 role => mapping(address signer => bool)) public announced;
    mapping(uint256 role => uint256) public announcedDates;
    mapping(uint256 role => uint256) public thresholds;
    mapping(uint256 role => uint256) private _nextThresholds;

    function setUp() public override {
        super.setUp();
        sets = _deploy(ankr);
        for (uint256 role = 1; role <= 3; ++role) {
            _cancel(SignerRole(role));
        }
        _keys = _ascendingKeys("signer", SIGNERS);
        signers = _addresses(_keys);
    }

    function parts() external view returns (SignerSets, AnkrToken) {
        return (sets, ankr);
    }

    function keys() external view returns (uint256[] memory) {
        return _keys;
    }

    function depositBond(uint256 seed, uint256 amount) external {
        amount = bound(amount, 1, 2 * BOND);
        address signer = _any(seed);
        _deposit(signer, amount);
        deposited += amount;
        bonds[signer] += amount;
    }

    function requestBondExit(uint256 seed) external {
        address signer = _any(seed);
        if (bonds[signer] == 0 || exitDates[signer] != 0 || isBound(signer)) return;
        _requestExit(signer);
        exitDates[signer] = block.timestamp + EXIT;
    }

    function withdrawBond(uint256 seed) external {
        address signer = _any(seed);
        if (exitDates[signer] == 0 || block.timestamp < exitDates[signer] || isBound(signer)) return;
        uint256 amount = _withdraw(signer);
        assertEq(amount, bonds[signer], "the whole bond");
        withdrawn += amount;
        bonds[signer] = 0;
        exitDates[signer] = 0;
    }

    function slashBond(uint256 seed, uint256 amount) external {
        amount = bound(amount, 0, 2 * BOND);
        address signer = _any(seed);
        uint256 taken = _slash(signer, amount);
        assertEq(taken, amount < bonds[signer] ? amount : bonds[signer], "up to the bond");
        slashed += taken;
        bonds[signer] -= taken;
    }

    function announceSet(uint256 role, uint256 chosen) external {
        role = bound(role, 1, 3);
        chosen = bound(chosen, 1, (1 << SIGNERS) - 1);
        address[] memory members = _subset(chosen);
        uint16 threshold = uint16(members.length / 2 + 1);
        _announce(SignerRole(role), members, threshold);
        for (uint256 i = 0; i < SIGNERS; ++i) {
            announced[role][signers[i]] = chosen & (1 << i) != 0;
        }
        announcedDates[role] = block.timestamp + ROTATION;
        _nextThresholds[role] = threshold;
    }

    function cancelSet(uint256 role) external {
        role = bound(role, 1, 3);
        if (announcedDates[role] == 0) return;
        _cancel(SignerRole(role));
        _dropAnnouncement(role);
    }

    function installSet(uint256 role) external {
        role = bound(role, 1, 3);
        if (announcedDates[role] == 0 || block.timestamp < announcedDates[role]) return;
        for (uint256 i = 0; i < SIGNERS; ++i) {
            if (announced[role][signers[i]] && bonds[signers[i]] < BOND) return;
        }
        vm.prank(stranger);
        sets.installSet(SignerRole(role));
        for (uint256 i = 0; i < SIGNERS; ++i) {
            installed[role][signers[i]] = announced[role][signers[i]];
            if (announced[role][signers[i]]) exitDates[signers[i]] = 0;
        }
        thresholds[role] = _nextThresholds[role];
        _dropAnnouncement(role);
    }

    function sendUnasked(uint256 amount) external {
        amount = bound(amount, 1, BOND);
        vm.prank(payer);
        ankr.transfer(address(sets), amount);
        sentUnasked += amount;
    }

    function letTimePass(uint256 secondsMore) external {
        vm.warp(block.timestamp + bound(secondsMore, 1, 20 days));
    }

    /// @dev When the governor has let everybody go, each signer leaves by itself, whoever else is silent.
    function everyoneLeaves() external {
        for (uint256 i = 0; i < SIGNERS; ++i) {
            if (bonds[signers[i]] > 0 && exitDates[signers[i]] == 0 && !isBound(signers[i])) {
                _requestExit(signers[i]);
                exitDates[signers[i]] = block.timestamp + EXIT;
            }
        }
        vm.warp(block.timestamp + EXIT);
        for (uint256 i = 0; i < SIGNERS; ++i) {
            if (exitDates[signers[i]] == 0 || isBound(signers[i])) continue;
            withdrawn += _withdraw(signers[i]);
            bonds[signers[i]] = 0;
            exitDates[signers[i]] = 0;
        }
    }

    function isBound(address signer) public view returns (bool) {
        for (uint256 role = 1; role <= 3; ++role) {
            if (installed[role][signer] || announced[role][signer]) return true;
        }
        return false;
    }

    /// @notice Signatures of the first members noted for the role, one for each that is asked for.
    function signaturesOf(uint256 role, uint256 count) external view returns (bytes[] memory) {
        uint256[] memory chosen = new uint256[](count);
        uint256 found = 0;
        for (uint256 i = 0; i < SIGNERS && found < count; ++i) {
            if (installed[role][signers[i]]) chosen[found++] = _keys[i];
        }
        assertEq(found, count, "members enough");
        return _sign(chosen, count, DIGEST);
    }

    function _dropAnnouncement(uint256 role) private {
        announcedDates[role] = 0;
        for (uint256 i = 0; i < SIGNERS; ++i) {
            announced[role][signers[i]] = false;
        }
    }

    function _any(uint256 seed) private view returns (address) {
        return signers[bound(seed, 0, SIGNERS - 1)];
    }

    function _subset(uint256 chosen) private view returns (address[] memory members) {
        uint256 count = 0;
        for (uint256 i = 0; i < SIGNERS; ++i) {
            if (chosen & (1 << i) != 0) ++count;
        }
        members = new address[](count);
        for (uint256 i = SIGNERS; i > 0; --i) {
            if (chosen & (1 << (i - 1)) != 0) members[--count] = signers[i - 1];
        }
    }
}
