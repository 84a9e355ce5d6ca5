// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "./IParamStore.sol";

/// @notice Which table of prices holds in which epoch, by the hash of its canonical text.
///
/// The table itself is a file that anyone may keep and anyone can compare with its hash. A table is announced for an
/// epoch that has not begun and takes effect when that epoch begins. One may be waiting at a time.
interface IPriceBook {
    struct Table {
        /// keccak256 of the table's canonical JSON (RFC 8785).
        bytes32 hash;
        /// The epoch that it takes effect with.
        uint64 firstEpoch;
        /// Where the file is said to be. The hash decides whether it is that file.
        string uri;
    }

    /// @notice With epoch 0 it names the table that a deployment begins with.
    event TableAnnounced(bytes32 indexed tableHash, uint64 indexed effectiveEpoch, string uri);
    event TableCancelled(bytes32 indexed tableHash, uint64 indexed effectiveEpoch);

    error PriceBookZeroHash();
    error PriceBookEpochTooSoon(uint64 effectiveEpoch, uint64 earliestEpoch);
    error PriceBookTableWaiting(uint64 effectiveEpoch);
    error PriceBookNothingWaiting();

    /// @notice Announces a table that takes effect when `effectiveEpoch` begins; at least the next epoch.
    function announce(bytes32 tableHash, string calldata uri, uint64 effectiveEpoch) external;

    /// @notice Takes back the table that has not taken effect.
    function cancel() external;

    /// @notice The table in force now.
    function current() external view returns (Table memory);

    /// @notice The table that has not taken effect; all zero and empty when none waits.
    function waiting() external view returns (Table memory);

    /// @notice The table of an epoch; of one that has not begun, as far as it is known now.
    function tableAt(uint64 epoch) external view returns (Table memory);

    /// @notice The clock of the epochs.
    function params() external view returns (IParamStore);
}
