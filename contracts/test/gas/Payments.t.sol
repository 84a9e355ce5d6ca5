// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../src/payments/IEscrow.sol";
import { FeeBucket, IFeeRouter } from "../../src/payments/IFeeRouter.sol";
import { IRateFeed } from "../../src/payments/IRateFeed.sol";
import { IEpochManager } from "../../src/rewards/IEpochManager.sol";
import { IRewardDistributor } from "../../src/rewards/IRewardDistributor.sol";
import { StakeKind } from "../../src/staking/IStakingPool.sol";
import { Tree } from "../invariant/economy/Tree.sol";
import { GasFixture } from "./GasFixture.sol";

/// @notice What consumers, verifiers and keepers pay.
contract Gas_Payments_Test is GasFixture {
    uint256 private constant BATCH = 100;
    /// As deep as a tree of 16,384 accounts, and of 1,024 providers.
    uint256 private constant ACCOUNTS_DEPTH = 14;
    uint256 private constant PROVIDERS_DEPTH = 10;

    address private keeper = makeAddr("keeper");
    address private consumer = makeAddr("consumer");
    address private buyer = makeAddr("buyer");
    uint64 private id;

    function setUp() public override {
        super.setUp();
        address owner = makeAddr("owner");
        vm.prank(owner);
        id = registry.registerProvider(makeAddr("rewards"), 100_000, "ipfs://provider");
        _give(owner, address(pool), 100_000e18);
        vm.prank(owner);
        pool.stake(id, StakeKind.Self, 100_000e18, 0);
        address delegator = makeAddr("delegator");
        _give(delegator, address(pool), 50_000e18);
        vm.prank(delegator);
        pool.stake(id, StakeKind.Delegated, 50_000e18, 0);
        _give(consumer, address(ankrEscrow), 100_000e18);
        _give(buyer, address(feeRouter), 1_000_000e18);
    }

    function test_AConsumerComesAndGoes() external {
        address to = address(ankrEscrow);
        bytes memory deposit = abi.encodeCall(IEscrow.deposit, (5000e18, keccak256("key")));
        _measure("deposit, first", consumer, to, deposit);
        _measure("deposit, again", consumer, to, abi.encodeCall(IEscrow.deposit, (100e18, bytes32(0))));
        bytes memory ask = abi.encodeCall(IEscrow.requestWithdraw, (uint256(5100e18)));
        _measure("requestWithdraw", consumer, to, ask);
        vm.warp(block.timestamp + 3 days);
        _measure("withdraw deposit", consumer, to, abi.encodeCall(IEscrow.withdraw, (consumer)));
    }

    function test_ChargesArePostedAndApplied() external {
        for (uint256 i = 0; i < BATCH; i++) {
            _give(_account(i), address(ankrEscrow), 2000e18);
            vm.prank(_account(i));
            ankrEscrow.deposit(1000e18, "key");
        }
        // The second charge is the common one: no slot is written for the first time.
        (uint64 rootId, IEscrow.ChargeLeaf[] memory leaves) = _postCharges(1e18, "");
        ankrEscrow.applyCharges(rootId, leaves);
        (rootId, leaves) = _postCharges(2e18, "postChargeRoot");
        IEscrow.ChargeLeaf[] memory one = new IEscrow.ChargeLeaf[](1);
        one[0] = leaves[0];
        uint256 snapshot = vm.snapshotState();
        uint256 alone = _measure("applyCharges, 1 leaf", keeper, address(ankrEscrow), _applyCall(rootId, one));
        vm.revertToState(snapshot);
        uint256 all =
            _measure("applyCharges, 100 leaves", keeper, address(ankrEscrow), _applyCall(rootId, leaves));
        _compare("applyCharges, each further leaf", (all - alone) / (BATCH - 1));
    }

    function test_AnEpochIsPostedAndPaid() external {
        _arrive(10_000e18);
        (bytes32 root, bytes32[] memory proof) =
            _deep(Tree.leaf(abi.encode(id, uint256(1000e18))), PROVIDERS_DEPTH);
        _postEpoch(0, root, "post an epoch, first");
        _measure("push, first", keeper, address(distributor), _pushCall(0, 1000e18, proof));
        (root, proof) = _deep(Tree.leaf(abi.encode(id, uint256(3000e18))), PROVIDERS_DEPTH);
        _postEpoch(1, root, "post an epoch, again");
        _measure("push, again", keeper, address(distributor), _pushCall(1, 3000e18, proof));
        _measure(
            "sweepWithheld",
            keeper,
            address(distributor),
            abi.encodeCall(IRewardDistributor.sweepWithheld, ())
        );
    }

    function test_FeesAreRoutedAndStablecoinIsSold() external {
        _arrive(1000e18);
        _fundAnkr(address(feeRouter), 1000e18);
        _measure("route", keeper, address(feeRouter), abi.encodeCall(IFeeRouter.route, ()));
        bytes memory release = abi.encodeCall(IFeeRouter.release, (FeeBucket.Grants));
        _measure("release a bucket", keeper, address(feeRouter), release);
        vm.warp(block.timestamp + 1 minutes);
        _measure("post a rate, 2 quotes", keeper, address(rateFeed), _rateCall());
        _fundStable(address(feeRouter), 5000e6);
        bytes memory start = abi.encodeCall(IFeeRouter.startAuction, ());
        _measure("startAuction", keeper, address(feeRouter), start);
        vm.warp(block.timestamp + 1 hours);
        bytes memory buy = abi.encodeCall(IFeeRouter.buy, (1000e6, type(uint256).max));
        _measure("buy a part of a lot", buyer, address(feeRouter), buy);
    }

    function _postCharges(uint128 total, string memory name)
        private
        returns (uint64 rootId, IEscrow.ChargeLeaf[] memory leaves)
    {
        vm.warp(block.timestamp + 12 hours);
        bytes32[] memory hashes = new bytes32[](BATCH);
        for (uint256 i = 0; i < BATCH; i++) {
            hashes[i] = Tree.leaf(abi.encode(_account(i), uint32(0), total));
        }
        bytes32 inner = Tree.rootOf(hashes);
        // 100 leaves make a tree of depth 7; what is above makes it as deep as that of many accounts.
        (bytes32 root, bytes32[] memory above) = _deep(inner, ACCOUNTS_DEPTH - 7);
        leaves = new IEscrow.ChargeLeaf[](BATCH);
        for (uint256 i = 0; i < BATCH; i++) {
            leaves[i] = IEscrow.ChargeLeaf(_account(i), 0, total, _joined(Tree.proofOf(hashes, i), above));
        }
        uint64 periodEnd = uint64(block.timestamp);
        bytes[] memory signatures = _chargeSignatures(ankrEscrow, root, "data", periodEnd);
        rootId = ankrEscrow.chargeRootCount() + 1;
        bytes memory post = abi.encodeCall(IEscrow.postChargeRoot, (root, "data", periodEnd, signatures));
        if (bytes(name).length > 0) _measure(name, keeper, address(ankrEscrow), post);
        else ankrEscrow.postChargeRoot(root, "data", periodEnd, signatures);
        vm.warp(ankrEscrow.chargeRootOf(rootId).applicableAt);
    }

    function _postEpoch(uint64 epoch, bytes32 root, string memory name) private {
        vm.warp(params.epochStart(epoch + 1));
        IEpochManager.EpochRoots memory roots = IEpochManager.EpochRoots({
            epoch: epoch,
            chargesRoot: "charges",
            payoutsRoot: root,
            performanceRoot: "performance",
            receiptsRoot: "receipts",
            tariffHash: "tariff",
            dataHash: "data",
            payoutsTotal: 3000e18 * (uint128(epoch) + 1),
            withheldTotal: 100e18 * (uint128(epoch) + 1)
        });
        bytes memory post = abi.encodeCall(IEpochManager.post, (roots, _epochSignatures(roots)));
        _measure(name, keeper, address(epochs), post);
        vm.warp(block.timestamp + 48 hours);
    }

    function _rateCall() private view returns (bytes memory) {
        uint256[] memory quotes = new uint256[](2);
        bytes[] memory signatures = new bytes[](2);
        for (uint256 i = 0; i < 2; i++) {
            quotes[i] = INITIAL_RATE + i * 1e12;
            signatures[i] = _quoteSignature(rateKeys[i], quotes[i], uint64(block.timestamp));
        }
        return abi.encodeCall(IRateFeed.post, (uint64(block.timestamp), quotes, signatures));
    }

    /// @dev Fees that have passed the router.
    function _arrive(uint256 amount) private {
        _fundAnkr(address(feeRouter), amount);
        feeRouter.route();
        vm.warp(block.timestamp + 1 minutes);
    }

    function _give(address who, address spender, uint256 amount) private {
        // Wallets are not emptied, so no slot of the token is cleared by chance.
        _fundAnkr(who, amount * 2);
        vm.prank(who);
        ankr.approve(spender, type(uint256).max);
    }

    function _applyCall(uint64 rootId, IEscrow.ChargeLeaf[] memory leaves)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IEscrow.applyCharges, (rootId, leaves));
    }

    function _pushCall(uint64 epoch, uint256 cumulative, bytes32[] memory proof)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(IRewardDistributor.push, (id, epoch, cumulative, proof));
    }

    function _joined(bytes32[] memory one, bytes32[] memory other)
        private
        pure
        returns (bytes32[] memory all)
    {
        all = new bytes32[](one.length + other.length);
        for (uint256 i = 0; i < all.length; i++) {
            all[i] = i < one.length ? one[i] : other[i - one.length];
        }
    }

    function _account(uint256 i) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("account", i)))));
    }
}
