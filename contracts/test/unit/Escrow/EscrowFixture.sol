// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Escrow } from "../../../src/payments/Escrow.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { FeeBucket } from "../../../src/payments/IFeeRouter.sol";
import { Governed } from "../../Governed.sol";
import { Tree } from "../../invariant/economy/Tree.sol";

/// @notice One escrow of the whole system, consumers of it, and roots with the leaves behind them. Amounts are said in
/// ANKR and valued in the asset, so that the tests of one instance are the tests of both.
abstract contract EscrowFixture is Governed {
    struct Used {
        address account;
        uint32 life;
        uint128 total;
    }

    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant PERIOD = 12 hours;
    uint256 internal constant DELAY = 12 hours;
    uint256 internal constant WITHDRAW_DELAY = 48 hours;
    bytes32 internal constant KEY = keccak256("key");
    bytes32 internal constant OTHER_KEY = keccak256("other key");
    bytes32 internal constant DATA = keccak256("data");

    Escrow internal escrow;
    IERC20 internal asset;
    address internal consumer;
    uint256 internal consumerSecret;
    address internal other = makeAddr("other");
    address internal sponsor = makeAddr("sponsor");

    mapping(uint64 rootId => Used[]) internal usedOf;

    function setUp() public virtual {
        vm.warp(START);
        _deploySystem();
        escrow = _isStable() ? stableEscrow : ankrEscrow;
        asset = escrow.asset();
        (consumer, consumerSecret) = makeAddrAndKey("consumer");
    }

    function _isStable() internal pure virtual returns (bool) {
        return false;
    }

    /// @dev What so many ANKR are worth in the asset: 0.03 dollars of six decimals each.
    function _worth(uint256 ankrs) internal pure returns (uint256) {
        return _isStable() ? ankrs * 30_000 : ankrs * 1e18;
    }

    // Tokens

    function _fund(address to, uint256 amount) internal {
        vm.prank(vault);
        assertTrue(asset.transfer(to, amount));
    }

    /// @dev Gives `amount` to `from` and lets the escrow take it.
    function _ready(address from, uint256 amount) internal {
        _fund(from, amount);
        uint256 allowed = asset.allowance(from, address(escrow));
        vm.prank(from);
        asset.approve(address(escrow), allowed + amount);
    }

    /// @dev Everything that fees have become, wherever the router has sent it.
    function _routed() internal view returns (uint256 sum) {
        if (_isStable()) return feeRouter.stablePending();
        sum = distributor.fundedTotal() + SUPPLY - ankr.totalSupply();
        for (uint256 i = 0; i < 4; i++) {
            sum += feeRouter.accrued(FeeBucket(i));
        }
    }

    // Accounts

    function _deposit(address account, uint256 amount) internal {
        _ready(account, amount);
        vm.prank(account);
        escrow.deposit(amount, KEY);
    }

    function _balanceOf(address account) internal view returns (uint256) {
        return escrow.accountOf(account).balance;
    }

    function _request(address account, uint256 amount) internal returns (uint64 date) {
        vm.prank(account);
        escrow.requestWithdraw(amount);
        return escrow.accountOf(account).withdrawableAt;
    }

    function _withdraw(address account) internal returns (uint256) {
        vm.prank(account);
        return escrow.withdraw(account);
    }

    /// @dev Asks all out, waits, and takes it: the life ends.
    function _leave(address account) internal {
        vm.warp(_request(account, _balanceOf(account)));
        _withdraw(account);
    }

    function _consentDigest(address account, bytes32 key, uint256 nonce, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash =
            keccak256("Consent(address account,bytes32 keyCommitment,uint256 nonce,uint256 deadline)");
        bytes32 structHash = keccak256(abi.encode(typeHash, account, key, nonce, deadline));
        return _typedDigest(_domain("MooringEscrow", address(escrow)), structHash);
    }

    function _signed(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function _consent(bytes32 key, uint256 deadline) internal view returns (bytes memory) {
        uint256 nonce = escrow.consentNonceOf(consumer);
        return _signed(consumerSecret, _consentDigest(consumer, key, nonce, deadline));
    }

    // Roots

    function _usedOne(address account, uint256 total) internal view returns (Used[] memory used) {
        used = new Used[](1);
        used[0] = Used(account, escrow.accountOf(account).life, uint128(total));
    }

    function _hashes(Used[] memory used) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](used.length);
        for (uint256 i = 0; i < used.length; i++) {
            hashes[i] = Tree.leaf(abi.encode(used[i].account, used[i].life, used[i].total));
        }
    }

    /// @dev Posts a root of a period that ends now.
    function _post(Used[] memory used) internal returns (uint64 rootId) {
        rootId = _postRoot(Tree.rootOf(_hashes(used)), uint64(block.timestamp));
        for (uint256 i = 0; i < used.length; i++) {
            usedOf[rootId].push(used[i]);
        }
    }

    function _post(address account, uint256 total) internal returns (uint64 rootId) {
        return _post(_usedOne(account, total));
    }

    function _postRoot(bytes32 root, uint64 periodEnd) internal returns (uint64) {
        bytes[] memory signatures = _chargeSignatures(escrow, root, DATA, periodEnd);
        return escrow.postChargeRoot(root, DATA, periodEnd, signatures);
    }

    /// @dev Posts and waits until the root may be applied, when the next may be posted as well.
    function _postAndWait(Used[] memory used) internal returns (uint64 rootId) {
        rootId = _post(used);
        vm.warp(escrow.chargeRootOf(rootId).applicableAt);
    }

    function _postAndWait(address account, uint256 total) internal returns (uint64 rootId) {
        return _postAndWait(_usedOne(account, total));
    }

    function _disable(uint64 rootId) internal {
        vm.prank(guardian);
        escrow.disableChargeRoot(rootId);
    }

    function _leaf(uint64 rootId, uint256 index) internal view returns (IEscrow.ChargeLeaf memory) {
        Used memory used = usedOf[rootId][index];
        bytes32[] memory proof = Tree.proofOf(_hashes(usedOf[rootId]), index);
        return IEscrow.ChargeLeaf(used.account, used.life, used.total, proof);
    }

    function _leaves(uint64 rootId) internal view returns (IEscrow.ChargeLeaf[] memory leaves) {
        leaves = new IEscrow.ChargeLeaf[](usedOf[rootId].length);
        for (uint256 i = 0; i < leaves.length; i++) {
            leaves[i] = _leaf(rootId, i);
        }
    }

    function _apply(uint64 rootId) internal returns (uint256) {
        return escrow.applyCharges(rootId, _leaves(rootId));
    }

    function _applyOne(uint64 rootId, uint256 index) internal returns (uint256) {
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](1);
        leaves[0] = _leaf(rootId, index);
        return escrow.applyCharges(rootId, leaves);
    }

    /// @dev Charges `total` of the account's life by a root of its own.
    function _charge(address account, uint256 total) internal returns (uint256) {
        return _apply(_postAndWait(account, total));
    }

    // What is expected

    function _expectTooSmall(uint256 amount, uint256 min) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowDepositTooSmall.selector, amount, min));
    }

    function _expectCharged(address account, uint64 rootId, uint32 life, uint256 amount, uint256 shortfall)
        internal
    {
        vm.expectEmit(address(escrow));
        emit IEscrow.Charged(account, rootId, life, amount, shortfall);
    }

    function _expectSkipped(address account, uint64 rootId, bytes32 reason) internal {
        vm.expectEmit(address(escrow));
        emit IEscrow.ChargeSkipped(account, rootId, reason);
    }
}
