// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakingPool, StakeKind } from "./IStakingPool.sol";

/// @notice Requests of stake that is leaving, each with a number of its own, and which of them a position has open.
library UnbondingRequests {
    struct Requests {
        mapping(uint64 requestId => IStakingPool.UnbondingRequest) byId;
        mapping(bytes32 position => uint64[]) open;
        uint64 count;
    }

    /// @param most How many a position may have open; bounds the loop of `close`.
    function add(Requests storage requests, IStakingPool.UnbondingRequest memory request, uint256 most)
        internal
        returns (uint64 requestId)
    {
        uint64[] storage open = openOf(requests, request.providerId, request.kind, request.holder);
        if (open.length >= most) revert IStakingPool.StakingPoolTooManyRequests(open.length, most);
        requestId = ++requests.count;
        open.push(requestId);
        requests.byId[requestId] = request;
    }

    function close(Requests storage requests, uint64 requestId, IStakingPool.UnbondingRequest memory request)
        internal
    {
        delete requests.byId[requestId];
        uint64[] storage open = openOf(requests, request.providerId, request.kind, request.holder);
        uint256 place;
        while (open[place] != requestId) place++;
        open[place] = open[open.length - 1];
        open.pop();
    }

    function openOf(Requests storage requests, uint64 providerId, StakeKind kind, address holder)
        internal
        view
        returns (uint64[] storage)
    {
        return requests.open[keccak256(abi.encode(providerId, kind, holder))];
    }
}
