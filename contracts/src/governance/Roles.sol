// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Who may call what, beyond everyone. The access manager knows these numbers; `Bootstrap` grants them.
/// Role 0 is the manager's own administrator: the timelock.
library Roles {
    /// @notice Changes parameters, signer sets, recipients: the timelock.
    uint64 internal constant GOVERNOR = 1;
    /// @notice May disable a root before it is active. Can move nothing.
    uint64 internal constant GUARDIAN = 2;
    /// @notice Admits nodes. A vote takes its place later.
    uint64 internal constant ADMISSIONS = 3;
    /// @notice Slashes, locks and jails on evidence. Contracts of disputes take it later.
    uint64 internal constant SLASHER = 4;
    /// @notice Brings delegators' rewards into the staking pool: the reward distributor.
    uint64 internal constant REWARDER = 5;
}
