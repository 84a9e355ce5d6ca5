// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

enum NodeStatus {
    None,
    Registered,
    Candidate,
    Admitted,
    Active,
    Draining,
    Retired
}

enum NodeType {
    None,
    Archive,
    Full,
    Light
}

/// @notice Providers, their nodes and the keys these sign with. Holds no tokens: self-stake lies in the staking pool.
///
/// Registered → Candidate (audit asked for) → Admitted → Active ⇄ Draining → Retired. Nothing is deleted, and no
/// status of a node or provider stands in the way of stake that leaves.
interface IProviderRegistry {
    struct Provider {
        address owner;
        address pendingOwner;
        /// Where commission and the self-stake's part of fees go.
        address rewardsTo;
        /// No node serves before this second; 0 or past when not jailed.
        uint64 jailedUntil;
        string metadataUri;
    }

    /// @notice What the owner says of a node; the chain keeps it, auditors check it.
    struct NodeProfile {
        NodeType nodeType;
        /// Hash of the endpoint's URL; the URL itself stands signed in the provider's metadata.
        bytes32 urlHash;
        /// Short text, e.g. "eu-west".
        bytes32 region;
        /// Names of the chains served as short texts, e.g. "eth"; an open set.
        bytes32[] chains;
        string metadataUri;
    }

    struct Node {
        uint64 providerId;
        NodeStatus status;
        /// When the status was reached, in seconds.
        uint64 statusSince;
        /// When a node drained for want of stake may be retired by anyone; 0 when drained by its provider or not at all.
        uint64 retireAt;
        address signingKey;
    }

    event ProviderRegistered(
        uint64 indexed providerId,
        address indexed owner,
        address rewardsTo,
        uint256 commissionPpm,
        string metadataUri
    );
    event OwnershipOffered(uint64 indexed providerId, address indexed from, address indexed to);
    event OwnershipAccepted(uint64 indexed providerId, address indexed from, address indexed to);
    event RewardsToSet(uint64 indexed providerId, address rewardsTo);
    event MetadataSet(uint64 indexed providerId, string metadataUri);
    event OperatorSet(uint64 indexed providerId, address indexed operator, bool allowed);
    event CommissionAnnounced(
        uint64 indexed providerId, uint256 fromPpm, uint256 toPpm, uint64 effectiveEpoch
    );
    event NodeRegistered(uint64 indexed providerId, uint64 indexed nodeId, address indexed signingKey);
    event NodeProfileSet(uint64 indexed nodeId, NodeProfile profile);
    event NodeStatusChanged(uint64 indexed providerId, uint64 indexed nodeId, NodeStatus from, NodeStatus to);
    event NodeKeyRotated(uint64 indexed nodeId, address indexed fromKey, address indexed toKey);
    event ProviderJailed(uint64 indexed providerId, uint64 until);

    error ProviderRegistryUnknownProvider(uint64 providerId);
    error ProviderRegistryUnknownNode(uint64 nodeId);
    error ProviderRegistryNotOwner(uint64 providerId, address caller);
    error ProviderRegistryNotOperator(uint64 providerId, address caller);
    error ProviderRegistryZeroAddress();
    error ProviderRegistryCommissionTooHigh(uint256 commissionPpm, uint256 maxPpm);
    error ProviderRegistryCommissionRiseTooBig(uint256 risePpm, uint256 maxPpm);
    error ProviderRegistryCommissionWaiting(uint64 effectiveEpoch);
    error ProviderRegistryCommissionUnchanged(uint256 commissionPpm);
    error ProviderRegistryBadProfile(bytes32 what);
    error ProviderRegistryKeyTaken(address signingKey, uint64 providerId);
    error ProviderRegistryBadKeyProof(address signingKey, address recovered);
    error ProviderRegistryWrongStatus(uint64 nodeId, NodeStatus status);
    error ProviderRegistryJailed(uint64 providerId, uint64 until);
    /// @param max The last second that may be named now.
    error ProviderRegistryJailTooLong(uint64 until, uint256 max);
    /// @notice A date that has come jails nobody.
    error ProviderRegistryJailOver(uint64 until, uint256 timestamp);
    error ProviderRegistrySelfStakeTooSmall(uint64 providerId, uint256 selfStake, uint256 needed);
    error ProviderRegistryTooManyNodes(uint64 providerId, uint256 max);
    error ProviderRegistryRetireTooEarly(uint64 nodeId, uint64 retireAt);

