// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { CommonBase } from "forge-std/Base.sol";

/// @notice Signing keys of the services, ascending by address, and what they sign with them.
abstract contract Keys is CommonBase {
    uint256[] internal verifierKeys;
    uint256[] internal gatewayKeys;
    uint256[] internal rateKeys;

    function _makeSigners() internal {
        verifierKeys = _ascendingKeys("verifier", 3);
        gatewayKeys = _ascendingKeys("gateway", 3);
        rateKeys = _ascendingKeys("rate signer", 3);
    }

    function _ascendingKeys(string memory name, uint256 count) internal pure returns (uint256[] memory keys) {
        keys = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            uint256 key = uint256(keccak256(abi.encode(name, i))) >> 1;
            uint256 place = i;
            while (place > 0 && vm.addr(keys[place - 1]) > vm.addr(key)) {
                keys[place] = keys[place - 1];
                place--;
            }
            keys[place] = key;
        }
    }

    function _addresses(uint256[] memory keys) internal pure returns (address[] memory addresses) {
        addresses = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; i++) {
            addresses[i] = vm.addr(keys[i]);
        }
    }

    /// @dev Signatures of the first `count` keys over one digest.
    function _sign(uint256[] memory keys, uint256 count, bytes32 digest)
        internal
        pure
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; i++) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[i], digest);
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    function _domain(string memory name, address verifyingContract) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                verifyingContract
            )
        );
    }

    function _typedDigest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
