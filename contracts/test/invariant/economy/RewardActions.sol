// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { Tree } from "./Tree.sol";
import { World } from "./World.sol";

/// @notice Epochs that are closed, missed, disabled and paid.
abstract contract RewardActions is World {
    struct EpochPayouts {
        uint64 epoch;
        uint256[3] cumulative;
        bytes32[] hashes;
    }

    EpochPayouts[] private _epochs;

    function postEpoch(uint256 seed, uint256[3] calldata parts) external {
        uint64 current = params.currentEpoch();
        (uint64 latest, bool any) = epochs.latest();
        if (current == 0 || (any && latest >= current - 1)) return;
        uint256 paid;
        uint256 withheld;
        IEpochManager.EpochRoots memory roots;
        if (any) {
            (roots,) = epochs.rootsOf(latest);
            paid = roots.payoutsTotal;
            withheld = roots.withheldTotal;
        }
        uint256 free = distributor.fundedTotal() - paid - withheld;
        EpochPayouts storage made = _epochs.push();
        made.epoch = current - 1;
        uint256[3] memory before = _lastCumulative(latest, any);
        uint256 shared;
        for (uint256 i = 0; i < 3; i++) {
            uint256 part = bound(parts[i], 0, free / 4);
            made.cumulative[i] = before[i] + part;
            made.hashes.push(Tree.leaf(abi.encode(providerIds[i], made.cumulative[i])));
            shared += part;
        }
        roots = IEpochManager.EpochRoots({
            epoch: made.epoch,
            chargesRoot: "charges",
            payoutsRoot: Tree.rootOf(made.hashes),
            performanceRoot: "performance",
            receiptsRoot: "receipts",
            tariffHash: "tariff",
            dataHash: "data",
            payoutsTotal: uint128(paid + shared),
            withheldTotal: uint128(withheld + bound(seed, 0, free - shared))
        });
        epochs.post(roots, _epochSignatures(roots));
        _did("postEpoch");
    }

    function disableEpoch(uint256 seed) external {
        if (seed % 5 != 0) return;
        (uint64 latest, bool any) = epochs.latest();
        if (!any || epochs.isActive(latest)) return;
        vm.prank(guardian);
        epochs.disable(latest);
        _did("disableEpoch");
    }

    function push(uint256 seed) external {
        if (_epochs.length == 0) return;
        EpochPayouts storage made = _epochs[_epochs.length - 1 - (seed % 3) % _epochs.length];
        if (!epochs.isActive(made.epoch)) return;
        (IEpochManager.EpochRoots memory roots,) = epochs.rootsOf(made.epoch);
        if (roots.payoutsRoot != Tree.rootOf(made.hashes)) return;
        uint256 i = (seed >> 8) % 3;
        (uint256 paid, uint64 lastEpoch) = distributor.paidOf(providerIds[i]);
        if (made.cumulative[i] <= paid || made.epoch < lastEpoch) return;
        distributor.push(providerIds[i], made.epoch, made.cumulative[i], Tree.proofOf(made.hashes, i));
        _did("push");
    }

    function _sweepWithheld() internal {
        (uint64 epoch, bool any) = epochs.latestActive();
        if (!any) return;
        (IEpochManager.EpochRoots memory roots,) = epochs.rootsOf(epoch);
        if (roots.withheldTotal <= distributor.withheldSwept()) return;
        distributor.sweepWithheld();
        _did("sweepWithheld");
    }

    /// @dev The payouts of the epoch that stands last, which a disabled one is not.
    function _lastCumulative(uint64 latest, bool any) private view returns (uint256[3] memory none) {
        if (!any) return none;
        (IEpochManager.EpochRoots memory roots,) = epochs.rootsOf(latest);
        for (uint256 i = _epochs.length; i > 0; i--) {
            EpochPayouts storage made = _epochs[i - 1];
            if (
                made.hashes.length == 3 && made.epoch == latest
                    && Tree.rootOf(made.hashes) == roots.payoutsRoot
            ) {
                return made.cumulative;
            }
        }
        return none;
    }
}
