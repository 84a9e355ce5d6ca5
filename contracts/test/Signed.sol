// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Escrow } from "../src/payments/Escrow.sol";
import { IEpochManager } from "../src/rewards/IEpochManager.sol";
import { System } from "./System.sol";

/// @notice What the services sign, as the contracts expect it.
abstract contract Signed is System {
    function _chargeSignatures(Escrow escrow, bytes32 root, bytes32 dataHash, uint64 periodEnd)
        internal
        view
        returns (bytes[] memory)
    {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("ChargeRoot(uint64 rootId,bytes32 root,bytes32 dataHash,uint64 periodEnd)"),
                escrow.chargeRootCount() + 1,
                root,
                dataHash,
                periodEnd
            )
        );
        return _sign(verifierKeys, 2, _typedDigest(_domain("MooringEscrow", address(escrow)), structHash));
    }

    function _epochSignatures(IEpochManager.EpochRoots memory roots) internal view returns (bytes[] memory) {
        bytes32 typeHash = keccak256(
            "EpochRoots(uint64 epoch,uint64 attempt,bytes32 chargesRoot,bytes32 payoutsRoot,bytes32 performanceRoot,bytes32 receiptsRoot,bytes32 tariffHash,bytes32 dataHash,uint128 payoutsTotal,uint128 withheldTotal)"
        );
        bytes32 structHash = keccak256(
            abi.encode(
                typeHash,
                roots.epoch,
                epochs.attempt(),
                roots.chargesRoot,
                roots.payoutsRoot,
                roots.performanceRoot,
                roots.receiptsRoot,
                roots.tariffHash,
                roots.dataHash,
                roots.payoutsTotal,
                roots.withheldTotal
            )
        );
        return
            _sign(verifierKeys, 2, _typedDigest(_domain("MooringEpochManager", address(epochs)), structHash));
    }

    function _quoteSignature(uint256 key, uint256 quote, uint64 observedAt)
        internal
        view
        returns (bytes memory)
    {
        bytes32 structHash = keccak256(
            abi.encode(keccak256("Quote(uint256 usdPerAnkr,uint64 observedAt)"), quote, observedAt)
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, _typedDigest(_domain("MooringRateFeed", address(rateFeed)), structHash));
        return abi.encodePacked(r, s, v);
    }

    function _nodeKeyProof(uint256 secret, uint64 providerId) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("NodeKey(uint64 providerId,address signingKey)"), providerId, vm.addr(secret)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(secret, _typedDigest(_domain("MooringProviderRegistry", address(registry)), structHash));
        return abi.encodePacked(r, s, v);
    }
}
