// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { ISignerSets, SignerRole } from "../governance/ISignerSets.sol";
import { Param } from "../governance/Params.sol";
import { Custody } from "../libraries/Custody.sol";
import { Ppm } from "../libraries/Ppm.sol";
import { IEscrow } from "./IEscrow.sol";
import { IFeeRouter } from "./IFeeRouter.sol";
import { IRateFeed } from "./IRateFeed.sol";

/// @title Escrow: consumers' deposits in one asset
///
/// - Holds what consumers deposited and have neither used nor taken out, and owes it to them.
/// - A consumer withdraws alone: it asks, waits, and takes. Nobody can refuse, shorten or delay that, and no parameter
///   moves a date that was given.
/// - Verifiers sign how much every account has used. Anyone applies it. It takes from an account at most its balance and
///   at most the cap of a period, and only to the fee router. The guardian may disable a root while it waits.
/// - Roots are a period apart and of the period that has just ended, so no account gives more than one cap a period,
///   also after a silence: totals make good what was missed, in as many periods as the cap asks for.
/// - Nobody can take from an account otherwise, or send anywhere what was charged but to the router.
/// - Nobody but the owner, by a call or by a signature, changes the key that uses an account. An allowance over the
///   owner's tokens is no such consent.
/// - The asset is a plain ERC-20 (see Custody). Minimums and cap are set in ANKR; for another asset they are valued by
///   the rate feed, at its last rate when it is stale, so that deposits never depend on its signers being there.
/// - Rounding: the part of a balance that a cap is made of is rounded down, in favour of the consumer. Minimums and the
///   least cap are whole in ANKR; the rate feed rounds their value up, by less than one base unit of the asset.
/// - On loss there is none to share: what was not applied when a balance has left was never a fee.
contract Escrow is IEscrow, IERC1363Receiver, AccessManaged, EIP712, Custody, ReentrancyGuardTransient {
    using SafeCast for uint256;

    bytes32 private constant CONSENT_TYPEHASH =
        keccak256("Consent(address account,bytes32 keyCommitment,uint256 nonce,uint256 deadline)");
    bytes32 private constant CHARGE_ROOT_TYPEHASH =
        keccak256("ChargeRoot(uint64 rootId,bytes32 root,bytes32 dataHash,uint64 periodEnd)");

    IParamStore public immutable params;
    ISignerSets public immutable signerSets;
    IFeeRouter public immutable feeRouter;
    IERC20 public immutable asset;
    IRateFeed public immutable rateFeed;
    address public immutable treasury;
    /// @dev No period of charges ends before; see `_requirePeriodOver`.
    uint64 private immutable _beganAt;

    mapping(address account => Account) private _accounts;
    mapping(address account => uint256) private _consentNonces;
    mapping(uint64 rootId => ChargeRoot) private _roots;
    uint64 private _rootCount;
    /// @dev The newest root that was not disabled; 0 when there is none.
    uint64 private _lastRootId;

    constructor(
        address authority,
        IParamStore params_,
        ISignerSets signerSets_,
        IFeeRouter feeRouter_,
        IERC20 asset_,
        IRateFeed rateFeed_,
        address treasury_
    ) AccessManaged(authority) EIP712("MooringEscrow", "1") {
        params = params_;
        signerSets = signerSets_;
        feeRouter = feeRouter_;
        asset = asset_;
        rateFeed = rateFeed_;
        treasury = treasury_;
        _beganAt = block.timestamp.toUint64();
    }

    /// @inheritdoc IEscrow
    function deposit(uint256 amount, bytes32 keyCommitment) external nonReentrant {
        _credit(msg.sender, msg.sender, amount, keyCommitment);
        _take(asset, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function depositWithPermit(
        uint256 amount,
        bytes32 keyCommitment,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        // Whoever saw the permit may have used it first; the allowance is there all the same.
        try IERC20Permit(address(asset)).permit(msg.sender, address(this), amount, deadline, v, r, s) { }
            catch { }
        _credit(msg.sender, msg.sender, amount, keyCommitment);
        _take(asset, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function depositFor(
        address account,
        uint256 amount,
        bytes32 keyCommitment,
        uint256 deadline,
        bytes calldata consent
    ) external nonReentrant {
        if (block.timestamp > deadline) revert EscrowConsentExpired(deadline);
        uint256 nonce = _consentNonces[account]++;
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(CONSENT_TYPEHASH, account, keyCommitment, nonce, deadline))
        );
        if (!SignatureChecker.isValidSignatureNow(account, digest, consent)) {
            revert EscrowBadConsent(account);
        }
        _credit(account, msg.sender, amount, keyCommitment);
        _take(asset, msg.sender, amount);
    }

    /// @notice A deposit by ERC-1363: the tokens are here already, `data` is the ABI-encoded key commitment. Whoever
    /// moves another's tokens by an allowance tops up without naming a key.
    function onTransferReceived(address operator, address from, uint256 value, bytes calldata data)
        external
        nonReentrant
        returns (bytes4)
    {
        if (msg.sender != address(asset)) revert EscrowWrongToken(msg.sender);
        bytes32 keyCommitment = abi.decode(data, (bytes32));
        if (operator != from && keyCommitment != 0) revert EscrowBadConsent(from);
        _credit(from, from, value, keyCommitment);
        _receive(asset, value);
        return IERC1363Receiver.onTransferReceived.selector;
    }

    /// @inheritdoc IEscrow
    function setKeyCommitment(bytes32 keyCommitment) external {
        if (keyCommitment == 0) revert EscrowNoKeyCommitment();
        _accounts[msg.sender].keyCommitment = keyCommitment;
        // A consent given before names an older key, and whoever has it could bring that key back.
        _consentNonces[msg.sender]++;
        emit KeyCommitmentSet(msg.sender, keyCommitment);
    }

    /// @inheritdoc IEscrow
    function requestWithdraw(uint256 amount) external {
        Account storage account = _accounts[msg.sender];
        if (account.withdrawableAt != 0) revert EscrowAlreadyWithdrawing(msg.sender, account.withdrawableAt);
        if (amount == 0) revert EscrowNothingToWithdraw(msg.sender);
        if (amount > account.balance) revert EscrowWithdrawTooMuch(msg.sender, account.balance, amount);
        uint64 withdrawableAt = (block.timestamp + params.get(Param.WithdrawDelaySeconds)).toUint64();
        account.withdrawing = amount.toUint128();
        account.withdrawableAt = withdrawableAt;
        emit WithdrawRequested(msg.sender, amount, withdrawableAt);
    }

    /// @inheritdoc IEscrow
    function cancelWithdraw() external {
        Account storage account = _accounts[msg.sender];
        if (account.withdrawableAt == 0) revert EscrowNothingToWithdraw(msg.sender);
        uint256 amount = account.withdrawing;
        account.withdrawing = 0;
        account.withdrawableAt = 0;
        emit WithdrawCancelled(msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function withdraw(address to) external nonReentrant returns (uint256 amount) {
        Account storage account = _accounts[msg.sender];
        uint64 withdrawableAt = account.withdrawableAt;
        if (withdrawableAt == 0) revert EscrowNothingToWithdraw(msg.sender);
        if (block.timestamp < withdrawableAt) revert EscrowWithdrawTooEarly(msg.sender, withdrawableAt);
        uint256 requested = account.withdrawing;
        uint32 life = account.life;
        amount = Math.min(requested, account.balance);
        account.balance -= amount.toUint128();
        account.withdrawing = 0;
        account.withdrawableAt = 0;
        if (account.balance == 0) _endLife(account);
        emit Withdrawn(msg.sender, to, amount, requested, life);
        _give(asset, to, amount);
    }

    /// @inheritdoc IEscrow
    function postChargeRoot(bytes32 root, bytes32 dataHash, uint64 periodEnd, bytes[] calldata signatures)
        external
        returns (uint64 rootId)
    {
        if (periodEnd > block.timestamp) revert EscrowPeriodInFuture(periodEnd);
        _requirePeriodOver(periodEnd);
        rootId = ++_rootCount;
        bytes32 digest =
            _hashTypedDataV4(keccak256(abi.encode(CHARGE_ROOT_TYPEHASH, rootId, root, dataHash, periodEnd)));
        signerSets.requireQuorum(SignerRole.Verifier, digest, signatures);
        // Never before the one that came earlier, although the delay may have become shorter: disabling a root disables
        // those after it, and none of them may have been in force.
        uint256 earliest = block.timestamp + params.get(Param.ChargeDelaySeconds);
        uint64 applicableAt = Math.max(earliest, _roots[_lastRootId].applicableAt).toUint64();
        _roots[rootId] = ChargeRoot(root, dataHash, periodEnd, applicableAt, _lastRootId, false);
        _lastRootId = rootId;
        emit ChargeRootPosted(rootId, root, dataHash, periodEnd, applicableAt);
    }

    /// @inheritdoc IEscrow
    function disableChargeRoot(uint64 rootId) external restricted {
        ChargeRoot storage found = _rootOf(rootId);
        if (found.disabled) revert EscrowRootNotApplicable(rootId, found.applicableAt, true);
        if (block.timestamp >= found.applicableAt) revert EscrowRootActive(rootId);
        // Those after it become applicable no earlier, so they wait as well. A delay holds only so many periods.
        for (uint64 id = _lastRootId; id >= rootId; id = _roots[id].previous) {
            _roots[id].disabled = true;
            emit ChargeRootDisabled(id);
        }
        _lastRootId = found.previous;
    }

    /// @inheritdoc IEscrow
    function applyCharges(uint64 rootId, ChargeLeaf[] calldata leaves)
        external
        nonReentrant
        returns (uint256 taken)
    {
        ChargeRoot storage found = _rootOf(rootId);
        if (found.disabled || block.timestamp < found.applicableAt) {
            revert EscrowRootNotApplicable(rootId, found.applicableAt, found.disabled);
        }
        bytes32 root = found.root;
        Cap memory cap = _cap();
        for (uint256 i = 0; i < leaves.length; i++) {
            taken += _apply(rootId, root, leaves[i], cap);
        }
        if (taken == 0) return 0;
        _give(asset, address(feeRouter), taken);
        feeRouter.route();
    }

    /// @inheritdoc IEscrow
    function sweepSurplus(IERC20 token) external nonReentrant returns (uint256 amount) {
        amount = surplusOf(token);
        if (amount == 0) revert EscrowNothingToSweep(token);
        _receive(token, amount);
        emit SurplusSwept(token, amount);
        _give(token, treasury, amount);
    }

    /// @inheritdoc IEscrow
    function accountOf(address account) external view returns (Account memory) {
        return _accounts[account];
    }

    /// @inheritdoc IEscrow
    function consentNonceOf(address account) external view returns (uint256) {
        return _consentNonces[account];
    }

    /// @inheritdoc IEscrow
    function chargeRootCount() external view returns (uint64) {
        return _rootCount;
    }

    /// @inheritdoc IEscrow
    function chargeRootOf(uint64 rootId) external view returns (ChargeRoot memory) {
        return _rootOf(rootId);
    }

    /// @inheritdoc IEscrow
    function firstDepositMin() public view returns (uint256) {
        return _inAsset(params.get(Param.EscrowFirstDepositMin));
    }

    /// @inheritdoc IEscrow
    function topUpMin() public view returns (uint256) {
        return _inAsset(params.get(Param.EscrowTopUpMin));
    }

    /// @inheritdoc IEscrow
    function periodCapOf(uint256 balance) external view returns (uint256) {
        return _capOf(balance, _cap());
    }

    /// @dev What caps of one batch are made of, read once.
    struct Cap {
        uint256 min;
        uint256 ppm;
    }

    function _credit(address to, address from, uint256 amount, bytes32 keyCommitment) private {
        if (to == address(0)) revert EscrowZeroAddress();
        Account storage account = _accounts[to];
        uint256 min = account.open ? topUpMin() : firstDepositMin();
        if (amount < min) revert EscrowDepositTooSmall(amount, min);
        bytes32 earlierKey = account.keyCommitment;
        if (keyCommitment == 0) keyCommitment = earlierKey;
        if (keyCommitment == 0) revert EscrowNoKeyCommitment();
        // Like `setKeyCommitment`: a consent given before names another key, which it could bring back.
        if (earlierKey != 0 && keyCommitment != earlierKey) _consentNonces[to]++;
        account.open = true;
        account.balance += amount.toUint128();
        account.keyCommitment = keyCommitment;
        emit Deposited(to, from, amount, keyCommitment, account.life);
    }

    /// @dev Totals signed for a life that has ended can no longer be applied, so the next one begins at zero.
    function _endLife(Account storage account) private {
        account.life++;
        account.open = false;
        account.spent = 0;
        account.lastRootId = 0;
        account.lastRootCharged = 0;
        account.keyCommitment = 0;
    }

    function _apply(uint64 rootId, bytes32 root, ChargeLeaf calldata leaf, Cap memory cap)
        private
        returns (uint256 amount)
    {
        Account storage account = _accounts[leaf.account];
        bytes32 skipped = _reasonToSkip(rootId, root, leaf, account);
        if (skipped != 0) {
            emit ChargeSkipped(leaf.account, rootId, skipped);
            return 0;
        }
        uint256 charged = account.lastRootId == rootId ? account.lastRootCharged : 0;
        uint256 balance = account.balance;
        uint256 wanted = leaf.total - account.spent;
        amount = Math.min(Math.min(wanted, balance), _capLeft(balance, charged, cap));
        _book(account, rootId, amount.toUint128(), (charged + amount).toUint128());
        emit Charged(leaf.account, rootId, leaf.life, amount, wanted - amount);
    }

    /// @dev The cap is of the balance before this root took anything. It may have shrunk below that since.
    function _capLeft(uint256 balance, uint256 charged, Cap memory cap) private pure returns (uint256) {
        return Math.saturatingSub(_capOf(balance + charged, cap), charged);
    }

    function _book(Account storage account, uint64 rootId, uint128 amount, uint128 rootCharged) private {
        uint128 balance = account.balance - amount;
        uint128 spent = account.spent + amount;
        // No branch comes between the writes, so that the optimizer makes one of those to each slot: 550 gas a leaf.
        account.balance = balance;
        account.spent = spent;
        account.lastRootCharged = rootCharged;
        account.lastRootId = rootId;
    }

    function _reasonToSkip(uint64 rootId, bytes32 root, ChargeLeaf calldata leaf, Account storage account)
        private
        view
        returns (bytes32)
    {
        if (leaf.life != account.life) return "another life";
        if (rootId < account.lastRootId) return "older than the last";
        if (leaf.total <= account.spent) return "nothing new";
        bytes32 hash = keccak256(bytes.concat(keccak256(abi.encode(leaf.account, leaf.life, leaf.total))));
        return MerkleProof.verifyCalldata(leaf.proof, root, hash) ? bytes32(0) : bytes32("bad proof");
    }

    /// @dev Every root may take one cap. Were roots of the past taken, whoever signs after a silence could take as many
    /// caps at once as periods have passed, sooner than an owner can leave.
    function _requirePeriodOver(uint64 periodEnd) private view {
        uint256 period = params.get(Param.ChargePeriodSeconds);
        uint256 earliest = _lastRootId == 0 ? _beganAt : _roots[_lastRootId].periodEnd + period;
        if (periodEnd < earliest) revert EscrowPeriodTooShort(periodEnd, earliest.toUint64());
        if (periodEnd + period <= block.timestamp) {
            revert EscrowPeriodTooOld(periodEnd, (block.timestamp - period + 1).toUint64());
        }
    }

    function _rootOf(uint64 rootId) private view returns (ChargeRoot storage found) {
        if (rootId == 0 || rootId > _rootCount) revert EscrowUnknownRoot(rootId);
        return _roots[rootId];
    }

    function _cap() private view returns (Cap memory) {
        return Cap(_inAsset(params.get(Param.PeriodCapMin)), params.get(Param.PeriodCapPpm));
    }

    function _capOf(uint256 balance, Cap memory cap) private pure returns (uint256) {
        return Math.max(cap.min, Ppm.partDown(balance, cap.ppm));
    }

    function _inAsset(uint256 ankr) private view returns (uint256) {
        return address(rateFeed) == address(0) ? ankr : rateFeed.stableOf(ankr);
    }
}
