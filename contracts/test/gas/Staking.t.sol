// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeType } from "../../src/staking/IProviderRegistry.sol";
import { IStakingPool, StakeKind } from "../../src/staking/IStakingPool.sol";
import { ProviderRegistry } from "../../src/staking/ProviderRegistry.sol";
import { GasFixture } from "./GasFixture.sol";

/// @notice What owners, delegators and the slasher pay.
contract Gas_Staking_Test is GasFixture {
    address private owner = makeAddr("owner");
    address private first = makeAddr("first delegator");
    address private delegator = makeAddr("delegator");
    uint64 private id;

    function setUp() public override {
        super.setUp();
        id = registry.providerCount() + 1;
        _register();
        _fund(owner, 300_000e18);
        _fund(first, 10_000e18);
        _fund(delegator, 10_000e18);
        vm.prank(owner);
        pool.stake(id, StakeKind.Self, 200_000e18, 0);
        // Somebody delegates already: the common case.
        vm.prank(first);
        pool.stake(id, StakeKind.Delegated, 5000e18, 0);
        vm.warp(block.timestamp + 1 days);
    }

    function test_ADelegatorComesAndGoes() external {
        _measure("stake, first", delegator, address(pool), _stakeCall(StakeKind.Delegated, 2000e18));
        vm.warp(block.timestamp + 1 hours);
        _measure("stake, again", delegator, address(pool), _stakeCall(StakeKind.Delegated, 2000e18));
        _reward(700e18);
        vm.warp(block.timestamp + 1 days);
        bytes memory claim = abi.encodeCall(IStakingPool.claim, (id, delegator));
        _measure("claim, first", delegator, address(pool), claim);
        vm.warp(block.timestamp + 1 days);
        _measure("claim, again", delegator, address(pool), claim);
        vm.warp(block.timestamp + 1 days);
        _measure(
            "claimAndRestake",
            delegator,
            address(pool),
            abi.encodeCall(IStakingPool.claimAndRestake, (id, uint256(0)))
        );
        vm.warp(block.timestamp + 1 hours);
        bytes memory part =
            abi.encodeCall(IStakingPool.unstake, (id, StakeKind.Delegated, uint256(1000e18), uint256(0)));
        _measure("unstake, a part", delegator, address(pool), part);
        vm.warp(block.timestamp + 1 hours);
        bytes memory cancel = abi.encodeCall(IStakingPool.cancelUnbonding, (uint64(1), uint256(0)));
        _measure("cancelUnbonding", delegator, address(pool), cancel);
        vm.warp(block.timestamp + 1 hours);
        uint256 all = pool.sharesOf(id, StakeKind.Delegated, delegator);
        _measure(
            "unstake, everything",
            delegator,
            address(pool),
            abi.encodeCall(IStakingPool.unstake, (id, StakeKind.Delegated, all, uint256(0)))
        );
        vm.warp(block.timestamp + 30 days);
        bytes memory withdraw = abi.encodeCall(IStakingPool.withdraw, (uint64(2), delegator));
        _measure("withdraw stake", delegator, address(pool), withdraw);
    }

    function test_AProviderBegins() external {
        address other = makeAddr("other owner");
        bytes memory register =
            abi.encodeCall(ProviderRegistry.registerProvider, (other, uint256(100_000), "ipfs://provider"));
        _measure("registerProvider", other, address(registry), register);
        _measure("stake, self", owner, address(pool), _stakeCall(StakeKind.Self, 100_000e18));
        uint256 secret = uint256(keccak256("node"));
        bytes memory node = abi.encodeCall(
            ProviderRegistry.registerNode, (id, _profile(), vm.addr(secret), _nodeKeyProof(secret, id))
        );
        _measure("registerNode", owner, address(registry), node);
        vm.prank(owner);
        registry.requestAudit(1);
        bytes memory admit = abi.encodeCall(ProviderRegistry.admitNode, (uint64(1)));
        _measure("admitNode", admissions, address(registry), admit);
        bytes memory activate = abi.encodeCall(ProviderRegistry.activateNode, (uint64(1)));
        _measure("activateNode", owner, address(registry), activate);
        bytes memory commission = abi.encodeCall(ProviderRegistry.announceCommission, (id, uint256(120_000)));
        _measure("announceCommission", owner, address(registry), commission);
        bytes memory slash = abi.encodeCall(IStakingPool.slash, (id, uint256(1000e18), uint256(10e18)));
        _measure("slash", slasher, address(pool), slash);
    }

    function _stakeCall(StakeKind kind, uint256 amount) private view returns (bytes memory) {
        return abi.encodeCall(IStakingPool.stake, (id, kind, amount, uint256(0)));
    }

    function _register() private {
        vm.prank(owner);
        registry.registerProvider(owner, 100_000, "ipfs://provider");
    }

    function _reward(uint256 amount) private {
        _fundAnkr(address(pool), amount);
        vm.prank(address(distributor));
        pool.addReward(id, amount);
    }

    function _fund(address who, uint256 amount) private {
        // Wallets are not emptied, so no slot of the token is cleared or first written by chance.
        _fundAnkr(who, amount * 2);
        vm.prank(who);
        ankr.approve(address(pool), type(uint256).max);
    }

    function _profile() private pure returns (IProviderRegistry.NodeProfile memory) {
        bytes32[] memory chains = new bytes32[](1);
        chains[0] = "eth";
        return
            IProviderRegistry.NodeProfile(NodeType.Full, keccak256("url"), "eu-west", chains, "ipfs://node");
    }
}
