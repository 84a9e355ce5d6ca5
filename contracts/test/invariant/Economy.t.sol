// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IFeeRouter } from "../../src/payments/IFeeRouter.sol";
import { IStakingPool, StakeKind } from "../../src/staking/IStakingPool.sol";
import { FeeRouter } from "../../src/payments/FeeRouter.sol";
import { Custody } from "../../src/libraries/Custody.sol";
import { StakingPool } from "../../src/staking/StakingPool.sol";
import { EconomyHandler } from "./economy/EconomyHandler.sol";

/// @notice Over the whole economy no unit of any token is created, lost or stuck.
///
/// 1. Nobody holds ANKR or stablecoin that did not come from the first supply: all balances sum to the supply.
/// 2. Each contract holds exactly what it owes and keeps, plus gifts: what it counts as held equals the sum of its
///    liabilities, asked for one by one.
/// 3. What consumers paid in is with them, in the escrow, or was charged; what was charged is with providers,
///    stakers, buckets, buyers, or burned.
/// 4. No price of a share is above one, and nobody's stake sums to more than the bucket.
contract EconomyInvariants is Test {
    EconomyHandler internal world;
    /// Asked for once: the books are read after every call, and a million calls are made.
    IERC20 private ankr;
    IERC20 private stable;
    FeeRouter private router;
    StakingPool private pool;
    Custody[6] private custodians;
    address[] private holders;

    function setUp() external {
        world = new EconomyHandler();
        _remember();
        targetContract(address(world));
        bytes4[] memory selectors = new bytes4[](28);
        selectors[0] = world.stake.selector;
        selectors[1] = world.unstake.selector;
        selectors[2] = world.cancelUnbonding.selector;
        selectors[3] = world.withdrawStake.selector;
        selectors[4] = world.claim.selector;
        selectors[5] = world.slash.selector;
        selectors[6] = world.lock.selector;
        selectors[7] = world.release.selector;
        selectors[8] = world.jail.selector;
        selectors[9] = world.addNode.selector;
        selectors[10] = world.moveNode.selector;
        selectors[11] = world.changeCommission.selector;
        selectors[12] = world.deposit.selector;
        selectors[13] = world.requestWithdraw.selector;
        selectors[14] = world.finishWithdraw.selector;
        selectors[15] = world.postCharges.selector;
        selectors[16] = world.applyCharges.selector;
        selectors[17] = world.postRate.selector;
        selectors[18] = world.auction.selector;
        selectors[19] = world.postEpoch.selector;
        selectors[20] = world.push.selector;
        selectors[21] = world.upkeep.selector;
        selectors[22] = world.wait.selector;
        selectors[23] = world.gift.selector;
        selectors[24] = world.changeParam.selector;
        selectors[25] = world.slashBond.selector;
        selectors[26] = world.disableCharges.selector;
        selectors[27] = world.disableEpoch.selector;
        targetSelector(FuzzSelector(address(world), selectors));
    }

    /// @dev One campaign for all of them, so that each sequence is judged by each.
    function invariant_TheBooksBalance() external view {
        _assertAllBalancesSumToTheSupply();
        _assertEveryContractHoldsWhatItOwes();
        _assertFeesComeFromConsumersAndGoWhereTheSplitSays();
        _assertPayoutsNeverExceedWhatWasFunded();
        _assertRewardsAreOwedExactly();
        _assertNoShareIsWorthMoreThanOne();
        _assertActiveNodesAreCoveredBySelfStake();
    }

    function _remember() private {
        (ankr, stable) = (world.ankrToken(), world.stableToken());
        (router, pool) = (world.router(), world.stakingPool());
        (address[12] memory contracts, address[] memory people) = world.parts();
        for (uint256 i = 0; i < contracts.length; i++) {
            if (i < 6) custodians[i] = Custody(contracts[i]);
            holders.push(contracts[i]);
        }
        for (uint256 i = 0; i < people.length; i++) {
            holders.push(people[i]);
        }
    }

    function _assertAllBalancesSumToTheSupply() private view {
        uint256 inAnkr;
        uint256 inStable;
        for (uint256 i = 0; i < holders.length; i++) {
            inAnkr += ankr.balanceOf(holders[i]);
            inStable += stable.balanceOf(holders[i]);
        }
        assertEq(inAnkr, ankr.totalSupply(), "ANKR");
        assertEq(inStable, stable.totalSupply(), "stablecoin");
    }

    function _assertEveryContractHoldsWhatItOwes() private view {
        assertEq(custodians[0].held(ankr), world.poolLiabilities(), "staking pool");
        assertEq(custodians[1].held(ankr), world.escrowBalances(false), "ANKR escrow");
        assertEq(custodians[2].held(stable), world.escrowBalances(true), "stablecoin escrow");
        assertEq(custodians[3].held(ankr), world.accruedTotal(), "fee router, ANKR");
        IFeeRouter.Auction memory auction = router.auction();
        assertEq(custodians[3].held(stable), router.stablePending() + auction.lot, "fee router, stablecoin");
        assertEq(custodians[4].held(ankr), world.distributorLiabilities(), "distributor");
        assertEq(custodians[5].held(ankr), world.bondTotal(), "signer sets");
        for (uint256 i = 0; i < 6; i++) {
            // Reverts where a balance falls short of what is held.
            custodians[i].surplusOf(ankr);
            custodians[i].surplusOf(stable);
        }
    }

    /// @dev What the escrows and the router hold is what they owe: that is asserted before.
    function _assertFeesComeFromConsumersAndGoWhereTheSplitSays() private view {
        assertEq(
            world.deposited(), world.charged() + world.withdrawn() + custodians[1].held(ankr), "ANKR deposits"
        );
        assertEq(
            world.stableDeposited(),
            world.stableCharged() + world.stableWithdrawn() + custodians[2].held(stable),
            "stablecoin deposits"
        );
        assertEq(
            world.charged() + world.auctionPaid() + world.giftsRouted(),
            router.providersTotal() + custodians[3].held(ankr) + world.released() + world.burned(),
            "ANKR fees"
        );
    }

    function _assertPayoutsNeverExceedWhatWasFunded() private view {
        (uint256 paid, uint256 funded) = world.paidAndWithheld();
        assertLe(paid, funded);
    }

    /// To the fraction of a base unit: what is owed, carried and still to flow is what is kept.
    function _assertRewardsAreOwedExactly() private view {
        for (uint256 i = 0; i < 3; i++) {
            (uint256 kept, uint256 owed) = world.rewardRays(i);
            assertEq(kept, owed);
        }
        assertEq(world.delegationTotal(), pool.delegatedTotal());
    }

    function _assertNoShareIsWorthMoreThanOne() private view {
        address[] memory delegators = world.delegatorList();
        for (uint256 i = 0; i < 3; i++) {
            (uint64 id,,) = world.stakeTotals(i);
            for (uint256 kind = 0; kind < 2; kind++) {
                IStakingPool.BucketState memory bucket = pool.bucketOf(id, StakeKind(kind));
                assertLe(bucket.active, bucket.shares, "active");
                assertLe(bucket.unbonding, bucket.unbondingShares, "unbonding");
            }
            IStakingPool.BucketState memory delegated = pool.bucketOf(id, StakeKind.Delegated);
            uint256 sum;
            for (uint256 j = 0; j < delegators.length; j++) {
                sum += pool.stakeOf(id, StakeKind.Delegated, delegators[j]);
            }
            assertLe(sum, delegated.active, "stakes");
        }
    }

    function _assertActiveNodesAreCoveredBySelfStake() private view {
        for (uint256 i = 0; i < 3; i++) {
            assertTrue(world.nodesCovered(i));
        }
    }

    /// @dev Sequences that do nothing would prove nothing: over a long one every action has acted.
    function test_EveryActionActs() external {
        bytes4[] memory selectors = targetSelectors()[0].selectors;
        for (uint256 i = 0; i < 20_000; i++) {
            uint256 chance = uint256(keccak256(abi.encode("chance", i)));
            bytes4 selector = selectors[chance % selectors.length];
            // A flag is zero or one, and stands second, third or last; whatever stands there otherwise is taken as it comes.
            bool acted = _act(selector, chance, type(uint256).max, type(uint256).max)
                || _act(selector, chance, type(uint256).max, 1)
                || _act(selector, chance, 1, type(uint256).max);
            if (!acted) _act(selector, chance, 1, 1);
        }
        _assertEveryContractHoldsWhatItOwes();
        string[34] memory expected = [
            "stake",
            "unstake",
            "cancelUnbonding",
            "withdrawStake",
            "claim",
            "claimAndRestake",
            "slash",
            "lock",
            "release",
            "jail",
            "addNode",
            "activateNode",
            "drainNode",
            "retireNode",
            "announceCommission",
            "deposit",
            "requestWithdraw",
            "cancelWithdraw",
            "withdraw",
            "postChargeRoot",
            "disableChargeRoot",
            "applyCharges",
            "postRate",
            "startAuction",
            "buy",
            "postEpoch",
            "disableEpoch",
            "push",
            "sweepWithheld",
            "sweepSurplus",
            "release bucket",
            "payIdleReward",
            "changeParam",
            "slashBond"
        ];
        for (uint256 i = 0; i < expected.length; i++) {
            assertGt(world.acted(bytes32(bytes(expected[i]))), 0, expected[i]);
        }
    }

    function _act(bytes4 selector, uint256 chance, uint256 secondMask, uint256 thirdMask)
        private
        returns (bool ok)
    {
        uint256[6] memory words;
        for (uint256 j = 0; j < 6; j++) {
            words[j] = uint256(keccak256(abi.encode(chance, j)));
        }
        words[1] &= secondMask;
        words[2] &= thirdMask;
        words[5] &= 1;
        (ok,) = address(world).call(bytes.concat(selector, abi.encode(words)));
    }
}
