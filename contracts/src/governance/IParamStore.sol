// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Param } from "./Params.sol";

/// @notice The parameters of the economy and the clock of its epochs.
///
/// Every parameter has bounds that no one can change. A change is announced for an epoch that has not begun and
/// takes effect when that epoch begins. One set of changes may be waiting at a time, so the rules between
/// parameters are checked against the one state that will follow.
interface IParamStore {
    struct Change {
        Param param;
        uint256 value;
    }

    /// @notice With epoch 0 it names what a deployment sets otherwise than the defaults.
    event ChangesAnnounced(uint64 indexed effectiveEpoch, Change[] changes);
    event ChangesCancelled(uint64 indexed effectiveEpoch);

    error ParamStoreOutOfBounds(Param param, uint256 value, uint256 min, uint256 max);
    error ParamStoreEpochTooSoon(uint64 effectiveEpoch, uint64 earliestEpoch);
    error ParamStoreChangesWaiting(uint64 effectiveEpoch);
    error ParamStoreNothingWaiting();
    error ParamStoreNothingToChange();
    error ParamStoreDuplicate(Param param);
    /// @param rule The rule in plain ASCII, e.g. "unbonding covers disputes".
    error ParamStoreRuleBroken(bytes32 rule, uint256 left, uint256 right);
    error ParamStoreBeforeStart(uint256 timestamp, uint256 start);

    /// @notice Announces changes that take effect when `effectiveEpoch` begins; at least the next epoch.
    function announce(Change[] calldata changes, uint64 effectiveEpoch) external;

    /// @notice Takes back the changes that have not taken effect.
    function cancel() external;

    /// @notice The value in force now.
    function get(Param param) external view returns (uint256);

    /// @notice Value in force, value waiting (the same when none waits) and the epoch the waiting one begins with.
    function describe(Param param)
        external
        view
        returns (uint256 value, uint256 next, uint64 nextEpoch, uint256 min, uint256 max);

    /// @notice The set of changes that has not taken effect, and the epoch it begins with; nothing and 0 when none waits.
    function waiting() external view returns (Change[] memory changes, uint64 effectiveEpoch);

    function currentEpoch() external view returns (uint64);

    /// @notice The epoch that `timestamp` falls in; from the first epoch's start on, also ahead of now as far as known.
    function epochAt(uint256 timestamp) external view returns (uint64);

    /// @notice When an epoch begins, in seconds.
    function epochStart(uint64 epoch) external view returns (uint256);
}
