// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Test } from "forge-std/Test.sol";
import { IEpochManager } from "../../src/rewards/IEpochManager.sol";
import { RewardDistributor } from "../../src/rewards/RewardDistributor.sol";
import { RewardDistributorHandler } from "./RewardDistributorHandler.sol";

abstract contract RewardInvariants is Test {
    RewardDistributorHandler internal handler;
    RewardDistributor internal distributor;
    IEpochManager internal epochs;
    IERC20 internal ankr;

    function setUp() public virtual {
        handler = new RewardDistributorHandler();
        handler.setUp();
        (distributor, epochs, ankr) = handler.parts();
        bytes4[] memory selectors = new bytes4[](14);
        selectors[0] = handler.routeFees.selector;
        selectors[1] = handler.donate.selector;
        selectors[2] = handler.fund.selector;
        selectors[3] = handler.earn.selector;
        selectors[4] = handler.post.selector;
        selectors[5] = handler.disable.selector;
        selectors[6] = handler.push.selector;
        selectors[7] = handler.pushMany.selector;
        selectors[8] = handler.sweepWithheld.selector;
        selectors[9] = handler.stake.selector;
        selectors[10] = handler.unstake.selector;
        selectors[11] = handler.announceCommission.selector;
        selectors[12] = handler.letTimePass.selector;
        selectors[13] = handler.withdrawStake.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
        targetContract(address(handler));
    }

    function _assertBooks() internal {
        uint256 funded = distributor.fundedTotal();
        uint256 paid = distributor.paidTotal();
        uint256 swept = distributor.withheldSwept();
        assertLe(paid + swept, funded, "solvent");
        assertEq(distributor.held(ankr), funded - paid - swept, "held");
        assertEq(
            distributor.held(ankr),
            ankr.balanceOf(address(distributor)) - distributor.surplusOf(ankr),
            "held is the balance less what came unasked"
        );
        assertEq(handler.gotByTreasury(), swept, "treasury got what was withheld, and only that");
        _assertPaid(paid);
    }

    function _assertPaid(uint256 paid) private {
        uint256 sum = 0;
        uint256 got = handler.gotByPool();
        for (uint64 id = 1; id <= handler.PROVIDERS(); ++id) {
            (uint256 paidToOne,) = distributor.paidOf(id);
            sum += paidToOne;
            got += handler.gotOf(id);
        }
        assertEq(sum, paid, "payments sum up");
        assertEq(got, paid, "providers and delegators got what was paid, to the unit");
        assertFalse(handler.paidFell(), "what is paid and by which epoch never falls");
    }

    function _assertWithinNewestActive() internal view {
        (uint64 epoch, bool any) = epochs.latestActive();
        (, uint256 payoutsTotal, uint256 withheldTotal) = epochs.payoutsOf(epoch);
        if (!any) (payoutsTotal, withheldTotal) = (0, 0);
        assertLe(distributor.paidTotal(), payoutsTotal, "no root is overpaid");
        assertLe(distributor.withheldSwept(), withheldTotal, "no more is swept than was withheld");
    }
}

/// @notice With verifiers whose leaves sum to their totals, besides what holds with any verifiers:
/// 1. Whatever was pushed in whatever order and from whichever epochs, each provider's leaf of the newest active epoch
///    pays all that is new in it.
/// 2. When all are pushed and swept, what is left is what no active root has allotted.
contract RewardDistributorHonestInvariants is RewardInvariants {
    /// forge-config: default.invariant.runs = 32
    function invariant_EveryLeafOfTheNewestRootIsPaidInFull() external {
        (uint64 epoch, bool any) = epochs.latestActive();
        if (any) {
            for (uint64 id = 1; id <= handler.PROVIDERS(); ++id) {
                (uint256 paid,) = distributor.paidOf(id);
                uint256 cumulative = handler.cumulativeAt(id, epoch);
                assertLe(paid, cumulative, "nobody is paid more than its leaf");
                if (paid < cumulative) assertEq(handler.dueOf(id, epoch), cumulative - paid, "payable");
            }
        }
        _assertBooks();
        _assertWithinNewestActive();
    }

    function afterInvariant() external {
        handler.payEverything();
        (uint64 epoch,) = epochs.latestActive();
        (, uint256 payoutsTotal, uint256 withheldTotal) = epochs.payoutsOf(epoch);
        if (!epochs.isActive(epoch)) (payoutsTotal, withheldTotal) = (0, 0);
        uint256 unallotted = distributor.fundedTotal() - payoutsTotal - withheldTotal;
        assertEq(distributor.held(ankr), unallotted, "all that is allotted has left");
    }
}

/// @notice With verifiers that may sign any leaves at all:
/// 1. Paid and swept together never exceed what was funded.
/// 2. What is held is what was funded less both, and the balance less what came unasked.
/// 3. Paid never exceeds the payouts of the newest active root, swept never what it withheld.
/// 4. Payments sum up to what providers and the pool got; the treasury got what was swept.
/// 5. What a provider was paid never falls, nor does the epoch it was paid by.
contract RewardDistributorInvariants is RewardInvariants {
    function setUp() public override {
        super.setUp();
        bytes4[] memory lying = new bytes4[](1);
        lying[0] = handler.postOverPromising.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: lying }));
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_WhateverVerifiersSignTheBooksHold() external {
        _assertBooks();
        _assertWithinNewestActive();
    }
}
