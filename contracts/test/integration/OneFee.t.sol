// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../src/payments/IEscrow.sol";
import { FeeBucket } from "../../src/payments/IFeeRouter.sol";
import { IEpochManager } from "../../src/rewards/IEpochManager.sol";
import { StakeKind } from "../../src/staking/IStakingPool.sol";
import { Signed } from "../Signed.sol";
import { Tree } from "../invariant/economy/Tree.sol";

/// @notice The walk of one fee that `docs/economy.md` describes, with its numbers.
contract OneFeeTest is Signed {
    address private consumer = makeAddr("consumer");
    address private ownerP = makeAddr("owner of P");
    address private rewardsP = makeAddr("rewards of P");
    address private ownerQ = makeAddr("owner of Q");
    address private delegator = makeAddr("delegator");
    address private others = makeAddr("other delegators");

    function setUp() external {
        vm.warp(1_800_000_000);
        _deploySystem();
    }

    function test_OneFeeReachesAStakersWallet() external {
        (uint64 p, uint64 q) = _stake();
        _depositAndCharge();

        // 4. The split, and that it sums to the fee.
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 3.2e18);
        assertEq(feeRouter.accrued(FeeBucket.Grants), 0.8e18);
        assertEq(feeRouter.accrued(FeeBucket.Auditors), 0.8e18);
        assertEq(feeRouter.accrued(FeeBucket.Protection), 1.2e18);
        assertEq(ankr.totalSupply(), SUPPLY - 2e18);
        assertEq(ankr.balanceOf(address(distributor)), 32e18);

        // 5. The epoch: 21.6 for P, 8 for Q, 2.4 withheld.
        bytes32[] memory hashes = new bytes32[](2);
        hashes[0] = Tree.leaf(abi.encode(p, uint256(21.6e18)));
        hashes[1] = Tree.leaf(abi.encode(q, uint256(8e18)));
        IEpochManager.EpochRoots memory roots;
        roots.payoutsRoot = Tree.rootOf(hashes);
        roots.payoutsTotal = 29.6e18;
        roots.withheldTotal = 2.4e18;
        vm.warp(params.epochStart(1));
        epochs.post(roots, _epochSignatures(roots));
        vm.warp(block.timestamp + 48 hours);
        distributor.sweepWithheld();
        assertEq(ankr.balanceOf(recipients[0]), 2.4e18);

        // 6. The push of P: commission and self-stake's part to its rewards address, the rest to the stream.
        distributor.push(p, 0, 21.6e18, Tree.proofOf(hashes, 0));
        assertEq(ankr.balanceOf(rewardsP), 9.936e18);
        distributor.push(q, 0, 8e18, Tree.proofOf(hashes, 1));
        assertEq(ankr.balanceOf(ownerQ), 8e18);
        assertEq(ankr.balanceOf(address(distributor)), 0);

        // 7. The stream has flowed when an epoch's length is over, less what a whole number of base units a second
        // leaves for the next stream.
        vm.warp(block.timestamp + 7 days);
        vm.prank(delegator);
        uint256 claimed = pool.claim(p, delegator);
        assertApproxEqAbs(claimed, 0.03888e18, 7 days);
        assertEq(ankr.balanceOf(delegator), claimed);
    }

    function _stake() private returns (uint64 p, uint64 q) {
        vm.prank(ownerP);
        p = registry.registerProvider(rewardsP, 100_000, "ipfs://p");
        vm.prank(ownerQ);
        q = registry.registerProvider(ownerQ, 0, "ipfs://q");
        _stakeAs(ownerP, p, StakeKind.Self, 200_000e18);
        _stakeAs(ownerQ, q, StakeKind.Self, 100_000e18);
        _stakeAs(delegator, p, StakeKind.Delegated, 1000e18);
        _stakeAs(others, p, StakeKind.Delegated, 299_000e18);
    }

    function _depositAndCharge() private {
        _fundAnkr(consumer, 1000e18);
        vm.startPrank(consumer);
        ankr.approve(address(ankrEscrow), 1000e18);
        ankrEscrow.deposit(1000e18, "key");
        vm.stopPrank();
        bytes32 root = Tree.leaf(abi.encode(consumer, uint32(0), uint128(40e18)));
        vm.warp(block.timestamp + 12 hours);
        uint64 periodEnd = uint64(block.timestamp);
        uint64 rootId = ankrEscrow.postChargeRoot(
            root, "data", periodEnd, _chargeSignatures(ankrEscrow, root, "data", periodEnd)
        );
        vm.warp(block.timestamp + 12 hours);
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](1);
        leaves[0] = IEscrow.ChargeLeaf(consumer, 0, 40e18, new bytes32[](0));
        assertEq(ankrEscrow.applyCharges(rootId, leaves), 40e18);
        assertEq(ankrEscrow.accountOf(consumer).balance, 960e18);
    }

    function _stakeAs(address who, uint64 providerId, StakeKind kind, uint256 amount) private {
        _fundAnkr(who, amount);
        vm.startPrank(who);
        ankr.approve(address(pool), amount);
        pool.stake(providerId, kind, amount, 0);
        vm.stopPrank();
    }
}
