// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A provider's active nodes in the order of their activation; the last is the first to go.
library ActiveNodes {
    /// @dev Shifts what comes behind, so that the others keep their order. The node must be in the list; the list is
    /// as long as the parameter for nodes of one provider allows at most.
    function remove(uint64[] storage active, uint64 nodeId) internal {
        uint256 last = active.length - 1;
        uint256 index = 0;
        while (active[index] != nodeId) ++index;
        for (; index < last; ++index) {
            active[index] = active[index + 1];
        }
        active.pop();
    }

    function removeNewest(uint64[] storage active) internal returns (uint64 nodeId) {
        nodeId = active[active.length - 1];
        active.pop();
    }
}
