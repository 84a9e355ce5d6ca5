// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { IParamStore } from "./IParamStore.sol";
import { Param } from "./Params.sol";
import { ParamRules } from "./ParamRules.sol";
import { ParamTable } from "./ParamTable.sol";

/// @title ParamStore: the numbers of the economy, and the clock of its epochs
///
/// - Holds no tokens.
/// - Governance (the timelock) may announce changes for an epoch that has not begun, and take them back until then. It
///   can never set a value outside its bounds, break a rule between parameters, or change an epoch that has begun.
/// - Anybody may read. A change takes effect by itself when its epoch begins: no call is needed.
/// - Epoch 0 begins when this contract is created. The length of epochs is a parameter like the others; epochs that
///   have begun keep theirs.
contract ParamStore is IParamStore, AccessManaged {
    using SafeCast for uint256;

    /// @dev One slot. `next` counts from `nextEpoch` on; `nextEpoch` 0 means that nothing waits.
    struct Slot {
        uint112 value;
        uint112 next;
        uint32 nextEpoch;
    }

    /// @dev Epochs of one length, from the first of them on.
    struct Era {
        uint64 firstEpoch;
        uint64 start;
        uint64 epochSeconds;
    }

    mapping(Param param => Slot) private _slots;
    Era[] private _eras;
    Param[] private _waiting;
    uint64 private _waitingEpoch;

    constructor(address authority, Change[] memory initial) AccessManaged(authority) {
        uint256[] memory values = new uint256[](ParamTable.COUNT);
        for (uint256 i = 0; i < ParamTable.COUNT; i++) {
            values[i] = ParamTable.rowOf(Param(i)).initial;
        }
        _merge(values, initial);
        for (uint256 i = 0; i < ParamTable.COUNT; i++) {
            _slots[Param(i)].value = values[i].toUint112();
        }
        _eras.push(Era(0, block.timestamp.toUint64(), values[uint256(Param.EpochSeconds)].toUint64()));
        if (initial.length > 0) emit ChangesAnnounced(0, initial);
    }

    /// @inheritdoc IParamStore
    function announce(Change[] calldata changes, uint64 effectiveEpoch) external restricted {
        if (changes.length == 0) revert ParamStoreNothingToChange();
        uint64 current = currentEpoch();
        if (effectiveEpoch <= current) revert ParamStoreEpochTooSoon(effectiveEpoch, current + 1);
        _foldEffective(current);
        if (_waitingEpoch != 0) revert ParamStoreChangesWaiting(_waitingEpoch);

        _merge(_valuesNow(), changes);
        for (uint256 i = 0; i < changes.length; i++) {
            Slot storage slot = _slots[changes[i].param];
            slot.next = changes[i].value.toUint112();
            slot.nextEpoch = uint256(effectiveEpoch).toUint32();
            _waiting.push(changes[i].param);
        }
        _waitingEpoch = effectiveEpoch;
        emit ChangesAnnounced(effectiveEpoch, changes);
    }

    /// @inheritdoc IParamStore
    function cancel() external restricted {
        _foldEffective(currentEpoch());
        uint64 effectiveEpoch = _waitingEpoch;
        if (effectiveEpoch == 0) revert ParamStoreNothingWaiting();
        for (uint256 i = 0; i < _waiting.length; i++) {
            Slot storage slot = _slots[_waiting[i]];
            slot.next = 0;
            slot.nextEpoch = 0;
        }
        delete _waiting;
        _waitingEpoch = 0;
        emit ChangesCancelled(effectiveEpoch);
    }

    /// @inheritdoc IParamStore
    function get(Param param) external view returns (uint256) {
        return _valueOf(param);
    }

    /// @inheritdoc IParamStore
    function describe(Param param)
        external
        view
        returns (uint256 value, uint256 next, uint64 nextEpoch, uint256 min, uint256 max)
    {
        Slot memory slot = _slots[param];
        ParamTable.Row memory row = ParamTable.rowOf(param);
        value = _valueOf(param);
        bool waits = slot.nextEpoch > currentEpoch();
        return (value, waits ? slot.next : value, waits ? slot.nextEpoch : 0, row.min, row.max);
    }

    /// @inheritdoc IParamStore
    function waiting() external view returns (Change[] memory changes, uint64 effectiveEpoch) {
        if (_waitingEpoch <= currentEpoch()) return (changes, 0);
        changes = new Change[](_waiting.length);
        for (uint256 i = 0; i < changes.length; i++) {
            changes[i] = Change(_waiting[i], _slots[_waiting[i]].next);
        }
        return (changes, _waitingEpoch);
    }

    /// @inheritdoc IParamStore
    function currentEpoch() public view returns (uint64) {
        return epochAt(block.timestamp);
    }

    /// @inheritdoc IParamStore
    function epochAt(uint256 timestamp) public view returns (uint64) {
        uint256 first = _eras[0].start;
        if (timestamp < first) revert ParamStoreBeforeStart(timestamp, first);
        Era memory era = _comingEra();
        if (era.epochSeconds != 0 && timestamp >= era.start) return _epochIn(era, timestamp);
        for (uint256 i = _eras.length; i > 0; i--) {
            era = _eras[i - 1];
            if (timestamp >= era.start) break;
        }
        return _epochIn(era, timestamp);
    }

    /// @inheritdoc IParamStore
    function epochStart(uint64 epoch) external view returns (uint256) {
        Era memory era = _comingEra();
        if (era.epochSeconds != 0 && epoch >= era.firstEpoch) return _startIn(era, epoch);
        for (uint256 i = _eras.length; i > 0; i--) {
            era = _eras[i - 1];
            if (epoch >= era.firstEpoch) break;
        }
        return _startIn(era, epoch);
    }

    /// @dev The era that a waiting length will begin, or has begun without having been written down; all zero if none.
    function _comingEra() private view returns (Era memory) {
        Slot memory slot = _slots[Param.EpochSeconds];
        if (slot.nextEpoch == 0) return Era(0, 0, 0);
        uint256 start = _startIn(_eras[_eras.length - 1], slot.nextEpoch);
        return Era(slot.nextEpoch, start.toUint64(), uint256(slot.next).toUint64());
    }

    /// @dev Makes a set that has taken effect the values in force, so that another may be announced. Without one it
    /// finds nothing to do.
    function _foldEffective(uint64 current) private {
        if (_waitingEpoch > current) return;
        Era memory coming = _comingEra();
        if (coming.epochSeconds != 0) _eras.push(coming);
        for (uint256 i = 0; i < _waiting.length; i++) {
            Slot storage slot = _slots[_waiting[i]];
            slot.value = slot.next;
            slot.next = 0;
            slot.nextEpoch = 0;
        }
        delete _waiting;
        _waitingEpoch = 0;
    }

    function _valuesNow() private view returns (uint256[] memory values) {
        values = new uint256[](ParamTable.COUNT);
        for (uint256 i = 0; i < ParamTable.COUNT; i++) {
            values[i] = _slots[Param(i)].value;
        }
    }

    function _valueOf(Param param) private view returns (uint256) {
        Slot memory slot = _slots[param];
        if (slot.nextEpoch == 0 || slot.nextEpoch > currentEpoch()) return slot.value;
        return slot.next;
    }

    /// @dev Puts the changes into `values`, each parameter once and in its bounds, and checks what follows from all.
    function _merge(uint256[] memory values, Change[] memory changes) private pure {
        bool[] memory changed = new bool[](ParamTable.COUNT);
        for (uint256 i = 0; i < changes.length; i++) {
            _requireInBounds(changes[i]);
            uint256 place = uint256(changes[i].param);
            if (changed[place]) revert ParamStoreDuplicate(changes[i].param);
            changed[place] = true;
            values[place] = changes[i].value;
        }
        ParamRules.check(values);
    }

    function _requireInBounds(Change memory change) private pure {
        ParamTable.Row memory row = ParamTable.rowOf(change.param);
        if (change.value < row.min || change.value > row.max) {
            revert ParamStoreOutOfBounds(change.param, change.value, row.min, row.max);
        }
    }

    function _epochIn(Era memory era, uint256 timestamp) private pure returns (uint64) {
        return (era.firstEpoch + (timestamp - era.start) / era.epochSeconds).toUint64();
    }

    function _startIn(Era memory era, uint64 epoch) private pure returns (uint256) {
        return era.start + uint256(epoch - era.firstEpoch) * era.epochSeconds;
    }
}
