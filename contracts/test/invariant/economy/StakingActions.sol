// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "../../../src/governance/Params.sol";
import { NodeStatus, NodeType, IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { World } from "./World.sol";

/// @notice Whatever owners, delegators and the slasher can do with stake and nodes. An action that cannot be done now
/// is left out, so that none reverts.
abstract contract StakingActions is World {
    uint256 private _nodeKeys;
    uint256 private _locks;
    bytes32[] private _openLocks;

    function stake(uint256 seed, uint256 amount, bool self) external {
        uint64 id = _pickProvider(seed);
        StakeKind kind = self ? StakeKind.Self : StakeKind.Delegated;
        (address caller,) = _holder(id, kind, seed >> 8);
        if (!self && registry.isJailed(id)) return;
        amount = bound(amount, self ? 1 : params.get(Param.DelegationMin), 500_000e18);
        if (amount > ankr.balanceOf(caller)) return;
        vm.prank(caller);
        pool.stake(id, kind, amount, 0);
        _did("stake");
    }

    function unstake(uint256 seed, uint256 part, bool self) external {
        uint64 id = _pickProvider(seed);
        StakeKind kind = self ? StakeKind.Self : StakeKind.Delegated;
        (address caller, address key) = _holder(id, kind, seed >> 8);
        uint256 shares = pool.sharesOf(id, kind, key);
        if (shares == 0) return;
        if (pool.openRequestsOf(id, kind, key).length >= params.get(Param.UnbondingRequestsMax)) return;
        uint256 wanted = bound(part, 1, shares);
        uint256 left = pool.stakeOf(id, kind, key) - pool.stakeOf(id, kind, key) * wanted / shares;
        if (!self && left < params.get(Param.DelegationMin) + 1) wanted = shares;
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, kind);
        uint256 amount = wanted * bucket.active / bucket.shares;
        if (amount == 0) return;
        if (bucket.unbonding > 0 && amount * bucket.unbondingShares / bucket.unbonding == 0) return;
        vm.prank(caller);
        pool.unstake(id, kind, wanted, 0);
        _did("unstake");
    }

    function cancelUnbonding(uint256 seed, bool self) external {
        (bool found, uint64 requestId, address caller) = _request(seed, self);
        if (!found || pool.requestValueOf(requestId) == 0) return;
        vm.prank(caller);
        pool.cancelUnbonding(requestId, 0);
        _did("cancelUnbonding");
    }

    function withdrawStake(uint256 seed, bool self) external {
        (bool found, uint64 requestId, address caller) = _request(seed, self);
        if (!found) return;
        IStakingPool.UnbondingRequest memory request = pool.requestOf(requestId);
        if (block.timestamp < request.withdrawableAt) return;
        IStakingPool.BucketState memory bucket = pool.bucketOf(request.providerId, request.kind);
        uint256 value = pool.requestValueOf(requestId);
        if (value > 0 && uint256(bucket.active) + bucket.unbonding - value < bucket.locked) return;
        vm.prank(caller);
        pool.withdraw(requestId, caller);
        _did("withdrawStake");
    }

    function claim(uint256 seed, bool restake) external {
        uint64 id = _pickProvider(seed);
        address caller = _pick(delegators, seed >> 8);
        uint256 earned = pool.earned(id, caller);
        if (earned == 0) return;
        bool fits =
            pool.stakeOf(id, StakeKind.Delegated, caller) + earned > params.get(Param.DelegationMin) + 1;
        bool again = restake && fits && !registry.isJailed(id);
        vm.prank(caller);
        if (again) {
            pool.claimAndRestake(id, 0);
            _did("claimAndRestake");
        } else {
            pool.claim(id, caller);
            _did("claim");
        }
    }

    function slash(uint256 seed, uint256 selfPart, uint256 delegatedPart) external {
        uint64 id = _pickProvider(seed);
        // Mostly small, now and then nearly or wholly everything, so that generations close.
        uint256 scale = seed % 10 == 0 ? 1 : (seed % 10 < 3 ? 2 : 20);
        uint256 selfAmount = bound(selfPart, 0, _total(id, StakeKind.Self) / scale);
        uint256 delegatedAmount = bound(delegatedPart, 0, _total(id, StakeKind.Delegated) / scale);
        vm.prank(slasher);
        (uint256 a, uint256 b,) = pool.slash(id, selfAmount, delegatedAmount);
        slashed += a + b;
        _did("slash");
    }

    function lock(uint256 seed, uint256 amount, bool self) external {
        uint64 id = _pickProvider(seed);
        uint256 until = block.timestamp + bound(amount >> 16, 1, 5 days);
        bytes32 lockId = keccak256(abi.encode("lock", ++_locks));
        amount = bound(amount, 1, 200_000e18);
        vm.prank(slasher);
        pool.lock(lockId, id, self ? StakeKind.Self : StakeKind.Delegated, amount, uint64(until));
        _openLocks.push(lockId);
        _did("lock");
    }

    function release(uint256 seed) external {
        if (_openLocks.length == 0) return;
        uint256 at_ = seed % _openLocks.length;
        bytes32 lockId = _openLocks[at_];
        _openLocks[at_] = _openLocks[_openLocks.length - 1];
        _openLocks.pop();
        vm.prank(slasher);
        pool.release(lockId);
        _did("release");
    }

    function jail(uint256 seed, uint256 time) external {
        if (seed % 4 != 0) return;
        uint64 until = uint64(block.timestamp + bound(time, 1, 3 days));
        vm.prank(slasher);
        registry.jail(_pickProvider(seed >> 8), until);
        _did("jail");
    }

    function addNode(uint256 seed) external {
        uint64 id = _pickProvider(seed);
        if (registry.nodesOf(id).length >= 8) return;
        address owner = registry.ownerOf(id);
        (address key, bytes memory proof) = _nodeKey(id);
        bytes32[] memory chains = new bytes32[](1);
        chains[0] = "eth";
        IProviderRegistry.NodeProfile memory profile =
            IProviderRegistry.NodeProfile(NodeType.Full, keccak256("url"), "eu-west", chains, "ipfs://node");
        vm.startPrank(owner);
        uint64 nodeId = registry.registerNode(id, profile, key, proof);
        registry.requestAudit(nodeId);
        vm.stopPrank();
        vm.prank(admissions);
        registry.admitNode(nodeId);
        _did("addNode");
    }

    function moveNode(uint256 seed) external {
        uint64 id = _pickProvider(seed);
        uint64[] memory nodes = registry.nodesOf(id);
        if (nodes.length == 0) return;
        uint64 nodeId = nodes[(seed >> 8) % nodes.length];
        NodeStatus status = registry.nodeOf(nodeId).status;
        vm.startPrank(registry.ownerOf(id));
        if (status == NodeStatus.Active) {
            registry.drainNode(nodeId);
            _did("drainNode");
        } else if (status == NodeStatus.Draining && seed % 16 == 0) {
            registry.retireNode(nodeId);
            _did("retireNode");
        } else if ((status == NodeStatus.Admitted || status == NodeStatus.Draining) && _coversOneMore(id)) {
            registry.activateNode(nodeId);
            _did("activateNode");
        }
        vm.stopPrank();
    }

    function changeCommission(uint256 seed, uint256 to) external {
        uint64 id = _pickProvider(seed);
        uint64 epoch = params.currentEpoch();
        (uint256 now_, uint64 from) = registry.lastCommissionOf(id);
        if (from > epoch) return;
        to = bound(to, 0, now_ + 50_000 > 300_000 ? 300_000 : now_ + 50_000);
        if (to == now_) return;
        vm.prank(registry.ownerOf(id));
        registry.announceCommission(id, to);
        _did("announceCommission");
    }

    function _coversOneMore(uint64 id) private view returns (bool) {
        if (registry.isJailed(id)) return false;
        uint256 wanted = registry.activeNodesOf(id).length + 1;
        return pool.activeOf(id, StakeKind.Self) >= wanted * params.get(Param.SelfStakePerNode);
    }

    function _total(uint64 id, StakeKind kind) internal view returns (uint256) {
        IStakingPool.BucketState memory bucket = pool.bucketOf(id, kind);
        return uint256(bucket.active) + bucket.unbonding;
    }

    function _request(uint256 seed, bool self) private view returns (bool, uint64, address) {
        uint64 id = _pickProvider(seed);
        StakeKind kind = self ? StakeKind.Self : StakeKind.Delegated;
        (address caller, address key) = _holder(id, kind, seed >> 8);
        uint64[] memory open = pool.openRequestsOf(id, kind, key);
        if (open.length == 0) return (false, 0, caller);
        return (true, open[(seed >> 16) % open.length], caller);
    }

    function _nodeKey(uint64 id) private returns (address key, bytes memory proof) {
        uint256 secret = uint256(keccak256(abi.encode("node", ++_nodeKeys)));
        key = vm.addr(secret);
        proof = _nodeKeyProof(secret, id);
    }
}
