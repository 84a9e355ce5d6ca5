// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { Test } from "forge-std/Test.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { IProviderRegistry, NodeStatus, NodeType } from "../../../src/staking/IProviderRegistry.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { ProviderRegistry } from "../../../src/staking/ProviderRegistry.sol";

contract ParamsStandIn {
    uint64 private immutable _start = uint64(block.timestamp);
    mapping(Param => uint256) public get;

    function set(Param param, uint256 value) external {
        get[param] = value;
    }

    function currentEpoch() external view returns (uint64) {
        return uint64((block.timestamp - _start) / get[Param.EpochSeconds]);
    }

    function epochStart(uint64 epoch) external view returns (uint256) {
        return _start + epoch * get[Param.EpochSeconds];
    }
}

contract PoolStandIn {
    mapping(uint64 => mapping(StakeKind => uint256)) public activeOf;

    function set(uint64 providerId, StakeKind kind, uint256 amount) external {
        activeOf[providerId][kind] = amount;
    }
}

/// @notice A registry among its neighbours. Tests reach the neighbours through these functions only.
abstract contract ProviderRegistryFixture is Test {
    uint256 internal constant EPOCH = 7 days;
    uint256 internal constant PER_NODE = 100_000e18;
    uint256 internal constant NODES_MAX = 5;
    uint256 internal constant TOP_UP = 7 days;
    uint256 internal constant JAIL_MAX = 30 days;
    uint256 internal constant COMMISSION_MAX = 300_000;
    uint256 internal constant RISE_MAX = 50_000;
    uint256 internal constant NOTICE = 2;
    uint256 internal constant COMMISSION = 100_000;

    ProviderRegistry internal registry;
    IParamStore internal params;
    AccessManager internal manager;

    address internal owner = makeAddr("owner");
    address internal operator = makeAddr("operator");
    address internal stranger = makeAddr("stranger");
    address internal rewardsTo = makeAddr("rewardsTo");
    address internal admissions = makeAddr("admissions");
    address internal slasher = makeAddr("slasher");

    ParamsStandIn private _params;
    PoolStandIn private _pool;
    uint256 private _keysMade;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _params = new ParamsStandIn();
        _params.set(Param.EpochSeconds, EPOCH);
        _params.set(Param.SelfStakePerNode, PER_NODE);
        _params.set(Param.NodesPerProviderMax, NODES_MAX);
        _params.set(Param.TopUpSeconds, TOP_UP);
        _params.set(Param.JailSecondsMax, JAIL_MAX);
        _params.set(Param.CommissionMaxPpm, COMMISSION_MAX);
        _params.set(Param.CommissionRiseMaxPpm, RISE_MAX);
        _params.set(Param.CommissionNoticeEpochs, NOTICE);
        _pool = new PoolStandIn();
        params = IParamStore(address(_params));

        manager = new AccessManager(address(this));
        registry = new ProviderRegistry(address(manager), params, IStakingPool(address(_pool)));
        _allow(Roles.ADMISSIONS, admissions, registry.admitNode.selector);
        _allow(Roles.ADMISSIONS, admissions, registry.rejectNode.selector);
        _allow(Roles.SLASHER, slasher, registry.jail.selector);
    }

    /// @dev Raises the provider's active self-stake to `amount`.
    function _giveSelfStake(uint64 providerId, uint256 amount) internal {
        _pool.set(providerId, StakeKind.Self, amount);
    }

    /// @dev Lowers the provider's active self-stake to `amount`, whereupon the registry checks it.
    function _takeSelfStake(uint64 providerId, uint256 amount) internal {
        _pool.set(providerId, StakeKind.Self, amount);
        registry.checkSelfStake(providerId);
    }

    function _giveDelegation(uint64 providerId, uint256 amount) internal {
        _pool.set(providerId, StakeKind.Delegated, amount);
    }

    function _selfStakeOf(uint64 providerId) internal view returns (uint256) {
        return _pool.activeOf(providerId, StakeKind.Self);
    }

    /// @dev Changes a parameter; the next epoch has begun afterwards.
    function _changeParam(Param param, uint256 value) internal {
        _skipEpochs(1);
        _params.set(param, value);
    }

    /// @dev To the first second of an epoch ahead.
    function _skipEpochs(uint64 count) internal {
        vm.warp(params.epochStart(params.currentEpoch() + count));
    }

    function _newProvider() internal returns (uint64) {
        return _newProviderOf(owner);
    }

    /// @dev A provider with one operator.
    function _newProviderOf(address holder) internal returns (uint64 providerId) {
        vm.startPrank(holder);
        providerId = registry.registerProvider(rewardsTo, COMMISSION, "ipfs://provider");
        registry.setOperator(providerId, operator, true);
        vm.stopPrank();
    }

    function _newKey() internal returns (address key, uint256 secret) {
        return makeAddrAndKey(string.concat("node key ", vm.toString(++_keysMade)));
    }

    function _profile() internal pure returns (IProviderRegistry.NodeProfile memory profile) {
        profile.nodeType = NodeType.Archive;
        profile.urlHash = keccak256("https://node.example");
        profile.region = "eu-west";
        profile.chains = new bytes32[](2);
        profile.chains[0] = "eth";
        profile.chains[1] = "polygon";
        profile.metadataUri = "ipfs://node";
    }

    function _registeredNode(uint64 providerId) internal returns (uint64) {
        (address key, uint256 secret) = _newKey();
        bytes memory proof = _keyProof(providerId, key, secret);
        vm.prank(operator);
        return registry.registerNode(providerId, _profile(), key, proof);
    }

    function _candidateNode(uint64 providerId) internal returns (uint64 nodeId) {
        nodeId = _registeredNode(providerId);
        vm.prank(operator);
        registry.requestAudit(nodeId);
    }

    function _admittedNode(uint64 providerId) internal returns (uint64 nodeId) {
        nodeId = _candidateNode(providerId);
        vm.prank(admissions);
        registry.admitNode(nodeId);
    }

    function _activeNode(uint64 providerId) internal returns (uint64 nodeId) {
        nodeId = _admittedNode(providerId);
        vm.prank(operator);
        registry.activateNode(nodeId);
    }

    function _activeNodes(uint64 providerId, uint256 count) internal returns (uint64[] memory nodeIds) {
        nodeIds = new uint64[](count);
        _giveSelfStake(providerId, count * PER_NODE);
        for (uint256 i = 0; i < count; ++i) {
            nodeIds[i] = _activeNode(providerId);
        }
    }

    function _drainingNode(uint64 providerId) internal returns (uint64 nodeId) {
        nodeId = _activeNodes(providerId, 1)[0];
        vm.prank(operator);
        registry.drainNode(nodeId);
    }

    function _retiredNode(uint64 providerId) internal returns (uint64 nodeId) {
        nodeId = _registeredNode(providerId);
        vm.prank(operator);
        registry.retireNode(nodeId);
    }

    /// @dev A fresh node in any status but None.
    function _nodeIn(uint64 providerId, NodeStatus status) internal returns (uint64) {
        if (status == NodeStatus.Registered) return _registeredNode(providerId);
        if (status == NodeStatus.Candidate) return _candidateNode(providerId);
        if (status == NodeStatus.Admitted) return _admittedNode(providerId);
        if (status == NodeStatus.Active) return _activeNodes(providerId, 1)[0];
        if (status == NodeStatus.Draining) return _drainingNode(providerId);
        return _retiredNode(providerId);
    }

    function _keyProof(uint64 providerId, address key, uint256 secret) internal view returns (bytes memory) {
        return _keyProofFor(address(registry), block.chainid, providerId, key, secret);
    }

    /// @dev Written out once more, so that a change of the typed data is noticed.
    function _keyProofFor(address verifying, uint256 chainId, uint64 providerId, address key, uint256 secret)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("MooringProviderRegistry"),
                keccak256("1"),
                chainId,
                verifying
            )
        );
        bytes32 message = keccak256(
            abi.encode(keccak256("NodeKey(uint64 providerId,address signingKey)"), providerId, key)
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(secret, keccak256(abi.encodePacked("\x19\x01", domain, message)));
        return abi.encodePacked(r, s, v);
    }

    function _assertStatus(uint64 nodeId, NodeStatus status) internal view {
        assertEq(uint256(registry.nodeOf(nodeId).status), uint256(status), "status");
    }

    function _assertActive(uint64 providerId, uint64[] memory expected) internal view {
        uint64[] memory active = registry.activeNodesOf(providerId);
        assertEq(active.length, expected.length, "active nodes");
        for (uint256 i = 0; i < expected.length; ++i) {
            assertEq(active[i], expected[i], "active node");
        }
    }

    function _ids() internal pure returns (uint64[] memory) {
        return new uint64[](0);
    }

    function _ids(uint64 a) internal pure returns (uint64[] memory ids) {
        ids = new uint64[](1);
        ids[0] = a;
    }

    function _ids(uint64 a, uint64 b) internal pure returns (uint64[] memory ids) {
        ids = new uint64[](2);
        ids[0] = a;
        ids[1] = b;
    }

    function _expectUnknownProvider(uint64 providerId) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryUnknownProvider.selector, providerId)
        );
    }

    function _expectUnknownNode(uint64 nodeId) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryUnknownNode.selector, nodeId)
        );
    }

    function _expectNotOwner(uint64 providerId, address caller) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryNotOwner.selector, providerId, caller)
        );
    }

    function _expectNotOperator(uint64 providerId, address caller) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryNotOperator.selector, providerId, caller)
        );
    }

    function _expectWrongStatus(uint64 nodeId, NodeStatus status) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistryWrongStatus.selector, nodeId, status)
        );
    }

    function _expectBadProfile(bytes32 what) internal {
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.ProviderRegistryBadProfile.selector, what));
    }

    function _allow(uint64 role, address account, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(address(registry), selectors, role);
        manager.grantRole(role, account, 0);
    }
}
