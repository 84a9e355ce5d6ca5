// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IEpochManager } from "../../src/rewards/IEpochManager.sol";
import { IRewardDistributor } from "../../src/rewards/IRewardDistributor.sol";
import { RewardDistributor } from "../../src/rewards/RewardDistributor.sol";
import { StakeKind } from "../../src/staking/IStakingPool.sol";
import { RewardDistributorFixture } from "../unit/RewardDistributor/RewardDistributorFixture.sol";

/// @notice Does what escrow, verifiers, guardian, providers, stakers, keepers and strangers can do, and notes what must
/// never change. No action reverts: what the rules refuse is left out.
contract RewardDistributorHandler is RewardDistributorFixture {
    uint64 public constant PROVIDERS = 3;
    uint256 private constant BATCH = 4;
    uint256 private constant REQUESTS_MAX = 32;

    /// Every epoch that was ever posted, disabled ones included.
    uint64[] public everPosted;
    /// Of an epoch that was seen active, the hash of its roots.
    mapping(uint64 epoch => bytes32) public activeRootsOf;
    mapping(uint64 providerId => uint256) public paidSeenOf;
    mapping(uint64 providerId => uint64) public lastEpochSeenOf;
    bool public paidFell;

    function setUp() public override {
        super.setUp();
        for (uint64 i = 0; i < PROVIDERS; ++i) {
            _newProvider();
        }
    }

    // Views of the test

    function parts() external view returns (RewardDistributor, IEpochManager, IERC20) {
        return (distributor, epochs, ankr);
    }

    function everPostedCount() external view returns (uint256) {
        return everPosted.length;
    }

    function gotOf(uint64 providerId) external returns (uint256) {
        return ankr.balanceOf(_rewardsToOf(providerId));
    }

    function gotByPool() external view returns (uint256) {
        return _rewardsInPool();
    }

    function gotByTreasury() external view returns (uint256) {
        return ankr.balanceOf(treasury);
    }

    /// @notice What a provider's leaf in an epoch would pay now, as a push says; reverts as a push would.
    function dueOf(uint64 providerId, uint64 epoch) external view returns (uint256) {
        return
            distributor.dueOf(
                providerId, epoch, _cumulativeAt(providerId, epoch), _proofOf(providerId, epoch)
            );
    }

    function cumulativeAt(uint64 providerId, uint64 epoch) external view returns (uint256) {
        return _cumulativeAt(providerId, epoch);
    }

    // Money in

    function routeFees(uint256 amount) external {
        _routeFees(bound(amount, 1, 1e24));
    }

    function donate(uint256 amount) external {
        _fundAnkr(address(distributor), bound(amount, 1, 1e24));
    }

    function fund() external {
        if (distributor.surplusOf(ankr) > 0) distributor.fund();
    }

    // Epochs

    /// @dev Allots some of what is funded and not allotted yet to each provider, and withholds some.
    function earn(uint256 seed, uint256 withheld) external {
        for (uint64 id = 1; id <= PROVIDERS; ++id) {
            uint256 free = distributor.fundedTotal() - earnedTotal - withheldTotal;
            _earn(id, bound(uint256(keccak256(abi.encode(seed, id))), 0, free) / 2);
        }
        withheldTotal += bound(withheld, 0, distributor.fundedTotal() - earnedTotal - withheldTotal) / 2;
    }

    function post(uint256 seed) external {
        _postNext(seed, 0);
    }

    /// @dev A root whose leaves promise more than its total.
    function postOverPromising(uint256 seed, uint256 excess) external {
        _postNext(seed, bound(excess, 1, 1e25));
    }

    /// @dev One call in three, or hardly an epoch would live to be paid.
    function disable(uint256 seed) external {
        (uint64 epoch, bool any) = epochs.latest();
        if (seed % 3 > 0 || !any || epochs.isActive(epoch)) return;
        seed /= 3;
        // The newest, or with it some that waited longer.
        for (uint256 i = everPosted.length; i > 0 && seed % 3 > 0; --i) {
            uint64 older = everPosted[i - 1];
            (, uint64 activeAt) = epochs.rootsOf(older);
            if (activeAt > block.timestamp) epoch = older;
            seed /= 3;
        }
        _disable(epoch);
    }

    // Money out

    /// @dev The first provider that an active epoch owes something, from any on.
    function push(uint256 seed) external {
        (uint64 epoch, bool any) = _anyActiveEpoch(seed / PROVIDERS);
        for (uint256 i = 0; any && i < PROVIDERS; ++i) {
            uint64 id = _anyProvider(seed % PROVIDERS + i);
            try this.dueOf(id, epoch) {
                _push(id, epoch);
                break;
            } catch { }
        }
        _look();
    }

    function pushMany(uint256 seed) external {
        IRewardDistributor.Payout[] memory payouts = new IRewardDistributor.Payout[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            (uint64 epoch, bool any) = _anyActiveEpoch(seed >> (16 * i));
            if (!any) return;
            payouts[i] = _payout(_anyProvider(seed >> (16 * i + 8)), epoch);
            if ((seed >> (240 + i)) % 2 == 1) payouts[i].cumulative += 1;
        }
        distributor.pushMany(payouts);
        _look();
    }

    function sweepWithheld() external {
        (uint64 epoch, bool any) = epochs.latestActive();
        if (!any) return;
        (,, uint256 withheld) = epochs.payoutsOf(epoch);
        if (withheld > distributor.withheldSwept()) distributor.sweepWithheld();
    }

    /// @notice For the end of a run: all that the newest active epoch allots.
    function payEverything() external {
        (uint64 epoch, bool any) = epochs.latestActive();
        if (!any) return;
        IRewardDistributor.Payout[] memory payouts = new IRewardDistributor.Payout[](PROVIDERS);
        for (uint64 id = 1; id <= PROVIDERS; ++id) {
            payouts[id - 1] = _payout(id, epoch);
        }
        distributor.pushMany(payouts);
        (,, uint256 withheld) = epochs.payoutsOf(epoch);
        if (withheld > distributor.withheldSwept()) distributor.sweepWithheld();
    }

    // What providers and stakers do meanwhile

    function stake(uint256 seed, uint256 amount) external {
        uint64 id = _anyProvider(seed);
        amount = bound(amount, 1_000e18, 1e25);
        if (seed % 2 == 0) _giveSelfStake(id, amount);
        else _giveDelegation(id, amount);
    }

    function unstake(uint256 seed) external {
        uint64 id = _anyProvider(seed);
        (StakeKind kind, address holder) = _anyPosition(seed);
        if (pool.sharesOf(id, kind, holder) == 0) return;
        if (pool.openRequestsOf(id, kind, holder).length >= REQUESTS_MAX) return;
        if (kind == StakeKind.Self) _takeSelfStake(id);
        else _takeDelegation(id);
    }

    function withdrawStake(uint256 seed) external {
        uint64 id = _anyProvider(seed);
        (StakeKind kind, address holder) = _anyPosition(seed);
        uint64[] memory requests = pool.openRequestsOf(id, kind, holder);
        for (uint256 i = 0; i < requests.length; ++i) {
            if (pool.requestOf(requests[i]).withdrawableAt <= block.timestamp) _withdrawStake(requests[i]);
        }
    }

    function announceCommission(uint256 seed, uint256 commissionPpm) external {
        uint64 id = _anyProvider(seed);
        (uint256 from, uint64 since) = registry.lastCommissionOf(id);
        if (since > params.currentEpoch()) return;
        uint256 highest = from + COMMISSION_RISE_MAX > 300_000 ? 300_000 : from + COMMISSION_RISE_MAX;
        commissionPpm = bound(commissionPpm, 0, highest);
        if (commissionPpm != from) _announceCommission(id, commissionPpm);
    }

    function letTimePass(uint256 time) external {
        skip(bound(time, 1, 2 * EPOCH));
        _look();
    }

    // Choice

    function _anyProvider(uint256 seed) private pure returns (uint64) {
        return uint64(seed % PROVIDERS) + 1;
    }

    function _anyPosition(uint256 seed) private view returns (StakeKind, address) {
        return seed % 2 == 0 ? (StakeKind.Self, NOBODY) : (StakeKind.Delegated, delegator);
    }

    function _anyActiveEpoch(uint256 seed) private view returns (uint64 epoch, bool any) {
        uint256 count = everPosted.length;
        for (uint256 i = 0; i < count; ++i) {
            epoch = everPosted[(seed % count + i) % count];
            if (epochs.isActive(epoch)) return (epoch, true);
        }
    }

    function _postNext(uint256 seed, uint256 excess) private {
        (uint64 epoch, bool any) = epochs.latest();
        uint64 next = any ? epoch + 1 : 0;
        uint64 current = params.currentEpoch();
        if (next >= current) return;
        next = uint64(bound(seed, next, current - 1));
        delete leavesOf[next];
        for (uint64 id = 1; id <= PROVIDERS; ++id) {
            leavesOf[next].push(Leaf(id, earned[id] + (id == seed % PROVIDERS + 1 ? excess : 0)));
        }
        _postLeaves(next, earnedTotal);
        everPosted.push(next);
    }

    /// @dev Notes what has become active and what is paid.
    function _look() private {
        for (uint256 i = 0; i < everPosted.length; ++i) {
            uint64 epoch = everPosted[i];
            if (activeRootsOf[epoch] != 0 || !epochs.isActive(epoch)) continue;
            (IEpochManager.EpochRoots memory roots,) = epochs.rootsOf(epoch);
            activeRootsOf[epoch] = keccak256(abi.encode(roots));
        }
        for (uint64 id = 1; id <= PROVIDERS; ++id) {
            (uint256 paid, uint64 lastEpoch) = distributor.paidOf(id);
            if (paid < paidSeenOf[id] || lastEpoch < lastEpochSeenOf[id]) paidFell = true;
            paidSeenOf[id] = paid;
            lastEpochSeenOf[id] = lastEpoch;
        }
    }
}
