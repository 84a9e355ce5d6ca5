// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { Param } from "../governance/Params.sol";
import { ActiveNodes } from "./ActiveNodes.sol";
import { Commissions } from "./Commissions.sol";
import { IProviderRegistry, NodeStatus } from "./IProviderRegistry.sol";
import { IStakingPool, StakeKind } from "./IStakingPool.sol";
import { NodeProfiles } from "./NodeProfiles.sol";

/// @title Providers, their nodes and the keys these sign with.
///
/// What it holds
/// - No tokens. Self-stake lies in the staking pool and is read there at every activation and check.
/// - Commission by epoch. What holds when an epoch begins can no longer be written once it has begun.
///
/// Who may do what
/// - Anyone: become a provider, check a provider's self-stake, retire a node that was short of stake for too long.
/// - A provider's owner: everything of the provider. Its operators: metadata and nodes, nothing that directs money.
///   Operators are the appointing owner's: they lapse when ownership passes on, or a former owner could go on
///   changing keys that the next one is liable for.
/// - Admissions: admit or reject a candidate. Can neither activate nor stop a node.
/// - Slasher: jail, for at most the parameter from now. Can never take a provider, a node, a key or stake.
/// - Nobody: delete anything, free a key, revive a retired node, shorten a jail, or keep stake from leaving; no exit
///   asks this contract for permission.
///
/// What it trusts
/// - The pool answers with active self-stake once its own books are written; nothing else of it is called.
/// - Parameters stay within the bounds of the store: commission far below 100 %, the price of a node above zero, and
///   a number of nodes that one transaction can drain.
///
/// Keys
/// - A key proves itself over provider, contract and chain, so a copied proof helps nobody else. It belongs to one
///   node for ever, also after rotation or retirement, so that what it signed always finds who is liable.
/// - Who takes over a provider takes over that liability and should rotate the keys of every node.
///
/// Rounding
/// - Down, against the provider: self-stake carries the whole nodes it covers.
contract ProviderRegistry is IProviderRegistry, AccessManaged, EIP712 {
    using ActiveNodes for uint64[];
    using Commissions for Checkpoints.Trace208;
    using NodeProfiles for NodeProfile;
    using SafeCast for uint256;

    struct ProviderState {
        address owner;
        uint64 jailedUntil;
        /// Counts owners; an operator holds its office under one of them.
        uint32 term;
        address pendingOwner;
        address rewardsTo;
        string metadataUri;
        mapping(uint32 term => mapping(address operator => bool)) operators;
        Checkpoints.Trace208 commission;
        uint64[] nodeIds;
        /// In the order of activation.
        uint64[] activeNodeIds;
    }

    bytes32 private constant NODE_KEY_TYPEHASH = keccak256("NodeKey(uint64 providerId,address signingKey)");

    IParamStore public immutable params;
    IStakingPool public immutable pool;

    uint64 public providerCount;
    uint64 public nodeCount;
    mapping(address signingKey => uint64 nodeId) public nodeOfKey;

    mapping(uint64 providerId => ProviderState) private _providers;
    mapping(uint64 nodeId => Node) private _nodes;
    mapping(uint64 nodeId => NodeProfile) private _profiles;

    constructor(address authority, IParamStore params_, IStakingPool pool_)
        AccessManaged(authority)
        EIP712("MooringProviderRegistry", "1")
    {
        params = params_;
        pool = pool_;
    }

    function registerProvider(address rewardsTo, uint256 commissionPpm, string calldata metadataUri)
        external
        returns (uint64 providerId)
    {
        if (rewardsTo == address(0)) revert ProviderRegistryZeroAddress();
        NodeProfiles.checkMetadata(metadataUri);

        providerId = ++providerCount;
        ProviderState storage provider = _providers[providerId];
        provider.owner = msg.sender;
        provider.rewardsTo = rewardsTo;
        provider.metadataUri = metadataUri;
        provider.commission.begin(params, commissionPpm);
        emit ProviderRegistered(providerId, msg.sender, rewardsTo, commissionPpm, metadataUri);
    }

    function offerOwnership(uint64 providerId, address to) external {
        ProviderState storage provider = _providerOfOwner(providerId);
        provider.pendingOwner = to;
        emit OwnershipOffered(providerId, msg.sender, to);
    }

    function acceptOwnership(uint64 providerId) external {
        ProviderState storage provider = _provider(providerId);
        if (msg.sender != provider.pendingOwner) revert ProviderRegistryNotOwner(providerId, msg.sender);

        address from = provider.owner;
        provider.owner = msg.sender;
        provider.pendingOwner = address(0);
        provider.term += 1;
        emit OwnershipAccepted(providerId, from, msg.sender);
    }

    function setRewardsTo(uint64 providerId, address rewardsTo) external {
        ProviderState storage provider = _providerOfOwner(providerId);
        if (rewardsTo == address(0)) revert ProviderRegistryZeroAddress();

        provider.rewardsTo = rewardsTo;
        emit RewardsToSet(providerId, rewardsTo);
    }

    function setMetadata(uint64 providerId, string calldata metadataUri) external {
        ProviderState storage provider = _providerOfOperator(providerId);
        NodeProfiles.checkMetadata(metadataUri);

        provider.metadataUri = metadataUri;
        emit MetadataSet(providerId, metadataUri);
    }

    function setOperator(uint64 providerId, address operator, bool allowed) external {
        ProviderState storage provider = _providerOfOwner(providerId);
        if (operator == address(0)) revert ProviderRegistryZeroAddress();

        provider.operators[provider.term][operator] = allowed;
        emit OperatorSet(providerId, operator, allowed);
    }

    function announceCommission(uint64 providerId, uint256 commissionPpm)
        external
        returns (uint64 effectiveEpoch)
    {
        ProviderState storage provider = _providerOfOwner(providerId);
        uint256 fromPpm;
        (fromPpm, effectiveEpoch) = provider.commission.announce(params, commissionPpm);
        emit CommissionAnnounced(providerId, fromPpm, commissionPpm, effectiveEpoch);
    }

    function registerNode(
        uint64 providerId,
        NodeProfile calldata profile,
        address signingKey,
        bytes calldata keyProof
    ) external returns (uint64 nodeId) {
        ProviderState storage provider = _providerOfOperator(providerId);
        profile.check();
        _checkKey(providerId, signingKey, keyProof);

        nodeId = ++nodeCount;
        provider.nodeIds.push(nodeId);
        Node storage node = _nodes[nodeId];
        node.providerId = providerId;
        node.signingKey = signingKey;
        nodeOfKey[signingKey] = nodeId;
        _profiles[nodeId] = profile;
        emit NodeRegistered(providerId, nodeId, signingKey);
        emit NodeProfileSet(nodeId, profile);
        _setStatus(nodeId, node, NodeStatus.Registered, 0);
    }

    function setNodeProfile(uint64 nodeId, NodeProfile calldata profile) external {
        _unretiredNodeOfOperator(nodeId);
        profile.check();

        _profiles[nodeId] = profile;
        emit NodeProfileSet(nodeId, profile);
    }

    function rotateNodeKey(uint64 nodeId, address signingKey, bytes calldata keyProof) external {
        Node storage node = _unretiredNodeOfOperator(nodeId);
        _checkKey(node.providerId, signingKey, keyProof);

        address fromKey = node.signingKey;
        node.signingKey = signingKey;
        nodeOfKey[signingKey] = nodeId;
        emit NodeKeyRotated(nodeId, fromKey, signingKey);
    }

    function requestAudit(uint64 nodeId) external {
        Node storage node = _nodeOfOperator(nodeId);
        _checkStatus(nodeId, node, NodeStatus.Registered);
        _setStatus(nodeId, node, NodeStatus.Candidate, 0);
    }

    function admitNode(uint64 nodeId) external restricted {
        Node storage node = _node(nodeId);
        _checkStatus(nodeId, node, NodeStatus.Candidate);
        _setStatus(nodeId, node, NodeStatus.Admitted, 0);
    }

    function rejectNode(uint64 nodeId) external restricted {
        Node storage node = _node(nodeId);
        _checkStatus(nodeId, node, NodeStatus.Candidate);
        _setStatus(nodeId, node, NodeStatus.Registered, 0);
    }

    function activateNode(uint64 nodeId) external {
        Node storage node = _nodeOfOperator(nodeId);
        NodeStatus status = node.status;
        if (status != NodeStatus.Admitted && status != NodeStatus.Draining) {
            revert ProviderRegistryWrongStatus(nodeId, status);
        }
        uint64 providerId = node.providerId;
        ProviderState storage provider = _providers[providerId];
        if (isJailed(providerId)) revert ProviderRegistryJailed(providerId, provider.jailedUntil);
        uint256 count = provider.activeNodeIds.length + 1;
        uint256 max = params.get(Param.NodesPerProviderMax);
        if (count > max) revert ProviderRegistryTooManyNodes(providerId, max);
        uint256 needed = params.get(Param.SelfStakePerNode) * count;
        uint256 selfStake = pool.activeOf(providerId, StakeKind.Self);
        if (selfStake < needed) revert ProviderRegistrySelfStakeTooSmall(providerId, selfStake, needed);

        provider.activeNodeIds.push(nodeId);
        _setStatus(nodeId, node, NodeStatus.Active, 0);
    }

    function drainNode(uint64 nodeId) external {
        Node storage node = _nodeOfOperator(nodeId);
        _checkStatus(nodeId, node, NodeStatus.Active);

        _providers[node.providerId].activeNodeIds.remove(nodeId);
        _setStatus(nodeId, node, NodeStatus.Draining, 0);
    }

    function retireNode(uint64 nodeId) external {
        Node storage node = _node(nodeId);
        NodeStatus status = node.status;
        if (status == NodeStatus.Active || status == NodeStatus.Retired) {
            revert ProviderRegistryWrongStatus(nodeId, status);
        }
        if (!_isOwnerOrOperator(_providers[node.providerId], msg.sender)) {
            uint64 retireAt = node.retireAt;
            if (retireAt == 0) revert ProviderRegistryNotOperator(node.providerId, msg.sender);
            if (block.timestamp < retireAt) revert ProviderRegistryRetireTooEarly(nodeId, retireAt);
        }
        _setStatus(nodeId, node, NodeStatus.Retired, 0);
    }

    function checkSelfStake(uint64 providerId) external {
        uint64[] storage active = _provider(providerId).activeNodeIds;
        // Rounds down: stake for a part of a node carries none.
        uint256 allowed = pool.activeOf(providerId, StakeKind.Self) / params.get(Param.SelfStakePerNode);
        uint64 retireAt = (block.timestamp + params.get(Param.TopUpSeconds)).toUint64();

        while (active.length > allowed) {
            uint64 nodeId = active.removeNewest();
            _setStatus(nodeId, _nodes[nodeId], NodeStatus.Draining, retireAt);
        }
    }

    function jail(uint64 providerId, uint64 until) external restricted {
        ProviderState storage provider = _provider(providerId);
        if (until <= block.timestamp) revert ProviderRegistryJailOver(until, block.timestamp);
        uint256 max = block.timestamp + params.get(Param.JailSecondsMax);
        if (until > max) revert ProviderRegistryJailTooLong(until, max);
        if (until <= provider.jailedUntil) return;

        provider.jailedUntil = until;
        emit ProviderJailed(providerId, until);
    }

    function exists(uint64 providerId) external view returns (bool) {
        return _providers[providerId].owner != address(0);
    }

    function providerOf(uint64 providerId) external view returns (Provider memory) {
        ProviderState storage provider = _provider(providerId);
        return Provider(
            provider.owner,
            provider.pendingOwner,
            provider.rewardsTo,
            provider.jailedUntil,
            provider.metadataUri
        );
    }

    function ownerOf(uint64 providerId) external view returns (address) {
        return _provider(providerId).owner;
    }

    function rewardsToOf(uint64 providerId) external view returns (address) {
        return _provider(providerId).rewardsTo;
    }

    function isOperator(uint64 providerId, address operator) external view returns (bool) {
        ProviderState storage provider = _providers[providerId];
        return provider.operators[provider.term][operator];
    }

    function isJailed(uint64 providerId) public view returns (bool) {
        return block.timestamp < _providers[providerId].jailedUntil;
    }

    function commissionAt(uint64 providerId, uint64 epoch) external view returns (uint256) {
        return _provider(providerId).commission.inForceAt(epoch);
    }

    function lastCommissionOf(uint64 providerId) external view returns (uint256 ppm, uint64 fromEpoch) {
        return _provider(providerId).commission.last();
    }

    function nodeOf(uint64 nodeId) external view returns (Node memory) {
        return _node(nodeId);
    }

    function profileOf(uint64 nodeId) external view returns (NodeProfile memory) {
        _node(nodeId);
        return _profiles[nodeId];
    }

    function nodesOf(uint64 providerId) external view returns (uint64[] memory) {
        return _provider(providerId).nodeIds;
    }

    function activeNodesOf(uint64 providerId) external view returns (uint64[] memory) {
        return _provider(providerId).activeNodeIds;
    }

    function isServing(uint64 nodeId) external view returns (bool) {
        Node storage node = _nodes[nodeId];
        return node.status == NodeStatus.Active && !isJailed(node.providerId);
    }

    /// @dev The one place where a status changes, so that a date of retirement never outlives the draining it is for.
    function _setStatus(uint64 nodeId, Node storage node, NodeStatus to, uint64 retireAt) private {
        NodeStatus from = node.status;
        node.status = to;
        node.statusSince = block.timestamp.toUint64();
        node.retireAt = retireAt;
        emit NodeStatusChanged(node.providerId, nodeId, from, to);
    }

    function _provider(uint64 providerId) private view returns (ProviderState storage provider) {
        provider = _providers[providerId];
        if (provider.owner == address(0)) revert ProviderRegistryUnknownProvider(providerId);
    }

    function _providerOfOwner(uint64 providerId) private view returns (ProviderState storage provider) {
        provider = _provider(providerId);
        if (msg.sender != provider.owner) revert ProviderRegistryNotOwner(providerId, msg.sender);
    }

    function _providerOfOperator(uint64 providerId) private view returns (ProviderState storage provider) {
        provider = _provider(providerId);
        if (!_isOwnerOrOperator(provider, msg.sender)) {
            revert ProviderRegistryNotOperator(providerId, msg.sender);
        }
    }

    function _isOwnerOrOperator(ProviderState storage provider, address caller) private view returns (bool) {
        return caller == provider.owner || provider.operators[provider.term][caller];
    }

    function _node(uint64 nodeId) private view returns (Node storage node) {
        node = _nodes[nodeId];
        if (node.status == NodeStatus.None) revert ProviderRegistryUnknownNode(nodeId);
    }

    function _nodeOfOperator(uint64 nodeId) private view returns (Node storage node) {
        node = _node(nodeId);
        _providerOfOperator(node.providerId);
    }

    function _unretiredNodeOfOperator(uint64 nodeId) private view returns (Node storage node) {
        node = _nodeOfOperator(nodeId);
        if (node.status == NodeStatus.Retired) revert ProviderRegistryWrongStatus(nodeId, node.status);
    }

    function _checkStatus(uint64 nodeId, Node storage node, NodeStatus wanted) private view {
        if (node.status != wanted) revert ProviderRegistryWrongStatus(nodeId, node.status);
    }

    function _checkKey(uint64 providerId, address signingKey, bytes calldata keyProof) private view {
        if (signingKey == address(0)) revert ProviderRegistryZeroAddress();
        uint64 holder = nodeOfKey[signingKey];
        if (holder != 0) revert ProviderRegistryKeyTaken(signingKey, _nodes[holder].providerId);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(NODE_KEY_TYPEHASH, providerId, signingKey)));
        // A malformed signature recovers to zero, which is no key.
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, keyProof);
        if (recovered != signingKey) revert ProviderRegistryBadKeyProof(signingKey, recovered);
    }
}
