// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEpochManager } from "../../src/rewards/IEpochManager.sol";
import { RewardInvariants } from "./RewardDistributor.t.sol";

/// @notice
/// 1. An epoch that was active stays active, with the same roots.
/// 2. From an older epoch to a newer one neither total and no date falls, whatever was disabled between.
/// 3. No epoch promises more than was funded.
/// 4. Active epochs come before waiting ones, and the newest of each is what the views say.
contract EpochManagerInvariants is RewardInvariants {
    struct Seen {
        uint64 epoch;
        uint64 activeAt;
        uint256 payoutsTotal;
        uint256 withheldTotal;
        bool any;
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_EpochsOnlyGrowAndActiveOnesStay() external view {
        (uint64 latest, bool any) = epochs.latest();
        Seen memory previous;
        Seen memory active;
        for (uint64 epoch = 0; any && epoch <= latest; ++epoch) {
            (IEpochManager.EpochRoots memory roots, uint64 activeAt) = epochs.rootsOf(epoch);
            bytes32 seenActive = handler.activeRootsOf(epoch);
            if (seenActive != 0) assertEq(keccak256(abi.encode(roots)), seenActive, "active roots stay");
            if (activeAt == 0) continue;

            assertEq(roots.epoch, epoch, "stored where it belongs");
            assertGe(activeAt, previous.activeAt, "dates never fall");
            assertGe(roots.payoutsTotal, previous.payoutsTotal, "payouts never fall");
            assertGe(roots.withheldTotal, previous.withheldTotal, "withheld never falls");
            assertLe(uint256(roots.payoutsTotal) + roots.withheldTotal, distributor.fundedTotal(), "funded");
            if (!previous.any) _assertFirst(epoch);
            previous = Seen(epoch, activeAt, roots.payoutsTotal, roots.withheldTotal, true);
            assertEq(epochs.isActive(epoch), activeAt <= block.timestamp, "active by its date");
            if (activeAt <= block.timestamp) active = previous;
        }
        assertEq(any, previous.any, "the newest is there");
        if (any) assertEq(previous.epoch, latest, "the newest is there");
        (uint64 latestActive, bool anyActive) = epochs.latestActive();
        assertEq(anyActive, active.any, "the newest active one");
        assertEq(latestActive, active.epoch, "the newest active one");
    }

    function _assertFirst(uint64 epoch) private view {
        (uint64 first, bool any) = epochs.first();
        assertTrue(any, "the first is there");
        assertEq(first, epoch, "the first is there");
    }
}
