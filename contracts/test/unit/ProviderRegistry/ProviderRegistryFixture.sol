// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { Test } from "forge-std/Test.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ParamStore } from "../../../src/governance/ParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { IProviderRegistry, NodeStatus, NodeType } from "../../../src/staking/IProviderRegistry.sol";
import { StakeKind } from "../../../src/staking/IStakingPool.sol";
import { ProviderRegistry } from "../../../src/staking/ProviderRegistry.sol";
import { StakingPool } from "../../../src/staking/StakingPool.sol";
import { AnkrToken } from "../../../src/token/AnkrToken.sol";

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
    ParamStore internal params;
    AccessManager internal manager;

    address internal owner = makeAddr("owner");
    address internal operator = makeAddr("operator");
    address internal stranger = makeAddr("stranger");
    address internal rewardsTo = makeAddr("rewardsTo");
    address internal admissions = makeAddr("admissions");
    address internal slasher = makeAddr("slasher");

    AnkrToken private _ankr;
    StakingPool private _pool;
    uint256 private _keysMade;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(address(this));
        _ankr = new AnkrToken(address(this), 10_000_000_000e18);
        params = new ParamStore(address(manager), _initialParams());
        StakingPool predicted =
            StakingPool(vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1));
        registry = new ProviderRegistry(address(manager), params, predicted);
        _pool = new StakingPool(address(manager), params, registry, _ankr, makeAddr("treasury"));
        assertEq(address(_pool), address(predicted));

        _allow(Roles.ADMISSIONS, admissions, address(registry), registry.admitNode.selector);
        _allow(Roles.ADMISSIONS, admissions, address(registry), registry.rejectNode.selector);
        _allow(Roles.SLASHER, slasher, address(registry), registry.jail.selector);
        _allow(Roles.SLASHER, slasher, address(_pool), _pool.slash.selector);
    }

    /// @dev Raises the provider's active self-stake to `amount`.
    function _giveSelfStake(uint64 providerId, uint256 amount) internal {
        uint256 missing = amount - _selfStakeOf(providerId);
        if (missing > 0) _stake(registry.ownerOf(providerId), providerId, StakeKind.Self, missing);
    }

    /// @dev Lowers the provider's active self-stake to `amount`, whereupon the pool lets the registry check it. To a
    /// little more when some of it is unbonding, as that bears its part.
    function _takeSelfStake(uint64 providerId, uint256 amount) internal {
        uint256 excess = _selfStakeOf(providerId) - amount;
        vm.prank(slasher);
        _pool.slash(providerId, excess, 0);
    }

    /// @dev The owner starts to unbond `shares` of the self-stake, whereupon the pool lets the registry check it.
    function _unstakeSelf(uint64 providerId, uint256 shares) internal returns (uint64 requestId) {
        vm.prank(registry.ownerOf(providerId));
        return _pool.unstake(providerId, StakeKind.Self, shares, 0);
    }

    /// @dev Unbonds all self-stake and all that a delegator has, and withdraws both when their dates have come.
    function _leave(uint64 providerId, address delegator) internal returns (uint256 self, uint256 delegated) {
        uint64 selfRequest = _unstakeSelf(providerId, _selfSharesOf(providerId));
        uint256 shares = _pool.sharesOf(providerId, StakeKind.Delegated, delegator);
        vm.prank(delegator);
        uint64 request = _pool.unstake(providerId, StakeKind.Delegated, shares, 0);
        vm.warp(_pool.requestOf(selfRequest).withdrawableAt);
        address holder = registry.ownerOf(providerId);
        vm.prank(holder);
        self = _pool.withdraw(selfRequest, holder);
        vm.prank(delegator);
        delegated = _pool.withdraw(request, delegator);
    }

    function _giveDelegation(uint64 providerId, address delegator, uint256 amount) internal {
        _stake(delegator, providerId, StakeKind.Delegated, amount);
    }

    function _selfStakeOf(uint64 providerId) internal view returns (uint256) {
        return _pool.activeOf(providerId, StakeKind.Self);
    }

    function _selfSharesOf(uint64 providerId) internal view returns (uint256) {
        return _pool.sharesOf(providerId, StakeKind.Self, address(0));
    }

    /// @dev Changes a parameter; the next epoch has begun afterwards.
    function _changeParam(Param param, uint256 value) internal {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(param, value);
        params.announce(changes, params.currentEpoch() + 1);
        _skipEpochs(1);
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

    function _stake(address holder, uint64 providerId, StakeKind kind, uint256 amount) private {
        _ankr.transfer(holder, amount);
        vm.startPrank(holder);
        _ankr.approve(address(_pool), amount);
        _pool.stake(providerId, kind, amount, 0);
        vm.stopPrank();
    }

    /// @dev Few nodes, so that a test reaches the most allowed; all else as by default, said once more.
    function _initialParams() private pure returns (IParamStore.Change[] memory changes) {
        changes = new IParamStore.Change[](8);
        changes[0] = IParamStore.Change(Param.EpochSeconds, EPOCH);
        changes[1] = IParamStore.Change(Param.SelfStakePerNode, PER_NODE);
        changes[2] = IParamStore.Change(Param.NodesPerProviderMax, NODES_MAX);
        changes[3] = IParamStore.Change(Param.TopUpSeconds, TOP_UP);
        changes[4] = IParamStore.Change(Param.JailSecondsMax, JAIL_MAX);
        changes[5] = IParamStore.Change(Param.CommissionMaxPpm, COMMISSION_MAX);
        changes[6] = IParamStore.Change(Param.CommissionRiseMaxPpm, RISE_MAX);
        changes[7] = IParamStore.Change(Param.CommissionNoticeEpochs, NOTICE);
    }

    function _allow(uint64 role, address account, address target, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
        manager.grantRole(role, account, 0);
    }
}
