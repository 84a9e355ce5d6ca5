// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { console } from "forge-std/console.sol";
import { Signed } from "../Signed.sol";

/// @notice Measures what a transaction costs and compares it with the figure in `gas.json`, which `npm run gas` writes.
///
/// Counted is what a sender pays: 21,000, the calldata, the call with every account and slot cold, less the refund.
abstract contract GasFixture is Signed {
    uint256 private constant INTRINSIC = 21_000;
    /// Part of a whole in 1e18: what a change may shift before somebody has to look.
    uint256 private constant TOLERANCE = 0.02e18;

    string private _known;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _deploySystem();
        _known = vm.readFile("contracts/test/gas/gas.json");
    }

    function _measure(string memory name, address from, address to, bytes memory data)
        internal
        returns (uint256 gas)
    {
        _cool();
        vm.prank(from);
        (bool ok, bytes memory answer) = to.call(data);
        gas = _paid(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        _compare(name, gas);
    }

    function _compare(string memory name, uint256 gas) internal {
        console.log("gas", name, gas);
        if (vm.envOr("MOORING_GAS_RECORD", false)) return;
        uint256 known = vm.parseJsonUint(_known, string.concat(".['", name, "']"));
        assertApproxEqRel(gas, known, TOLERANCE, string.concat(name, ": npm run gas writes the new figure"));
    }

    /// @dev Merkle siblings above a leaf, as deep as asked: what a big tree costs without building one.
    function _deep(bytes32 leaf, uint256 depth) internal pure returns (bytes32 root, bytes32[] memory proof) {
        proof = new bytes32[](depth);
        root = leaf;
        for (uint256 i = 0; i < depth; i++) {
            proof[i] = keccak256(abi.encode("sibling", i));
            root = root < proof[i]
                ? keccak256(abi.encode(root, proof[i]))
                : keccak256(abi.encode(proof[i], root));
        }
    }

    function _paid(bytes memory data) private view returns (uint256 gas) {
        int64 refund = vm.lastCallGas().gasRefunded;
        gas = uint256(vm.lastCallGas().gasTotalUsed) + INTRINSIC;
        for (uint256 i = 0; i < data.length; i++) {
            gas += data[i] == 0 ? 4 : 16;
        }
        uint256 back = refund > 0 ? uint256(uint64(refund)) : 0;
        // At most a fifth is given back.
        gas -= back > gas / 5 ? gas / 5 : back;
    }

    function _cool() private {
        address[15] memory parts = [
            address(manager),
            address(timelock),
            address(ankr),
            address(stable),
            address(params),
            address(signerSets),
            address(registry),
            address(pool),
            address(rateFeed),
            address(feeRouter),
            address(ankrEscrow),
            address(stableEscrow),
            address(epochs),
            address(distributor),
            address(priceBook)
        ];
        for (uint256 i = 0; i < parts.length; i++) {
            vm.cool(parts[i]);
        }
    }
}
