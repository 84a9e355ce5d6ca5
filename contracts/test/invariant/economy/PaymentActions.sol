// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { Escrow } from "../../../src/payments/Escrow.sol";
import { Param } from "../../../src/governance/Params.sol";
import { Tree } from "./Tree.sol";
import { World } from "./World.sol";

/// @notice Whatever consumers, verifiers, buyers and rate signers can do with fees.
abstract contract PaymentActions is World {
    struct Posted {
        bool inStable;
        uint64 rootId;
        IEscrow.ChargeLeaf[] leaves;
    }

    Posted[] private _posted;

    function deposit(uint256 seed, uint256 amount, bool inStable) external {
        Escrow escrow = _escrow(inStable);
        address consumer = _pick(consumers, seed);
        amount = bound(amount, escrow.firstDepositMin(), escrow.firstDepositMin() * 100);
        if (amount > escrow.asset().balanceOf(consumer)) return;
        vm.prank(consumer);
        escrow.deposit(amount, keccak256("key"));
        if (inStable) stableDeposited += amount;
        else deposited += amount;
        _did("deposit");
    }

    function requestWithdraw(uint256 seed, uint256 amount, bool inStable) external {
        Escrow escrow = _escrow(inStable);
        address consumer = _pick(consumers, seed);
        IEscrow.Account memory account = escrow.accountOf(consumer);
        if (account.balance == 0 || account.withdrawableAt != 0) return;
        // Half of them leave whole.
        amount = seed % 2 == 0 ? account.balance : bound(amount, 1, account.balance);
        vm.prank(consumer);
        escrow.requestWithdraw(amount);
        _did("requestWithdraw");
    }

    function finishWithdraw(uint256 seed, bool cancel, bool inStable) external {
        Escrow escrow = _escrow(inStable);
        address consumer = _pick(consumers, seed);
        IEscrow.Account memory account = escrow.accountOf(consumer);
        if (account.withdrawableAt == 0) return;
        vm.startPrank(consumer);
        if (cancel && seed % 4 == 0) {
            escrow.cancelWithdraw();
            _did("cancelWithdraw");
        } else if (block.timestamp >= account.withdrawableAt) {
            uint256 amount = escrow.withdraw(consumer);
            if (inStable) stableWithdrawn += amount;
            else withdrawn += amount;
            _did("withdraw");
        }
        vm.stopPrank();
    }

    /// @dev Totals range from honest to absurd: what a root promises must not matter beyond balance and cap.
    function postCharges(uint256 seed, uint256[4] calldata usage, bool inStable) external {
        Escrow escrow = _escrow(inStable);
        uint64 periodEnd = uint64(block.timestamp);
        if (!_periodIsOver(escrow, periodEnd)) return;
        Posted storage posted = _posted.push();
        posted.inStable = inStable;
        bytes32[] memory hashes = new bytes32[](4);
        for (uint256 i = 0; i < 4; i++) {
            IEscrow.Account memory account = escrow.accountOf(consumers[i]);
            uint256 most = seed % 8 == 0 ? type(uint96).max : uint256(account.balance) / 4;
            uint128 total = uint128(uint256(account.spent) + bound(usage[i], 0, most));
            hashes[i] = Tree.leaf(abi.encode(consumers[i], account.life, total));
            IEscrow.ChargeLeaf storage leaf = posted.leaves.push();
            leaf.account = consumers[i];
            leaf.life = account.life;
            leaf.total = total;
        }
        bytes32 root = Tree.rootOf(hashes);
        for (uint256 i = 0; i < 4; i++) {
            posted.leaves[i].proof = Tree.proofOf(hashes, i);
        }
        posted.rootId = escrow.postChargeRoot(
            root, "data", periodEnd, _chargeSignatures(escrow, root, "data", periodEnd)
        );
        _did("postChargeRoot");
    }

    function disableCharges(uint256 seed, bool inStable) external {
        if (seed % 6 != 0) return;
        Escrow escrow = _escrow(inStable);
        uint64 last = escrow.chargeRootCount();
        if (last == 0) return;
        IEscrow.ChargeRoot memory root = escrow.chargeRootOf(last);
        if (root.disabled || block.timestamp >= root.applicableAt) return;
        vm.prank(guardian);
        escrow.disableChargeRoot(last);
        _did("disableChargeRoot");
    }

    function applyCharges(uint256 seed, uint8 which) external {
        if (_posted.length == 0) return;
        // Mostly the newest, now and then any: late, twice, out of order.
        uint256 back = seed % 3 == 0 ? seed >> 8 : (seed >> 8) % 3;
        Posted storage posted = _posted[_posted.length - 1 - (back % _posted.length)];
        Escrow escrow = _escrow(posted.inStable);
        IEscrow.ChargeRoot memory root = escrow.chargeRootOf(posted.rootId);
        if (root.disabled || block.timestamp < root.applicableAt) return;
        uint256 count;
        for (uint256 i = 0; i < 4; i++) {
            if (which & (1 << i) != 0) count++;
        }
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](count);
        count = 0;
        for (uint256 i = 0; i < 4; i++) {
            if (which & (1 << i) != 0) leaves[count++] = posted.leaves[i];
        }
        uint256 supply = ankr.totalSupply();
        uint256 taken = escrow.applyCharges(posted.rootId, leaves);
        burned += supply - ankr.totalSupply();
        if (posted.inStable) stableCharged += taken;
        else charged += taken;
        _did("applyCharges");
    }

    function postRate(uint256 seed, uint256[3] calldata quotes) external {
        (uint256 rate, uint64 updatedAt,) = rateFeed.latest();
        uint64 observedAt = uint64(block.timestamp);
        if (observedAt <= updatedAt) return;
        uint256[] memory given = new uint256[](3);
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; i++) {
            // Now and then a signer lies without bounds; the feed has its own.
            given[i] = seed % 8 == i
                ? bound(quotes[i], 1, type(uint128).max)
                : bound(quotes[i], rate / 2 + 1, rate * 2 + 1);
            signatures[i] = _quoteSignature(rateKeys[i], given[i], observedAt);
        }
        // Kept in a range where amounts of this world keep their meaning.
        if (rate < 0.001e18 || rate > 1e18) return;
        rateFeed.post(observedAt, given, signatures);
        _did("postRate");
    }

    function auction(uint256 amount) external {
        IFeeRouter.Auction memory running = feeRouter.auction();
        uint256 supply = ankr.totalSupply();
        if (running.lot > 0 && block.timestamp < running.endsAt) {
            vm.prank(buyer);
            (, uint256 paid) = feeRouter.buy(bound(amount, 1, running.lot), type(uint256).max);
            auctionPaid += paid;
            _did("buy");
        } else {
            (,, bool stale) = rateFeed.latest();
            uint256 pending = feeRouter.stablePending() + running.lot + feeRouter.surplusOf(stable);
            if (stale || pending < rateFeed.stableOf(params.get(Param.AuctionLotMin))) return;
            feeRouter.startAuction();
            _did("startAuction");
        }
        burned += supply - ankr.totalSupply();
    }

    function _periodIsOver(Escrow escrow, uint64 periodEnd) private view returns (bool) {
        uint64 count = escrow.chargeRootCount();
        while (count > 0) {
            IEscrow.ChargeRoot memory last = escrow.chargeRootOf(count);
            if (!last.disabled) return periodEnd >= last.periodEnd + params.get(Param.ChargePeriodSeconds);
            count--;
        }
        return true;
    }
}
