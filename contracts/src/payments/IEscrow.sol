// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Consumers' deposits in one asset, charged by signed totals, withdrawn by their owners alone.
///
/// A charge root says for every account how much it has used since it opened. Applying a leaf takes what is new, at
/// most the balance and the cap of a period, and never fails for the others in its batch. Only what is applied is a
/// fee; what was not applied when the balance has left lapses at the operator's cost.
interface IEscrow {
    /// @dev In the order of storage: a charge reads and writes the first two slots only, which saves it 2,100 gas.
    struct Account {
        uint128 balance;
        /// Applied in this life of the account.
        uint128 spent;
        /// What the last root has taken of which a leaf was applied, and its id, counted from 1.
        uint128 lastRootCharged;
        uint64 lastRootId;
        /// Raised when a withdrawal empties the account: totals of an earlier life can no longer be applied.
        uint32 life;
        /// From the first deposit until a withdrawal empties the account; charges that empty it do not close it.
        bool open;
        /// Asked out, still chargeable. Paid at once when its date is past, so services count on the rest alone.
        uint128 withdrawing;
        uint64 withdrawableAt;
        /// Hash of the key that the account's access is bound to; see the sign-in.
        bytes32 keyCommitment;
    }

    struct ChargeRoot {
        bytes32 root;
        /// Hash of the data file the root is recomputed from.
        bytes32 dataHash;
        /// End of the charge period, in seconds.
        uint64 periodEnd;
        uint64 applicableAt;
        /// The root before it that was not disabled; 0 when there was none.
        uint64 previous;
        bool disabled;
    }

    struct ChargeLeaf {
        address account;
        uint32 life;
        /// Used since the account's life began, in base units.
        uint128 total;
        bytes32[] proof;
    }

    event Deposited(
        address indexed account, address indexed from, uint256 amount, bytes32 keyCommitment, uint32 life
    );
    event KeyCommitmentSet(address indexed account, bytes32 keyCommitment);
    event WithdrawRequested(address indexed account, uint256 amount, uint64 withdrawableAt);
    event WithdrawCancelled(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address to, uint256 amount, uint256 requested, uint32 life);
    event ChargeRootPosted(
        uint64 indexed rootId, bytes32 root, bytes32 dataHash, uint64 periodEnd, uint64 applicableAt
    );
    event ChargeRootDisabled(uint64 indexed rootId);
    /// @param shortfall What the leaf would have taken beyond balance or cap.
    event Charged(
        address indexed account, uint64 indexed rootId, uint32 life, uint256 amount, uint256 shortfall
    );
    event ChargeSkipped(address indexed account, uint64 indexed rootId, bytes32 reason);
    event SurplusSwept(IERC20 indexed token, uint256 amount);

    error EscrowZeroAddress();
    error EscrowDepositTooSmall(uint256 amount, uint256 min);
    error EscrowNoKeyCommitment();
    error EscrowBadConsent(address account);
    error EscrowConsentExpired(uint256 deadline);
    error EscrowWrongToken(address token);
    error EscrowNothingToWithdraw(address account);
    error EscrowAlreadyWithdrawing(address account, uint64 withdrawableAt);
    error EscrowWithdrawTooEarly(address account, uint64 withdrawableAt);
    error EscrowWithdrawTooMuch(address account, uint256 balance, uint256 wanted);
    error EscrowNothingToSweep(IERC20 token);
    error EscrowUnknownRoot(uint64 rootId);
    error EscrowRootNotApplicable(uint64 rootId, uint64 applicableAt, bool disabled);
    error EscrowRootActive(uint64 rootId);
    error EscrowPeriodTooShort(uint64 periodEnd, uint64 earliest);
    /// @notice Its period ended a whole period ago or longer: sign what was used since into a newer root.
    error EscrowPeriodTooOld(uint64 periodEnd, uint64 earliest);
    error EscrowPeriodInFuture(uint64 periodEnd);

    /// @notice Deposits for the caller. The first deposit of a life has a higher minimum and names a key.
    /// @param keyCommitment Zero keeps the one there is. Another one than there is voids the consents given before.
    function deposit(uint256 amount, bytes32 keyCommitment) external;
    function depositWithPermit(
        uint256 amount,
        bytes32 keyCommitment,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Deposits for `account`, who agreed to the key by an EIP-712 signature over
    /// `Consent(address account,bytes32 keyCommitment,uint256 nonce,uint256 deadline)`.
    function depositFor(
        address account,
        uint256 amount,
        bytes32 keyCommitment,
        uint256 deadline,
        bytes calldata consent
    ) external;
    /// @notice Names another key for the caller's account and voids the consents that it gave before.
    function setKeyCommitment(bytes32 keyCommitment) external;

    /// @notice Asks `amount` out; one request at a time, so that none delays another.
    function requestWithdraw(uint256 amount) external;
    function cancelWithdraw() external;
    /// @notice After the delay: pays what was asked or what charges have left of it. Needs nobody else.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Posts a root signed by the verifiers over
    /// `ChargeRoot(uint64 rootId,bytes32 root,bytes32 dataHash,uint64 periodEnd)`; `rootId` is the next one. Its period
    /// ends one period after the last at the earliest, the first one's after this contract began, and less than a period
    /// ago.
    function postChargeRoot(bytes32 root, bytes32 dataHash, uint64 periodEnd, bytes[] calldata signatures)
        external
        returns (uint64 rootId);
    /// @notice For the guardian, while the root is not applicable; takes those posted after it along.
    function disableChargeRoot(uint64 rootId) external;

    /// @notice Applies leaves `keccak256(bytes.concat(keccak256(abi.encode(account, life, total))))`. A leaf that
    /// cannot be applied is skipped and named. What was taken goes to the fee router at once.
    function applyCharges(uint64 rootId, ChargeLeaf[] calldata leaves) external returns (uint256 taken);

    function sweepSurplus(IERC20 token) external returns (uint256 amount);

    function asset() external view returns (IERC20);
    function accountOf(address account) external view returns (Account memory);
    function consentNonceOf(address account) external view returns (uint256);
    function chargeRootCount() external view returns (uint64);
    function chargeRootOf(uint64 rootId) external view returns (ChargeRoot memory);
    function firstDepositMin() external view returns (uint256);
    function topUpMin() external view returns (uint256);
    /// @notice What one root may take from an account whose balance is `balance` before it.
    function periodCapOf(uint256 balance) external view returns (uint256);
}