    function registerProvider(address rewardsTo, uint256 commissionPpm, string calldata metadataUri)
        external
        returns (uint64 providerId);
    /// @notice Replaces an earlier offer; address zero takes it back.
    function offerOwnership(uint64 providerId, address to) external;
    /// @notice By whom it was offered to. Operators of the former owner lapse.
    function acceptOwnership(uint64 providerId) external;
    function setRewardsTo(uint64 providerId, address rewardsTo) external;
    function setMetadata(uint64 providerId, string calldata metadataUri) external;
    function setOperator(uint64 providerId, address operator, bool allowed) external;

    /// @notice A cut takes effect with the next epoch; a rise after the notice, by at most the step. One at a time.
    function announceCommission(uint64 providerId, uint256 commissionPpm)
        external
        returns (uint64 effectiveEpoch);

    /// @param keyProof EIP-712 signature by `signingKey` over `NodeKey(uint64 providerId,address signingKey)`.
    function registerNode(
        uint64 providerId,
        NodeProfile calldata profile,
        address signingKey,
        bytes calldata keyProof
    ) external returns (uint64 nodeId);
    function setNodeProfile(uint64 nodeId, NodeProfile calldata profile) external;

    /// @notice The old key stays bound to the node for ever, and with it the node's liability for what it signed.
    function rotateNodeKey(uint64 nodeId, address signingKey, bytes calldata keyProof) external;
    function requestAudit(uint64 nodeId) external;
    function admitNode(uint64 nodeId) external;
    /// @notice Sends a candidate back to Registered.
    function rejectNode(uint64 nodeId) external;
    /// @notice Admitted or Draining → Active, when self-stake suffices for one node more.
    function activateNode(uint64 nodeId) external;
    function drainNode(uint64 nodeId) external;
    /// @notice By owner or operator from any status but Active; by anyone once a node short of stake had its time.
    function retireNode(uint64 nodeId) external;

    /// @notice Drains the newest active nodes that self-stake no longer covers. Anyone may call; the pool calls it
    /// whenever self-stake falls. Never reverts for a known provider.
    function checkSelfStake(uint64 providerId) external;

    /// @notice Jails until `until`, or longer when already jailed; never shortens. At most the parameter from now.
    function jail(uint64 providerId, uint64 until) external;

    /// @dev Ids count from 1 without gaps. Of an id that does not exist, what is yes or no is no; other views revert.
    function providerCount() external view returns (uint64);
    function nodeCount() external view returns (uint64);
    function exists(uint64 providerId) external view returns (bool);
    function providerOf(uint64 providerId) external view returns (Provider memory);
    function ownerOf(uint64 providerId) external view returns (address);
    function rewardsToOf(uint64 providerId) external view returns (address);
    function isOperator(uint64 providerId, address operator) external view returns (bool);
    function isJailed(uint64 providerId) external view returns (bool);
    /// @notice Commission in force when `epoch` begins, in PPM; before the provider's first epoch, the one it began with.
    function commissionAt(uint64 providerId, uint64 epoch) external view returns (uint256);
    /// @notice The commission set last, in PPM, and the epoch it takes effect with; waiting when that has not begun.
    function lastCommissionOf(uint64 providerId) external view returns (uint256 ppm, uint64 fromEpoch);
    function nodeOf(uint64 nodeId) external view returns (Node memory);
    function profileOf(uint64 nodeId) external view returns (NodeProfile memory);
    /// @notice The node a key signs or signed for; 0 when it never did.
    function nodeOfKey(address signingKey) external view returns (uint64);
    function nodesOf(uint64 providerId) external view returns (uint64[] memory);
    /// @notice Active nodes in the order of their activation; the last is drained first.
    function activeNodesOf(uint64 providerId) external view returns (uint64[] memory);
    /// @notice Active and not jailed.
    function isServing(uint64 nodeId) external view returns (bool);
}
