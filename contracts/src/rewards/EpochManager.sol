// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "../governance/IParamStore.sol";
import { Param } from "../governance/Params.sol";
import { ISignerSets, SignerRole } from "../governance/ISignerSets.sol";
import { IEpochManager } from "./IEpochManager.sol";
import { IRewardDistributor } from "./IRewardDistributor.sol";

/// @title EpochManager
/// @notice Holds the roots that verifiers signed for closed epochs. Holds no tokens.
///
/// Who may do what
/// - Anyone may post what a quorum of verifiers signed, and only that.
/// - The guardian may disable an epoch while it waits, with all later ones. It can post, change and move nothing, and
///   what is active stays active.
/// - A quorum of verifiers decides who is paid, within what reached the distributor. It can never promise more than
///   that, take back what was promised, or post a disabled epoch again with the signatures it had.
///
/// Why the distributor stays solvent
/// - When epoch e is posted, payoutsTotal(e) + withheldTotal(e) ≤ fundedTotal. fundedTotal never falls, so this holds
///   for ever.
/// - Each total is at least that of the epoch posted before it. Only an end of the list is ever removed, so this holds
///   for any two epochs that remain: totals never fall from an older epoch to a newer one.
/// - The distributor pays at most payoutsTotal(i) and sweeps at most withheldTotal(j), where i and j were the newest
///   active epochs then. Active epochs stay, so with m the newer of the two
///   paid + swept ≤ payoutsTotal(m) + withheldTotal(m) ≤ fundedTotal. It holds what is left, plus what came unasked.
///
/// Order and bounds
/// - Epochs become active in the order they were posted, also when the delay is shortened meanwhile. So the active ones
///   are a beginning of the list and the waiting ones its end, and disabling never reaches an active one.
/// - At most `WAITING_MAX` wait at a time, which bounds every loop here. Sums are cumulative: an epoch that found no
///   room is made good by the next one.
///
/// Nothing is divided here and nothing is slashed.
contract EpochManager is IEpochManager, AccessManaged, EIP712 {
    struct Entry {
        EpochRoots roots;
        /// Zero when not posted or disabled.
        uint64 activeAt;
        uint64 attempt;
    }

    uint256 private constant WAITING_MAX = 64;
    bytes32 private constant ROOTS_TYPEHASH = keccak256(
        "EpochRoots(uint64 epoch,uint64 attempt,bytes32 chargesRoot,bytes32 payoutsRoot,bytes32 performanceRoot,bytes32 receiptsRoot,bytes32 tariffHash,bytes32 dataHash,uint128 payoutsTotal,uint128 withheldTotal)"
    );

    IParamStore public immutable params;
    ISignerSets public immutable signerSets;
    IRewardDistributor public immutable distributor;

    /// @inheritdoc IEpochManager
    uint64 public attempt;
    /// Posted and not disabled, ascending in epoch, in date of activity and in both totals.
    uint64[] private _posted;
    mapping(uint64 epoch => Entry) private _entries;

    constructor(
        address authority,
        IParamStore params_,
        ISignerSets signerSets_,
        IRewardDistributor distributor_
    ) AccessManaged(authority) EIP712("MooringEpochManager", "1") {
        params = params_;
        signerSets = signerSets_;
        distributor = distributor_;
    }

    /// @inheritdoc IEpochManager
    function post(EpochRoots calldata roots, bytes[] calldata signatures) external {
        uint64 current = params.currentEpoch();
        if (roots.epoch >= current) revert EpochManagerNotClosed(roots.epoch, current);
        uint64 earliestActiveAt = _checkAgainstLatest(roots);
        uint256 total = uint256(roots.payoutsTotal) + roots.withheldTotal;
        uint256 funded = distributor.fundedTotal();
        if (total > funded) revert EpochManagerOverspent(total, funded);
        _checkRoom();
        uint64 thisAttempt = attempt;
        signerSets.requireQuorum(SignerRole.Verifier, _digestOf(roots, thisAttempt), signatures);

        uint256 delayed = block.timestamp + params.get(Param.RootDelaySeconds);
        uint64 activeAt = SafeCast.toUint64(Math.max(delayed, earliestActiveAt));
        attempt = thisAttempt + 1;
        _posted.push(roots.epoch);
        _entries[roots.epoch] = Entry({ roots: roots, activeAt: activeAt, attempt: thisAttempt });
        emit EpochPosted(roots.epoch, thisAttempt, roots, activeAt);
    }

    /// @inheritdoc IEpochManager
    function disable(uint64 epoch) external restricted {
        uint64 activeAt = _entries[epoch].activeAt;
        if (activeAt == 0) revert EpochManagerUnknownEpoch(epoch);
        if (block.timestamp >= activeAt) revert EpochManagerAlreadyActive(epoch, activeAt);

        uint64 removed;
        do {
            removed = _posted[_posted.length - 1];
            uint64 removedAttempt = _entries[removed].attempt;
            _posted.pop();
            delete _entries[removed];
            emit EpochDisabled(removed, removedAttempt);
        } while (removed != epoch);
    }

    /// @inheritdoc IEpochManager
    function rootsOf(uint64 epoch) external view returns (EpochRoots memory roots, uint64 activeAt) {
        Entry storage entry = _entries[epoch];
        return (entry.roots, entry.activeAt);
    }

    /// @inheritdoc IEpochManager
    function payoutsOf(uint64 epoch)
        external
        view
        returns (bytes32 payoutsRoot, uint256 payoutsTotal, uint256 withheldTotal)
    {
        EpochRoots storage roots = _entries[epoch].roots;
        return (roots.payoutsRoot, roots.payoutsTotal, roots.withheldTotal);
    }

    /// @inheritdoc IEpochManager
    function isActive(uint64 epoch) external view returns (bool) {
        uint64 activeAt = _entries[epoch].activeAt;
        return activeAt != 0 && block.timestamp >= activeAt;
    }

    /// @inheritdoc IEpochManager
    function first() external view returns (uint64 epoch, bool any) {
        return _posted.length == 0 ? (0, false) : (_posted[0], true);
    }

    /// @inheritdoc IEpochManager
    function latest() public view returns (uint64 epoch, bool any) {
        uint256 count = _posted.length;
        return count == 0 ? (0, false) : (_posted[count - 1], true);
    }

    /// @inheritdoc IEpochManager
    function latestActive() external view returns (uint64 epoch, bool any) {
        // Waiting ones come last and are few, so the search from the end is short.
        for (uint256 i = _posted.length; i > 0; --i) {
            epoch = _posted[i - 1];
            if (block.timestamp >= _entries[epoch].activeAt) return (epoch, true);
        }
        return (0, false);
    }

    /// @dev Returns the date before which the new epoch may not be active.
    function _checkAgainstLatest(EpochRoots calldata roots) private view returns (uint64) {
        (uint64 epoch, bool any) = latest();
        if (!any) return 0;
        if (roots.epoch <= epoch) revert EpochManagerNotNewer(roots.epoch, epoch);
        Entry storage previous = _entries[epoch];
        if (
            roots.payoutsTotal < previous.roots.payoutsTotal
                || roots.withheldTotal < previous.roots.withheldTotal
        ) {
            revert EpochManagerTotalsFell(roots.payoutsTotal, roots.withheldTotal);
        }
        return previous.activeAt;
    }

    function _checkRoom() private view {
        uint256 count = _posted.length;
        if (count < WAITING_MAX) return;
        uint64 activeAt = _entries[_posted[count - WAITING_MAX]].activeAt;
        if (block.timestamp < activeAt) revert EpochManagerTooManyWaiting(WAITING_MAX, activeAt);
    }

    function _digestOf(EpochRoots calldata roots, uint64 thisAttempt) private view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    ROOTS_TYPEHASH,
                    roots.epoch,
                    thisAttempt,
                    roots.chargesRoot,
                    roots.payoutsRoot,
                    roots.performanceRoot,
                    roots.receiptsRoot,
                    roots.tariffHash,
                    roots.dataHash,
                    roots.payoutsTotal,
                    roots.withheldTotal
                )
            )
        );
    }
}
