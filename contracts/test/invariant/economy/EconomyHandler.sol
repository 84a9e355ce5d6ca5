// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Custody } from "../../../src/libraries/Custody.sol";
import { RewardStream } from "../../../src/libraries/RewardStream.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket } from "../../../src/payments/IFeeRouter.sol";
import { StakeKind } from "../../../src/staking/IStakingPool.sol";
import { StakingPool } from "../../../src/staking/StakingPool.sol";
import { PaymentActions } from "./PaymentActions.sol";
import { RewardActions } from "./RewardActions.sol";
import { StakingActions } from "./StakingActions.sol";

/// @notice Everything anybody can do, with time that passes, strangers' gifts and parameters that change.
contract EconomyHandler is StakingActions, PaymentActions, RewardActions {
    address[] private verifiers;
    address[] private gateways;
    address[] private rateSigners;

    constructor() {
        _makeWorld();
        verifiers = _addresses(verifierKeys);
        gateways = _addresses(gatewayKeys);
        rateSigners = _addresses(rateKeys);
    }

    function wait(uint256 time) external {
        // From an hour of work to a silence in which every date passes.
        uint256[6] memory spans = [uint256(1 hours), 6 hours, 1 days, 3 days, 8 days, 30 days];
        vm.warp(block.timestamp + bound(time >> 8, 1, spans[time % 6]));
        _did("wait");
    }

    /// @dev Tokens sent to a contract unasked belong to nobody and must disturb nothing.
    function gift(uint256 seed, uint256 amount) external {
        address[6] memory targets = [
            address(pool),
            address(ankrEscrow),
            address(stableEscrow),
            address(feeRouter),
            address(distributor),
            address(signerSets)
        ];
        address to = targets[seed % 6];
        bool inStable = seed & 256 != 0;
        IERC20 token = inStable ? IERC20(address(stable)) : IERC20(address(ankr));
        amount = bound(amount, 1, inStable ? 100e6 : 1000e18);
        if (token.balanceOf(stranger) < amount) return;
        vm.prank(stranger);
        token.transfer(to, amount);
        if (to == address(feeRouter) && !inStable) routerGifts += amount;
        _did("gift");
    }

    /// @dev What anyone may do at any time, and keepers do.
    function upkeep(uint256 seed) external {
        uint256 supply = ankr.totalSupply();
        if (seed % 4 == 0) _sweep(seed >> 8);
        else if (seed % 4 == 1) _release(seed >> 8);
        else if (seed % 4 == 2) _sweepWithheld();
        else _routeOrPayIdle(seed >> 8);
        burned += supply - ankr.totalSupply();
    }

    function _sweep(uint256 seed) private {
        IERC20 token = seed & 256 != 0 ? IERC20(address(stable)) : IERC20(address(ankr));
        if (seed % 3 == 0 && pool.surplusOf(token) > 0) pool.sweepSurplus(token);
        else if (seed % 3 == 1 && ankrEscrow.surplusOf(token) > 0) ankrEscrow.sweepSurplus(token);
        else if (seed % 3 == 2 && stableEscrow.surplusOf(token) > 0) stableEscrow.sweepSurplus(token);
        else return;
        _did("sweepSurplus");
    }

    function _release(uint256 seed) private {
        FeeBucket bucket = FeeBucket(seed % 4);
        if (feeRouter.accrued(bucket) == 0) return;
        released += feeRouter.release(bucket);
        _did("release bucket");
    }

    function _routeOrPayIdle(uint256 seed) private {
        if (seed & 256 == 0) {
            feeRouter.route();
            if (distributor.surplusOf(ankr) > 0) distributor.fund();
            _did("route");
        } else {
            uint64 id = _pickProvider(seed);
            if (_idleNow(id) == 0) return;
            pool.payIdleReward(id);
            _did("payIdleReward");
        }
    }

    function changeParam(uint256 seed) external {
        (, uint64 waitsFor) = params.waiting();
        if (seed % 8 != 0 || waitsFor != 0) return;
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        uint256 which = (seed >> 8) % 5;
        if (which == 0) {
            changes[0] = IParamStore.Change(Param.EpochSeconds, bound(seed >> 16, 1 days, 8 days));
        }
        if (which == 1) {
            changes[0] = IParamStore.Change(Param.DelegationMin, bound(seed >> 16, 1e18, 5000e18));
        }
        if (which == 2) {
            changes[0] = IParamStore.Change(Param.PeriodCapPpm, bound(seed >> 16, 10_000, 1_000_000));
        }
        if (which == 3) changes[0] = IParamStore.Change(Param.DelegationRatioMax, bound(seed >> 16, 1, 50));
        if (which == 4) {
            changes[0] =
                IParamStore.Change(Param.UnbondingDelegatorSeconds, bound(seed >> 16, 22 days, 28 days));
        }
        uint64 next = params.currentEpoch() + 1;
        vm.prank(address(timelock));
        params.announce(changes, next);
        _did("changeParam");
    }

    function slashBond(uint256 seed, uint256 amount) external {
        address signer = verifiers[seed % 3];
        (uint256 bond,) = signerSets.bondOf(signer);
        vm.prank(slasher);
        slashed += signerSets.slashBond(signer, bound(amount, 0, bond / 10));
        vm.startPrank(vault);
        ankr.approve(address(signerSets), 1e18);
        signerSets.depositBond(signer, 1e18);
        vm.stopPrank();
        _did("slashBond");
    }

    function actionCount() external view returns (uint256) {
        return actions.length;
    }

    function actionAt(uint256 index) external view returns (bytes32 name, uint256 times) {
        return (actions[index], acted[actions[index]]);
    }

    function ankrToken() external view returns (IERC20) {
        return ankr;
    }

    function stableToken() external view returns (IERC20) {
        return stable;
    }

    function router() external view returns (FeeRouter) {
        return feeRouter;
    }

    function stakingPool() external view returns (StakingPool) {
        return pool;
    }

    /// @dev The six that hold tokens, in the order of `parts`.
    function custodian(uint256 index) public view returns (Custody) {
        (address[12] memory contracts,) = parts();
        return Custody(contracts[index]);
    }

    function poolLiabilities() external view returns (uint256 total) {
        for (uint256 i = 0; i < providerIds.length; i++) {
            (uint256 reserve,) = pool.rewardsOf(providerIds[i]);
            total += reserve + _total(providerIds[i], StakeKind.Self)
                + _total(providerIds[i], StakeKind.Delegated);
        }
    }

    function delegationTotal() external view returns (uint256 total) {
        for (uint256 i = 0; i < providerIds.length; i++) {
            total += _total(providerIds[i], StakeKind.Delegated);
        }
    }

    /// @dev Rewards of a provider in 1e-27 of a base unit: what is held, and what everybody is owed or will be.
    function rewardRays(uint256 i) external view returns (uint256 kept, uint256 owed) {
        (uint256 reserve, RewardStream.Stream memory stream) = pool.rewardsOf(providerIds[i]);
        kept = reserve * RewardStream.RAY;
        uint256 until = block.timestamp < stream.end ? block.timestamp : stream.end;
        uint256 flow = until > stream.settledAt ? uint256(stream.rate) * (until - stream.settledAt) : 0;
        uint256 coming = stream.end > until ? uint256(stream.rate) * (stream.end - until) : 0;
        uint256 shares = pool.bucketOf(providerIds[i], StakeKind.Delegated).shares;
        owed = (coming + stream.remainder + stream.idle) * RewardStream.RAY;
        if (until <= stream.settledAt) owed += stream.carry;
        else if (shares == 0) owed += flow * RewardStream.RAY + stream.carry;
        else owed += (flow * RewardStream.RAY + stream.carry) % shares;
        for (uint256 j = 0; j < delegators.length; j++) {
            owed += pool.earnedRaysOf(providerIds[i], delegators[j]);
        }
    }

    function distributorLiabilities() external view returns (uint256) {
        return distributor.fundedTotal() - distributor.paidTotal() - distributor.withheldSwept();
    }

    function paidAndWithheld() external view returns (uint256 paid, uint256 funded) {
        return (distributor.paidTotal() + distributor.withheldSwept(), distributor.fundedTotal());
    }

    function bondTotal() external view returns (uint256 total) {
        for (uint256 i = 0; i < 3; i++) {
            total += _bondOf(verifiers[i]) + _bondOf(gateways[i]) + _bondOf(rateSigners[i]);
        }
    }

    function giftsRouted() external view returns (uint256) {
        return routerGifts - feeRouter.surplusOf(ankr);
    }

    function nodesCovered(uint256 i) external view returns (bool) {
        uint64 id = providerIds[i];
        uint256 needed = registry.activeNodesOf(id).length * params.get(Param.SelfStakePerNode);
        return pool.activeOf(id, StakeKind.Self) >= needed;
    }

    /// @dev What the stream has set aside while nobody delegated, and what flowed so since.
    function _idleNow(uint64 id) private view returns (uint256) {
        (, RewardStream.Stream memory stream) = pool.rewardsOf(id);
        uint256 until = block.timestamp < stream.end ? block.timestamp : stream.end;
        bool nobody = pool.bucketOf(id, StakeKind.Delegated).shares == 0;
        if (!nobody || until <= stream.settledAt) return stream.idle;
        return stream.idle + uint256(stream.rate) * (until - stream.settledAt);
    }

    function _bondOf(address signer) private view returns (uint256 bond) {
        (bond,) = signerSets.bondOf(signer);
    }

    function parts() public view returns (address[12] memory contracts, address[] memory people) {
        contracts = [
            address(pool),
            address(ankrEscrow),
            address(stableEscrow),
            address(feeRouter),
            address(distributor),
            address(signerSets),
            address(registry),
            address(epochs),
            address(rateFeed),
            address(params),
            address(timelock),
            address(bootstrap)
        ];
        uint256 count = owners.length + delegators.length + consumers.length;
        people = new address[](count + 8);
        uint256 next;
        for (uint256 i = 0; i < owners.length; i++) {
            people[next++] = owners[i];
        }
        for (uint256 i = 0; i < delegators.length; i++) {
            people[next++] = delegators[i];
        }
        for (uint256 i = 0; i < consumers.length; i++) {
            people[next++] = consumers[i];
        }
        for (uint256 i = 0; i < 4; i++) {
            people[next++] = recipients[i];
        }
        people[next++] = buyer;
        people[next++] = stranger;
        people[next++] = vault;
        people[next++] = slasher;
    }

    function accruedTotal() external view returns (uint256 total) {
        for (uint256 i = 0; i < 4; i++) {
            total += feeRouter.accrued(FeeBucket(i));
        }
    }

    function escrowBalances(bool inStable) external view returns (uint256 total) {
        for (uint256 i = 0; i < consumers.length; i++) {
            total += _escrow(inStable).accountOf(consumers[i]).balance;
        }
    }

    function stakeTotals(uint256 i) external view returns (uint64 id, uint256 self, uint256 delegated) {
        id = providerIds[i];
        return (id, _total(id, StakeKind.Self), _total(id, StakeKind.Delegated));
    }

    function delegatorList() external view returns (address[] memory) {
        return delegators;
    }
}
