// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FeeBucket } from "../../../src/payments/IFeeRouter.sol";
import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { Governed } from "../../Governed.sol";

/// @notice Epoch manager and reward distributor of the whole system, with what verifiers sign, and fees and stake that
/// come and go.
abstract contract EpochManagerFixture is Governed {
    uint256 internal constant EPOCH = 7 days;
    uint256 internal constant ROOT_DELAY = 2 days;
    uint256 internal constant ROOT_DELAY_MIN = 1 days;
    uint256 internal constant RATIO_MAX = 16;
    uint256 internal constant COMMISSION_RISE_MAX = 50_000;
    uint256 internal constant COMMISSION_NOTICE = 2;
    uint256 internal constant WAITING_MAX = 64;
    uint256 internal constant VERIFIERS = 3;
    uint256 internal constant THRESHOLD = 2;
    /// Self-stake is held by the provider, whoever owns it.
    address internal constant NOBODY = address(0);

    address internal stranger = makeAddr("stranger");
    address internal treasury = makeAddr("treasury");
    address internal delegator = makeAddr("delegator");
    /// What has been staked and not been withdrawn: the rest of the pool's tokens are rewards.
    uint256 internal stakedIn;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _deploySystem();
        assertEq(treasury, recipients[uint256(FeeBucket.Treasury)]);
    }

    // Money

    /// @dev Transfers `amount` to the distributor and books it.
    function _fund(uint256 amount) internal {
        _fundAnkr(address(distributor), amount);
        distributor.fund();
    }

    /// @dev Fees as the escrow brings them.
    function _routeFees(uint256 amount) internal {
        _fundAnkr(address(feeRouter), amount);
        feeRouter.route();
    }

    function _setTreasury(address to) internal {
        vm.prank(address(timelock));
        feeRouter.setRecipient(FeeBucket.Treasury, to);
    }

    // Stake

    function _giveSelfStake(uint64 providerId, uint256 amount) internal {
        _stake(registry.ownerOf(providerId), providerId, StakeKind.Self, amount);
    }

    function _giveDelegation(uint64 providerId, uint256 amount) internal {
        _stake(delegator, providerId, StakeKind.Delegated, amount);
    }

    /// @dev All of it begins to unbond.
    function _takeSelfStake(uint64 providerId) internal {
        uint256 shares = pool.sharesOf(providerId, StakeKind.Self, NOBODY);
        vm.prank(registry.ownerOf(providerId));
        pool.unstake(providerId, StakeKind.Self, shares, 0);
    }

    function _takeDelegation(uint64 providerId) internal {
        uint256 shares = pool.sharesOf(providerId, StakeKind.Delegated, delegator);
        vm.prank(delegator);
        pool.unstake(providerId, StakeKind.Delegated, shares, 0);
    }

    function _withdrawStake(uint64 requestId) internal {
        IStakingPool.UnbondingRequest memory request = pool.requestOf(requestId);
        bool own = request.kind == StakeKind.Self;
        address holder = own ? registry.ownerOf(request.providerId) : request.holder;
        vm.prank(holder);
        stakedIn -= pool.withdraw(requestId, holder);
    }

    /// @dev What delegators were given, whoever of them has claimed it.
    function _rewardsInPool() internal view returns (uint256) {
        return ankr.balanceOf(address(pool)) - stakedIn;
    }

    function _stake(address holder, uint64 providerId, StakeKind kind, uint256 amount) private {
        _fundAnkr(holder, amount);
        stakedIn += amount;
        vm.startPrank(holder);
        ankr.approve(address(pool), amount);
        pool.stake(providerId, kind, amount, 0);
        vm.stopPrank();
    }

    // Time

    /// @dev To the first second of an epoch ahead.
    function _skipEpochs(uint64 count) internal {
        vm.warp(params.epochStart(params.currentEpoch() + count));
    }

    /// @dev To the second in which a posted epoch becomes active, when that lies ahead.
    function _activate(uint64 epoch) internal {
        (, uint64 activeAt) = epochs.rootsOf(epoch);
        if (block.timestamp < activeAt) vm.warp(activeAt);
    }

    // Signing

    function _roots(uint64 epoch, bytes32 payoutsRoot, uint128 payoutsTotal, uint128 withheldTotal)
        internal
        pure
        returns (IEpochManager.EpochRoots memory)
    {
        return IEpochManager.EpochRoots({
            epoch: epoch,
            chargesRoot: keccak256(abi.encode("charges", epoch)),
            payoutsRoot: payoutsRoot,
            performanceRoot: keccak256(abi.encode("performance", epoch)),
            receiptsRoot: keccak256(abi.encode("receipts", epoch)),
            tariffHash: keccak256(abi.encode("tariff", epoch)),
            dataHash: keccak256(abi.encode("data", epoch)),
            payoutsTotal: payoutsTotal,
            withheldTotal: withheldTotal
        });
    }

    /// @dev Roots of which only epoch and totals matter.
    function _roots(uint64 epoch, uint128 payoutsTotal, uint128 withheldTotal)
        internal
        pure
        returns (IEpochManager.EpochRoots memory)
    {
        return _roots(epoch, keccak256(abi.encode("payouts", epoch)), payoutsTotal, withheldTotal);
    }

    /// @dev Written out from the interface, apart from the contract's own hashing.
    function _digestOf(IEpochManager.EpochRoots memory roots, uint64 attempt, uint256 chainId, address target)
        internal
        pure
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("MooringEpochManager"),
                keccak256("1"),
                chainId,
                target
            )
        );
        bytes32 typeHash = keccak256(
            "EpochRoots(uint64 epoch,uint64 attempt,bytes32 chargesRoot,bytes32 payoutsRoot,bytes32 performanceRoot,bytes32 receiptsRoot,bytes32 tariffHash,bytes32 dataHash,uint128 payoutsTotal,uint128 withheldTotal)"
        );
        bytes memory head = abi.encode(
            typeHash, roots.epoch, attempt, roots.chargesRoot, roots.payoutsRoot, roots.performanceRoot
        );
        bytes memory tail = abi.encode(
            roots.receiptsRoot, roots.tariffHash, roots.dataHash, roots.payoutsTotal, roots.withheldTotal
        );
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(bytes.concat(head, tail))));
    }

    function _digestOf(IEpochManager.EpochRoots memory roots) internal view returns (bytes32) {
        return _digestOf(roots, epochs.attempt(), block.chainid, address(epochs));
    }

    /// @dev Of the first `count` verifiers, ascending by address.
    function _signatures(bytes32 digest, uint256 count) internal view returns (bytes[] memory) {
        return _sign(verifierKeys, count, digest);
    }

    function _signatures(bytes32 digest) internal view returns (bytes[] memory) {
        return _signatures(digest, THRESHOLD);
    }

    /// @dev Of as many gateways as there must be verifiers.
    function _gatewaySignatures(bytes32 digest)
        internal
        view
        returns (bytes[] memory signatures, address firstSigner)
    {
        return (_sign(gatewayKeys, THRESHOLD, digest), vm.addr(gatewayKeys[0]));
    }

    // Posting

    function _post(IEpochManager.EpochRoots memory roots) internal {
        epochs.post(roots, _signatures(_digestOf(roots)));
    }

    function _post(uint64 epoch, uint128 payoutsTotal, uint128 withheldTotal) internal {
        _post(_roots(epoch, payoutsTotal, withheldTotal));
    }

    function _disable(uint64 epoch) internal {
        vm.prank(guardian);
        epochs.disable(epoch);
    }
}
