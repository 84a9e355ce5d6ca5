// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Which off-chain service a key signs for. Zero is never a legal argument.
enum SignerRole {
    None,
    Verifier,
    Gateway,
    RateSigner
}

/// @notice Bonded secp256k1 keys of the services whose signatures the chain accepts, and how many must agree.
///
/// A set changes in two steps: announced by governance, then installed by anyone when the rotation delay is over
/// and every new member has its bond. A signature counts while its signer is a member.
interface ISignerSets {
    /// @notice A set that a deployment begins with: installable at once, when its members have their bonds.
    struct InitialSet {
        address[] members;
        uint16 threshold;
    }

    event BondDeposited(address indexed signer, address indexed from, uint256 amount);
    event BondExitRequested(address indexed signer, uint64 withdrawableAt);
    /// @notice The signer was installed while it was leaving: it has to ask again when its membership is over.
    event BondExitCancelled(address indexed signer);
    event BondWithdrawn(address indexed signer, address indexed to, uint256 amount);
    event BondSlashed(address indexed signer, address indexed to, uint256 amount);
    event SetAnnounced(SignerRole indexed role, address[] members, uint16 threshold, uint64 installableAt);
    event SetCancelled(SignerRole indexed role);
    event SetInstalled(SignerRole indexed role, address[] members, uint16 threshold, uint64 version);

    error SignerSetsUnknownRole();
    error SignerSetsBadThreshold(uint16 threshold, uint256 members);
    error SignerSetsTooMany(uint256 members, uint256 max);
    /// @notice Members and signatures come in strictly ascending order of address, so none counts twice.
    error SignerSetsNotAscending(address previous, address next);
    error SignerSetsNothingAnnounced(SignerRole role);
    error SignerSetsTooEarly(uint64 installableAt);
    error SignerSetsBondTooSmall(address signer, uint256 bond, uint256 needed);
    /// @param role None when the signer is in a set that is announced and not installed.
    error SignerSetsStillMember(address signer, SignerRole role);
    error SignerSetsExiting(address signer);
    error SignerSetsNotExiting(address signer);
    error SignerSetsExitTooEarly(address signer, uint64 withdrawableAt);
    error SignerSetsNotMember(SignerRole role, address signer);
    error SignerSetsTooFewSignatures(SignerRole role, uint256 given, uint256 needed);
    error SignerSetsLengthMismatch(uint256 digests, uint256 signatures);
    error SignerSetsZeroAmount();
    error SignerSetsZeroAddress();

    /// @notice Adds to the bond of `signer`, paid by the caller. Cancels no exit.
    function depositBond(address signer, uint256 amount) external;

    /// @notice Starts the signer's own exit; only the signer, and only when it is in no set, announced or installed.
    function requestBondExit() external;

    /// @notice Pays the bond out after the exit delay, or what slashes left of it. Membership gained meanwhile stops it,
    /// and being installed ends the exit.
    function withdrawBond(address to) external returns (uint256 amount);

    /// @notice Takes up to `amount` of a bond and sends it to the caller. Never reverts on size.
    function slashBond(address signer, uint256 amount) external returns (uint256 taken);

    /// @notice Announces the next members (ascending) and threshold of a set. Replaces an earlier announcement.
    function announceSet(SignerRole role, address[] calldata members, uint16 threshold) external;

    /// @notice Takes the announced set back.
    function cancelSet(SignerRole role) external;

    /// @notice Installs the announced set. Anyone may; checks the delay and every member's bond.
    function installSet(SignerRole role) external;

    /// @notice Reverts unless `signatures` are at least the threshold of members of the set over `digest`.
    function requireQuorum(SignerRole role, bytes32 digest, bytes[] calldata signatures) external view;

    /// @notice The same where each signer signed a digest of its own, such as its own quotation.
    function requireSigners(SignerRole role, bytes32[] calldata digests, bytes[] calldata signatures)
        external
        view;

    function membersOf(SignerRole role) external view returns (address[] memory members, uint16 threshold);

    /// @notice The set that waits to be installed; nothing and 0 when none does.
    function announcedOf(SignerRole role)
        external
        view
        returns (address[] memory members, uint16 threshold, uint64 installableAt);

    function isMember(SignerRole role, address signer) external view returns (bool);

    function bondOf(address signer) external view returns (uint256 bond, uint64 withdrawableAt);
}
