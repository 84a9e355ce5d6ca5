// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../src/governance/Params.sol";
import { NodeStatus } from "../../src/staking/IProviderRegistry.sol";
import { ProviderRegistryFixture } from "../unit/ProviderRegistry/ProviderRegistryFixture.sol";

/// @notice Does what owners, operators, admissions, slasher, pool and strangers can do, and notes what must never
/// change. No action reverts: what the rules refuse is left out.
contract ProviderRegistryHandler is ProviderRegistryFixture {
    uint64 public constant PROVIDERS = 3;
    uint256 private constant UNBONDING_MAX = 32;
    uint256 private constant NODES_PER_PROVIDER = 7;

    address[] public keys;
    mapping(address key => uint64 nodeId) public nodeOfKey;
    mapping(uint64 nodeId => bool) public retired;
    mapping(uint64 providerId => mapping(uint64 epoch => uint256)) public commissionSeen;

    mapping(uint64 providerId => uint256) private _unstaked;

    uint256 public perNode = PER_NODE;

    function setUp() public override {
        super.setUp();
        for (uint64 i = 0; i < PROVIDERS; ++i) {
            _giveSelfStake(_newProvider(), 3 * PER_NODE);
        }
        _look();
    }

    function commissionMax() external pure returns (uint256) {
        return COMMISSION_MAX;
    }

    function registryAddress() external view returns (address) {
        return address(registry);
    }

    function selfStakeOf(uint64 providerId) external view returns (uint256) {
        return _selfStakeOf(providerId);
    }

    function currentEpoch() external view returns (uint64) {
        return params.currentEpoch();
    }

    function registerNode(uint256 seed) external {
        uint64 providerId = _anyProvider(seed);
        if (registry.nodesOf(providerId).length == NODES_PER_PROVIDER) return;
        uint64 nodeId = _registeredNode(providerId);
        _noteKey(registry.nodeOf(nodeId).signingKey, nodeId);
    }

    function rotateNodeKey(uint256 seed) external {
        uint64 nodeId = _anyNode(seed);
        if (nodeId == 0 || retired[nodeId]) return;
        (address key, uint256 secret) = _newKey();
        bytes memory proof = _keyProof(registry.nodeOf(nodeId).providerId, key, secret);
        vm.prank(operator);
        registry.rotateNodeKey(nodeId, key, proof);
        _noteKey(key, nodeId);
    }

    function requestAudit(uint256 seed) external {
        uint64 nodeId = _anyNode(seed);
        if (!_isIn(nodeId, NodeStatus.Registered)) return;
        vm.prank(operator);
        registry.requestAudit(nodeId);
    }

    function judge(uint256 seed, bool admitted) external {
        uint64 nodeId = _anyNode(seed);
        if (!_isIn(nodeId, NodeStatus.Candidate)) return;
        vm.prank(admissions);
        if (admitted) registry.admitNode(nodeId);
        else registry.rejectNode(nodeId);
    }

    /// @dev The whole way at once and with the stake for it, or few nodes would ever serve.
    function bringIntoService(uint256 seed) external {
        uint64 providerId = _anyProvider(seed);
        if (registry.nodesOf(providerId).length == NODES_PER_PROVIDER) return;
        uint64 nodeId = _admittedNode(providerId);
        _noteKey(registry.nodeOf(nodeId).signingKey, nodeId);
        uint256 needed = perNode * (registry.activeNodesOf(providerId).length + 1);
        if (_selfStakeOf(providerId) < needed) _giveSelfStake(providerId, needed);
        _activateIfAllowed(nodeId);
    }

    function activateNode(uint256 seed) external {
        uint64 nodeId = _anyNode(seed);
        if (!_isIn(nodeId, NodeStatus.Admitted) && !_isIn(nodeId, NodeStatus.Draining)) return;
        _activateIfAllowed(nodeId);
    }

    function drainNode(uint256 seed) external {
        uint64 nodeId = _anyNode(seed);
        if (!_isIn(nodeId, NodeStatus.Active)) return;
        vm.prank(operator);
        registry.drainNode(nodeId);
    }

    function retireByProvider(uint256 seed) external {
        // One in four calls, or nothing is left to act with.
        if (seed % 4 != 0) return;
        uint64 nodeId = _anyNode(seed / 4);
        if (nodeId == 0 || retired[nodeId] || _isIn(nodeId, NodeStatus.Active)) return;
        vm.prank(owner);
        registry.retireNode(nodeId);
        retired[nodeId] = true;
    }

    function retireByAnyone(uint256 seed) external {
        uint64 nodeId = _anyNode(seed);
        if (nodeId == 0) return;
        uint64 retireAt = registry.nodeOf(nodeId).retireAt;
        if (retireAt == 0 || block.timestamp < retireAt) return;
        vm.prank(stranger);
        registry.retireNode(nodeId);
        retired[nodeId] = true;
    }

    function raiseSelfStake(uint256 seed, uint256 amount) external {
        uint64 providerId = _anyProvider(seed);
        _giveSelfStake(providerId, _selfStakeOf(providerId) + bound(amount, 1, 3 * PER_NODE));
    }

    function lowerSelfStake(uint256 seed, uint256 amount) external {
        uint64 providerId = _anyProvider(seed);
        uint256 selfStake = _selfStakeOf(providerId);
        if (selfStake == 0) return;
        _takeSelfStake(providerId, selfStake - bound(amount, 1, selfStake));
    }

    function unstakeSelf(uint256 seed, uint256 shares) external {
        uint64 providerId = _anyProvider(seed);
        uint256 held = _selfSharesOf(providerId);
        if (held < 1e18 || _unstaked[providerId] == UNBONDING_MAX) return;
        ++_unstaked[providerId];
        _unstakeSelf(providerId, bound(shares, 1e18, held));
    }

    function changePriceOfANode(uint256 price) external {
        perNode = bound(price, PER_NODE / 2, 2 * PER_NODE);
        _changeParam(Param.SelfStakePerNode, perNode);
        for (uint64 providerId = 1; providerId <= PROVIDERS; ++providerId) {
            registry.checkSelfStake(providerId);
        }
        _look();
    }

    function jail(uint256 seed, uint256 duration) external {
        uint64 providerId = _anyProvider(seed);
        uint64 until = uint64(block.timestamp + bound(duration, 1, 2 days));
        vm.prank(slasher);
        registry.jail(providerId, until);
    }

    function announceCommission(uint256 seed, uint256 commissionPpm) external {
        uint64 providerId = _anyProvider(seed);
        (uint256 ppm, uint64 fromEpoch) = registry.lastCommissionOf(providerId);
        if (fromEpoch > params.currentEpoch()) return;
        uint256 most = ppm + RISE_MAX < COMMISSION_MAX ? ppm + RISE_MAX : COMMISSION_MAX;
        commissionPpm = bound(commissionPpm, 0, most);
        if (commissionPpm == ppm) return;
        vm.prank(owner);
        registry.announceCommission(providerId, commissionPpm);
    }

    function letTimePass(uint256 duration) external {
        uint256 end = params.epochStart(params.currentEpoch() + 1);
        uint256 next = block.timestamp + bound(duration, 1 hours, 4 days);
        vm.warp(next < end ? next : end);
        _look();
    }

    function keyCount() external view returns (uint256) {
        return keys.length;
    }

    function _activateIfAllowed(uint64 nodeId) private {
        uint64 providerId = registry.nodeOf(nodeId).providerId;
        uint256 count = registry.activeNodesOf(providerId).length + 1;
        bool allowed = !registry.isJailed(providerId) && count <= NODES_MAX
            && _selfStakeOf(providerId) >= perNode * count;
        if (!allowed) return;
        vm.prank(operator);
        registry.activateNode(nodeId);
    }

    /// @dev Notes the commission of the running epoch when it is first seen.
    function _look() private {
        uint64 epoch = params.currentEpoch();
        for (uint64 providerId = 1; providerId <= PROVIDERS; ++providerId) {
            commissionSeen[providerId][epoch] = registry.commissionAt(providerId, epoch);
        }
    }

    function _noteKey(address key, uint64 nodeId) private {
        keys.push(key);
        nodeOfKey[key] = nodeId;
    }

    function _anyProvider(uint256 seed) private pure returns (uint64) {
        return uint64(seed % PROVIDERS) + 1;
    }

    function _anyNode(uint256 seed) private view returns (uint64) {
        uint64 count = registry.nodeCount();
        return count == 0 ? 0 : uint64(seed % count) + 1;
    }

    function _isIn(uint64 nodeId, NodeStatus status) private view returns (bool) {
        return nodeId != 0 && registry.nodeOf(nodeId).status == status;
    }
}
