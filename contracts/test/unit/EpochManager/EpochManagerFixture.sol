// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { Test } from "forge-std/Test.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { FeeBucket } from "../../../src/payments/IFeeRouter.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { EpochManager } from "../../../src/rewards/EpochManager.sol";
import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { IRewardDistributor } from "../../../src/rewards/IRewardDistributor.sol";
import { RewardDistributor } from "../../../src/rewards/RewardDistributor.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { ProviderRegistry } from "../../../src/staking/ProviderRegistry.sol";

contract TokenStandIn is ERC20Burnable {
    constructor() ERC20("Token", "TKN") { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

contract ParamsStandIn {
    uint64 private immutable _start = uint64(block.timestamp);
    mapping(Param => uint256) public get;

    function set(Param param, uint256 value) external {
        get[param] = value;
    }

    function currentEpoch() external view returns (uint64) {
        return uint64((block.timestamp - _start) / get[Param.EpochSeconds]);
    }

    function epochStart(uint64 epoch) external view returns (uint256) {
        return _start + epoch * get[Param.EpochSeconds];
    }
}

contract SignerSetsStandIn {
    mapping(SignerRole => mapping(address => bool)) private _members;
    mapping(SignerRole => uint256) private _thresholds;

    function set(SignerRole role, address[] calldata members, uint256 threshold) external {
        _thresholds[role] = threshold;
        for (uint256 i = 0; i < members.length; ++i) {
            _members[role][members[i]] = true;
        }
    }

    function requireQuorum(SignerRole role, bytes32 digest, bytes[] calldata signatures) external view {
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ECDSA.recover(digest, signatures[i]);
            if (signer <= previous) revert ISignerSets.SignerSetsNotAscending(previous, signer);
            if (!_members[role][signer]) revert ISignerSets.SignerSetsNotMember(role, signer);
            previous = signer;
        }
        if (signatures.length < _thresholds[role]) {
            revert ISignerSets.SignerSetsTooFewSignatures(role, signatures.length, _thresholds[role]);
        }
    }
}

contract PoolStandIn {
    using Checkpoints for Checkpoints.Trace208;

    ERC20 private immutable _token;
    uint256 private _booked;
    mapping(uint64 => mapping(StakeKind => Checkpoints.Trace208)) private _active;

    constructor(ERC20 token) {
        _token = token;
    }

    function set(uint64 providerId, StakeKind kind, uint256 amount) external {
        _active[providerId][kind].push(uint48(block.timestamp), uint208(amount));
    }

    function activeOf(uint64 providerId, StakeKind kind) external view returns (uint256) {
        return _active[providerId][kind].latest();
    }

    function activeAt(uint64 providerId, StakeKind kind, uint48 timestamp) external view returns (uint256) {
        require(timestamp < block.timestamp, "activeAt of the present");
        return _active[providerId][kind].upperLookup(timestamp);
    }

    function addReward(uint64, uint256 amount) external {
        _booked += amount;
        require(_token.balanceOf(address(this)) >= _booked, "reward not here");
    }
}

/// @notice Epoch manager and reward distributor among their neighbours. Tests reach the neighbours through these
/// functions only.
abstract contract EpochManagerFixture is Test {
    uint256 internal constant EPOCH = 7 days;
    uint256 internal constant ROOT_DELAY = 2 days;
    uint256 internal constant ROOT_DELAY_MIN = 1 days;
    uint256 internal constant RATIO_MAX = 16;
    uint256 internal constant COMMISSION_RISE_MAX = 50_000;
    uint256 internal constant COMMISSION_NOTICE = 2;
    uint256 internal constant WAITING_MAX = 64;
    uint256 internal constant VERIFIERS = 3;
    uint256 internal constant THRESHOLD = 2;

    EpochManager internal epochs;
    RewardDistributor internal distributor;
    ProviderRegistry internal registry;
    FeeRouter internal feeRouter;
    IStakingPool internal pool;
    IParamStore internal params;
    AccessManager internal manager;
    ERC20 internal ankr;

    address internal guardian = makeAddr("guardian");
    address internal stranger = makeAddr("stranger");
    address internal treasury = makeAddr("treasury");

    TokenStandIn private _ankr;
    ParamsStandIn private _params;
    SignerSetsStandIn private _signerSets;
    PoolStandIn private _pool;
    /// Secrets of the verifiers in ascending order of address.
    uint256[] private _secrets;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _ankr = new TokenStandIn();
        ankr = _ankr;
        _deployParams();
        _deploySignerSets();
        _pool = new PoolStandIn(ankr);
        pool = IStakingPool(address(_pool));
        manager = new AccessManager(address(this));
        registry = new ProviderRegistry(address(manager), params, pool);
        _deployRewards();

        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = epochs.disable.selector;
        manager.setTargetFunctionRole(address(epochs), selectors, Roles.GUARDIAN);
        manager.grantRole(Roles.GUARDIAN, guardian, 0);
    }

    function _deployParams() private {
        _params = new ParamsStandIn();
        _params.set(Param.EpochSeconds, EPOCH);
        _params.set(Param.RootDelaySeconds, ROOT_DELAY);
        _params.set(Param.DelegationRatioMax, RATIO_MAX);
        _params.set(Param.CommissionMaxPpm, 300_000);
        _params.set(Param.CommissionRiseMaxPpm, COMMISSION_RISE_MAX);
        _params.set(Param.CommissionNoticeEpochs, COMMISSION_NOTICE);
        _params.set(Param.SelfStakePerNode, 100_000e18);
        _params.set(Param.FeeProvidersPpm, 800_000);
        _params.set(Param.FeeTreasuryPpm, 80_000);
        _params.set(Param.FeeGrantsPpm, 20_000);
        _params.set(Param.FeeAuditorsPpm, 20_000);
        _params.set(Param.FeeProtectionPpm, 30_000);
        _params.set(Param.FeeBurnPpm, 50_000);
        params = IParamStore(address(_params));
    }

    function _deploySignerSets() private {
        _signerSets = new SignerSetsStandIn();
        address[] memory verifiers = new address[](VERIFIERS);
        for (uint256 i = 0; i < VERIFIERS; ++i) {
            _secrets.push(uint256(keccak256(abi.encode("verifier", i))));
        }
        _sortSecrets();
        for (uint256 i = 0; i < VERIFIERS; ++i) {
            verifiers[i] = vm.addr(_secrets[i]);
        }
        _signerSets.set(SignerRole.Verifier, verifiers, THRESHOLD);
        address[] memory gateways = new address[](2);
        (gateways[0],) = _gateway(0);
        (gateways[1],) = _gateway(1);
        _signerSets.set(SignerRole.Gateway, gateways, THRESHOLD);
    }

    function _sortSecrets() private {
        for (uint256 i = 0; i < VERIFIERS; ++i) {
            for (uint256 j = i + 1; j < VERIFIERS; ++j) {
                if (vm.addr(_secrets[j]) < vm.addr(_secrets[i])) {
                    (_secrets[i], _secrets[j]) = (_secrets[j], _secrets[i]);
                }
            }
        }
    }

    function _deployRewards() private {
        uint64 nonce = vm.getNonce(address(this));
        IRewardDistributor predicted =
            IRewardDistributor(vm.computeCreateAddress(address(this), uint256(nonce) + 3));
        TokenStandIn stable = new TokenStandIn();
        epochs = new EpochManager(address(manager), params, ISignerSets(address(_signerSets)), predicted);
        address[4] memory recipients =
            [treasury, makeAddr("grants"), makeAddr("auditors"), makeAddr("protection")];
        feeRouter = new FeeRouter(
            address(manager), params, IRateFeed(address(0)), ankr, stable, predicted, recipients, true
        );
        distributor = new RewardDistributor(params, epochs, registry, pool, feeRouter, ankr);
        assertEq(address(distributor), address(predicted));
    }

    // What neighbours do

    function _giveAnkr(address to, uint256 amount) internal {
        _ankr.mint(to, amount);
    }

    /// @dev Transfers `amount` to the distributor and books it.
    function _fund(uint256 amount) internal {
        _giveAnkr(address(distributor), amount);
        distributor.fund();
    }

    /// @dev Fees as the escrow brings them.
    function _routeFees(uint256 amount) internal {
        _giveAnkr(address(feeRouter), amount);
        feeRouter.route();
    }

    /// @dev Changes a parameter; the next epoch has begun afterwards.
    function _changeParam(Param param, uint256 value) internal {
        _skipEpochs(1);
        _params.set(param, value);
    }

    function _setTreasury(address to) internal {
        feeRouter.setRecipient(FeeBucket.Treasury, to);
    }

    function _giveSelfStake(uint64 providerId, uint256 amount) internal {
        _pool.set(providerId, StakeKind.Self, _pool.activeOf(providerId, StakeKind.Self) + amount);
    }

    function _takeSelfStake(uint64 providerId) internal {
        _pool.set(providerId, StakeKind.Self, 0);
    }

    function _giveDelegation(uint64 providerId, uint256 amount) internal {
        _pool.set(providerId, StakeKind.Delegated, _pool.activeOf(providerId, StakeKind.Delegated) + amount);
    }

    function _takeDelegation(uint64 providerId) internal {
        _pool.set(providerId, StakeKind.Delegated, 0);
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
    function _signatures(bytes32 digest, uint256 count) internal view returns (bytes[] memory signatures) {
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            signatures[i] = _sign(_secrets[i], digest);
        }
    }

    function _signatures(bytes32 digest) internal view returns (bytes[] memory) {
        return _signatures(digest, THRESHOLD);
    }

    /// @dev Of as many gateways as there must be verifiers.
    function _gatewaySignatures(bytes32 digest)
        internal
        returns (bytes[] memory signatures, address firstSigner)
    {
        (address a, uint256 secretA) = _gateway(0);
        (address b, uint256 secretB) = _gateway(1);
        signatures = new bytes[](2);
        signatures[0] = _sign(a < b ? secretA : secretB, digest);
        signatures[1] = _sign(a < b ? secretB : secretA, digest);
        firstSigner = a < b ? a : b;
    }

    function _gateway(uint256 index) private returns (address, uint256) {
        return makeAddrAndKey(string.concat("gateway ", vm.toString(index)));
    }

    function _sign(uint256 secret, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
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
