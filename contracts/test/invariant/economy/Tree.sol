// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Merkle trees as the services build them: leaves hashed twice, pairs sorted, an odd one carried up.
library Tree {
    function leaf(bytes memory encoded) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(encoded)));
    }

    function rootOf(bytes32[] memory hashes) internal pure returns (bytes32) {
        bytes32[] memory level = hashes;
        while (level.length > 1) level = _up(level);
        return level[0];
    }

    function proofOf(bytes32[] memory hashes, uint256 index) internal pure returns (bytes32[] memory proof) {
        bytes32[] memory found = new bytes32[](64);
        uint256 count;
        bytes32[] memory level = hashes;
        while (level.length > 1) {
            uint256 sibling = index ^ 1;
            if (sibling < level.length) found[count++] = level[sibling];
            level = _up(level);
            index /= 2;
        }
        proof = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            proof[i] = found[i];
        }
    }

    function _up(bytes32[] memory level) private pure returns (bytes32[] memory above) {
        above = new bytes32[]((level.length + 1) / 2);
        for (uint256 i = 0; i < above.length; i++) {
            bool alone = 2 * i + 1 == level.length;
            above[i] = alone ? level[2 * i] : _pair(level[2 * i], level[2 * i + 1]);
        }
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
