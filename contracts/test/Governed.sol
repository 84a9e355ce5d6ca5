// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../src/governance/IParamStore.sol";
import { Param } from "../src/governance/Params.sol";
import { Signed } from "./Signed.sol";

/// @notice What governance and the rate signers do now and then, by the ways they have.
abstract contract Governed is Signed {
    /// @dev Announces by the timelock what takes effect at the moment returned.
    function _announce(IParamStore.Change[] memory changes) internal returns (uint256 effectiveAt) {
        uint64 epoch = params.epochAt(block.timestamp + TIMELOCK_DELAY) + 1;
        _govern(address(params), abi.encodeCall(IParamStore.announce, (changes, epoch)));
        return params.epochStart(epoch);
    }

    function _announce(Param param, uint256 value) internal returns (uint256 effectiveAt) {
        IParamStore.Change[] memory changes = new IParamStore.Change[](1);
        changes[0] = IParamStore.Change(param, value);
        return _announce(changes);
    }

    /// @dev Changes a parameter; the epoch it takes effect with has just begun afterwards.
    function _changeParam(Param param, uint256 value) internal {
        vm.warp(_announce(param, value));
    }

    /// @dev All rate signers say the same of now.
    function _postRate(uint256 rate) internal {
        uint256[] memory quotes = new uint256[](3);
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; i++) {
            quotes[i] = rate;
            signatures[i] = _quoteSignature(rateKeys[i], rate, uint64(block.timestamp));
        }
        rateFeed.post(uint64(block.timestamp), quotes, signatures);
    }
}
