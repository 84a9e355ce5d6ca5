// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { EpochManagerFixture } from "../EpochManager/EpochManagerFixture.sol";

/// @notice Providers that earn, epochs closed over what they earned, and proofs for what they are owed.
abstract contract RewardDistributorFixture is EpochManagerFixture {
    uint256 internal constant SELF = 100_000e18;
    uint256 internal constant DELEGATED = 300_000e18;
    uint256 internal constant COMMISSION = 100_000;

    struct Leaf {
        uint64 providerId;
        uint256 cumulative;
    }

    address internal owner = makeAddr("owner");

    /// Earned over all epochs, by provider.
    mapping(uint64 providerId => uint256) internal earned;
    uint256 internal earnedTotal;
    uint256 internal withheldTotal;
    /// The leaves behind the root of an epoch.
    mapping(uint64 epoch => Leaf[]) internal leavesOf;

    // Providers

    function _rewardsToOf(uint64 providerId) internal returns (address) {
        return makeAddr(string.concat("rewards of ", vm.toString(providerId)));
    }

    function _newBareProvider(uint256 commissionPpm) internal returns (uint64 providerId) {
        uint64 next = registry.providerCount() + 1;
        address to = _rewardsToOf(next);
        vm.prank(owner);
        providerId = registry.registerProvider(to, commissionPpm, "ipfs://provider");
        assertEq(providerId, next);
    }

    /// @dev With a quarter of the stake behind it its own.
    function _newProvider() internal returns (uint64 providerId) {
        providerId = _newBareProvider(COMMISSION);
        _giveSelfStake(providerId, SELF);
        _giveDelegation(providerId, DELEGATED);
    }

    function _announceCommission(uint64 providerId, uint256 commissionPpm) internal returns (uint64) {
        vm.prank(owner);
        return registry.announceCommission(providerId, commissionPpm);
    }

    // Epochs

    function _earn(uint64 providerId, uint256 amount) internal {
        earned[providerId] += amount;
        earnedTotal += amount;
    }

    /// @dev Posts the last ended epoch with a leaf for every provider; funds what is missing for its totals.
    function _postEarned() internal returns (uint64 epoch) {
        epoch = params.currentEpoch() - 1;
        for (uint64 id = 1; id <= registry.providerCount(); ++id) {
            leavesOf[epoch].push(Leaf(id, earned[id]));
        }
        _postLeaves(epoch, earnedTotal);
    }

    /// @dev Posts `epoch` with the leaves noted for it.
    function _postLeaves(uint64 epoch, uint256 payoutsTotal) internal {
        uint256 funded = distributor.fundedTotal();
        if (payoutsTotal + withheldTotal > funded) _fund(payoutsTotal + withheldTotal - funded);
        bytes32 root = _rootOf(_hashesOf(leavesOf[epoch]));
        _post(_roots(epoch, root, uint128(payoutsTotal), uint128(withheldTotal)));
    }

    /// @dev Ends the running epoch, posts it with what was earned, and waits until it is active.
    function _closeEpoch() internal returns (uint64 epoch) {
        _skipEpochs(1);
        epoch = _postEarned();
        _activate(epoch);
    }

    // Pushing

    function _cumulativeAt(uint64 providerId, uint64 epoch) internal view returns (uint256) {
        return leavesOf[epoch][_indexOf(providerId, epoch)].cumulative;
    }

    function _proofOf(uint64 providerId, uint64 epoch) internal view returns (bytes32[] memory) {
        return _proof(_hashesOf(leavesOf[epoch]), _indexOf(providerId, epoch));
    }

    function _push(uint64 providerId, uint64 epoch) internal returns (uint256) {
        return
            distributor.push(providerId, epoch, _cumulativeAt(providerId, epoch), _proofOf(providerId, epoch));
    }

    function _payout(uint64 providerId, uint64 epoch)
        internal
        view
        returns (IRewardDistributor.Payout memory)
    {
        return IRewardDistributor.Payout({
            providerId: providerId,
            epoch: epoch,
            cumulative: _cumulativeAt(providerId, epoch),
            proof: _proofOf(providerId, epoch)
        });
    }

    /// @dev The next call must bring the delegators of a provider exactly this.
    function _expectReward(uint64 providerId, uint256 amount) internal {
        vm.expectCall(address(pool), abi.encodeCall(IStakingPool.addReward, (providerId, amount)), 1);
    }

    function _expectNoReward() internal {
        vm.expectCall(address(pool), abi.encodeWithSelector(IStakingPool.addReward.selector), 0);
    }

    function _indexOf(uint64 providerId, uint64 epoch) private view returns (uint256) {
        Leaf[] storage leaves = leavesOf[epoch];
        for (uint256 i = 0; i < leaves.length; ++i) {
            if (leaves[i].providerId == providerId) return i;
        }
        revert("no leaf");
    }

    // Trees

    function _hashesOf(Leaf[] storage leaves) private view returns (bytes32[] memory hashes) {
        hashes = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            hashes[i] = _leafHash(leaves[i].providerId, leaves[i].cumulative);
        }
    }

    function _leafHash(uint64 providerId, uint256 cumulative) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(providerId, cumulative))));
    }

    function _rootOf(bytes32[] memory level) internal pure returns (bytes32) {
        if (level.length == 0) return 0;
        while (level.length > 1) {
            level = _parents(level);
        }
        return level[0];
    }

    function _proof(bytes32[] memory level, uint256 index) internal pure returns (bytes32[] memory proof) {
        bytes32[] memory found = new bytes32[](32);
        uint256 depth = 0;
        while (level.length > 1) {
            uint256 sibling = index ^ 1;
            if (sibling < level.length) found[depth++] = level[sibling];
            level = _parents(level);
            index /= 2;
        }
        proof = new bytes32[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = found[i];
        }
    }

    /// @dev An odd last node rises as it is.
    function _parents(bytes32[] memory level) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[]((level.length + 1) / 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            bool paired = 2 * i + 1 < level.length;
            parents[i] = paired ? Hashes.commutativeKeccak256(level[2 * i], level[2 * i + 1]) : level[2 * i];
        }
    }

    // Books

    /// @dev What must hold after every call.
    function _assertBooks() internal view {
        uint256 held = distributor.held(ankr);
        assertEq(
            held, distributor.fundedTotal() - distributor.paidTotal() - distributor.withheldSwept(), "held"
        );
        assertEq(held + distributor.surplusOf(ankr), ankr.balanceOf(address(distributor)), "balance");
    }
}
