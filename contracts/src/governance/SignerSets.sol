// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Custody } from "../libraries/Custody.sol";
import { IParamStore } from "./IParamStore.sol";
import { ISignerSets, SignerRole } from "./ISignerSets.sol";
import { Param } from "./Params.sol";

/// @title SignerSets: whose signatures the chain accepts
///
/// - Holds the bonds of signers, in ANKR, and owes them to these signers.
/// - Governance may announce another set; it is installed after a delay, by anyone, when every member has its bond.
/// - The slasher may take from a bond, also while its signer leaves. It can take no more than there is.
/// - A signer gets its bond back when it is in no set and its exit's delay is over. Nobody can stop that but by
///   making it a member again before.
/// - A set's threshold is more than half of its members, so that two disjoint groups can never both decide.
/// - Keys are secp256k1, one signature each, in ascending order of address.
contract SignerSets is ISignerSets, AccessManaged, Custody, ReentrancyGuardTransient {
    using SafeCast for uint256;

    struct SignerSet {
        address[] members;
        uint16 threshold;
        uint64 version;
    }

    struct Announcement {
        address[] members;
        uint16 threshold;
        uint64 installableAt;
    }

    struct Bond {
        uint128 amount;
        uint64 withdrawableAt;
        /// In how many sets the signer is, announced ones included.
        uint32 memberships;
    }

    /// Bounds the loops over members and signatures.
    uint256 public constant MEMBERS_MAX = 32;

    IParamStore public immutable params;
    IERC20 public immutable ankr;

    mapping(SignerRole role => SignerSet) private _sets;
    mapping(SignerRole role => Announcement) private _announced;
    mapping(SignerRole role => mapping(address signer => bool)) private _isMember;
    mapping(address signer => Bond) private _bonds;

    constructor(
        address authority,
        IParamStore params_,
        IERC20 ankr_,
        InitialSet memory verifiers,
        InitialSet memory gateways,
        InitialSet memory rateSigners
    ) AccessManaged(authority) {
        params = params_;
        ankr = ankr_;
        _announceFirst(SignerRole.Verifier, verifiers);
        _announceFirst(SignerRole.Gateway, gateways);
        _announceFirst(SignerRole.RateSigner, rateSigners);
    }

    /// @inheritdoc ISignerSets
    function depositBond(address signer, uint256 amount) external nonReentrant {
        if (amount == 0) revert SignerSetsZeroAmount();
        if (signer == address(0)) revert SignerSetsZeroAddress();
        _bonds[signer].amount += amount.toUint128();
        emit BondDeposited(signer, msg.sender, amount);
        _take(ankr, msg.sender, amount);
    }

    /// @inheritdoc ISignerSets
    function requestBondExit() external {
        Bond storage bond = _bonds[msg.sender];
        if (bond.withdrawableAt != 0) revert SignerSetsExiting(msg.sender);
        if (bond.amount == 0) revert SignerSetsZeroAmount();
        _requireNoMember(msg.sender);
        uint64 withdrawableAt = (block.timestamp + params.get(Param.SignerExitSeconds)).toUint64();
        bond.withdrawableAt = withdrawableAt;
        emit BondExitRequested(msg.sender, withdrawableAt);
    }

    /// @inheritdoc ISignerSets
    function withdrawBond(address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert SignerSetsZeroAddress();
        Bond storage bond = _bonds[msg.sender];
        uint64 withdrawableAt = bond.withdrawableAt;
        if (withdrawableAt == 0) revert SignerSetsNotExiting(msg.sender);
        if (block.timestamp < withdrawableAt) revert SignerSetsExitTooEarly(msg.sender, withdrawableAt);
        _requireNoMember(msg.sender);
        amount = bond.amount;
        bond.amount = 0;
        bond.withdrawableAt = 0;
        emit BondWithdrawn(msg.sender, to, amount);
        _give(ankr, to, amount);
    }

    /// @inheritdoc ISignerSets
    function slashBond(address signer, uint256 amount)
        external
        restricted
        nonReentrant
        returns (uint256 taken)
    {
        Bond storage bond = _bonds[signer];
        taken = Math.min(amount, bond.amount);
        bond.amount -= taken.toUint128();
        emit BondSlashed(signer, msg.sender, taken);
        _give(ankr, msg.sender, taken);
    }

    /// @inheritdoc ISignerSets
    function announceSet(SignerRole role, address[] calldata members, uint16 threshold) external restricted {
        _announce(
            role, members, threshold, (block.timestamp + params.get(Param.SignerRotationSeconds)).toUint64()
        );
    }

    /// @inheritdoc ISignerSets
    function cancelSet(SignerRole role) external restricted {
        if (_announced[role].installableAt == 0) revert SignerSetsNothingAnnounced(role);
        _dropAnnouncement(role);
        emit SetCancelled(role);
    }

    /// @inheritdoc ISignerSets
    function installSet(SignerRole role) external {
        Announcement storage next = _announced[role];
        uint64 installableAt = next.installableAt;
        if (installableAt == 0) revert SignerSetsNothingAnnounced(role);
        if (block.timestamp < installableAt) revert SignerSetsTooEarly(installableAt);
        address[] memory members = next.members;
        uint16 threshold = next.threshold;
        _bindBonds(members);
        // The announcement's memberships become those of the set.
        delete _announced[role];
        _dismiss(role);
        uint64 version = _install(role, members, threshold);
        emit SetInstalled(role, members, threshold, version);
    }

    /// @inheritdoc ISignerSets
    function requireQuorum(SignerRole role, bytes32 digest, bytes[] calldata signatures) external view {
        _requireEnough(role, signatures.length);
        address previous;
        for (uint256 i = 0; i < signatures.length; i++) {
            previous = _requireSigner(role, digest, signatures[i], previous);
        }
    }

    /// @inheritdoc ISignerSets
    function requireSigners(SignerRole role, bytes32[] calldata digests, bytes[] calldata signatures)
        external
        view
    {
        if (digests.length != signatures.length) {
            revert SignerSetsLengthMismatch(digests.length, signatures.length);
        }
        _requireEnough(role, signatures.length);
        address previous;
        for (uint256 i = 0; i < signatures.length; i++) {
            previous = _requireSigner(role, digests[i], signatures[i], previous);
        }
    }

    /// @inheritdoc ISignerSets
    function membersOf(SignerRole role) external view returns (address[] memory members, uint16 threshold) {
        return (_sets[role].members, _sets[role].threshold);
    }

    /// @inheritdoc ISignerSets
    function announcedOf(SignerRole role)
        external
        view
        returns (address[] memory members, uint16 threshold, uint64 installableAt)
    {
        Announcement memory next = _announced[role];
        return (next.members, next.threshold, next.installableAt);
    }

    /// @inheritdoc ISignerSets
    function isMember(SignerRole role, address signer) external view returns (bool) {
        return _isMember[role][signer];
    }

    /// @inheritdoc ISignerSets
    function bondOf(address signer) external view returns (uint256 bond, uint64 withdrawableAt) {
        return (_bonds[signer].amount, _bonds[signer].withdrawableAt);
    }

    function _announceFirst(SignerRole role, InitialSet memory set) private {
        _announce(role, set.members, set.threshold, block.timestamp.toUint64());
    }

    function _announce(SignerRole role, address[] memory members, uint16 threshold, uint64 installableAt)
        private
    {
        if (role == SignerRole.None) revert SignerSetsUnknownRole();
        if (members.length > MEMBERS_MAX) revert SignerSetsTooMany(members.length, MEMBERS_MAX);
        if (threshold > members.length || uint256(threshold) * 2 <= members.length) {
            revert SignerSetsBadThreshold(threshold, members.length);
        }
        _dropAnnouncement(role);
        address previous;
        for (uint256 i = 0; i < members.length; i++) {
            if (members[i] <= previous) revert SignerSetsNotAscending(previous, members[i]);
            previous = members[i];
            _bonds[members[i]].memberships++;
        }
        Announcement storage next = _announced[role];
        next.members = members;
        next.threshold = threshold;
        next.installableAt = installableAt;
        emit SetAnnounced(role, members, threshold, installableAt);
    }

    function _dropAnnouncement(SignerRole role) private {
        address[] storage members = _announced[role].members;
        for (uint256 i = 0; i < members.length; i++) {
            _bonds[members[i]].memberships--;
        }
        delete _announced[role];
    }

    function _bindBonds(address[] memory members) private {
        uint256 needed = params.get(Param.SignerBond);
        for (uint256 i = 0; i < members.length; i++) {
            Bond storage bond = _bonds[members[i]];
            if (bond.amount < needed) revert SignerSetsBondTooSmall(members[i], bond.amount, needed);
            if (bond.withdrawableAt == 0) continue;
            // Who is wanted again is not leaving; a date from before would let a bond go at once after a misdeed.
            bond.withdrawableAt = 0;
            emit BondExitCancelled(members[i]);
        }
    }

    function _dismiss(SignerRole role) private {
        address[] storage members = _sets[role].members;
        for (uint256 i = 0; i < members.length; i++) {
            _isMember[role][members[i]] = false;
            _bonds[members[i]].memberships--;
        }
    }

    function _install(SignerRole role, address[] memory members, uint16 threshold) private returns (uint64) {
        for (uint256 i = 0; i < members.length; i++) {
            _isMember[role][members[i]] = true;
        }
        SignerSet storage set = _sets[role];
        set.members = members;
        set.threshold = threshold;
        return ++set.version;
    }

    function _requireNoMember(address signer) private view {
        if (_bonds[signer].memberships == 0) return;
        for (uint256 i = 1; i <= uint256(type(SignerRole).max); i++) {
            if (_isMember[SignerRole(i)][signer]) revert SignerSetsStillMember(signer, SignerRole(i));
        }
        revert SignerSetsStillMember(signer, SignerRole.None);
    }

    function _requireEnough(SignerRole role, uint256 given) private view {
        uint256 needed = _sets[role].threshold;
        // A set that was never installed has no threshold and accepts nothing.
        if (needed == 0 || given < needed) revert SignerSetsTooFewSignatures(role, given, needed);
    }

    function _requireSigner(SignerRole role, bytes32 digest, bytes calldata signature, address previous)
        private
        view
        returns (address signer)
    {
        signer = ECDSA.recoverCalldata(digest, signature);
        if (signer <= previous) revert SignerSetsNotAscending(previous, signer);
        if (!_isMember[role][signer]) revert SignerSetsNotMember(role, signer);
    }
}
