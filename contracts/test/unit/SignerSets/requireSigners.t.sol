// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract RequireSigners_SignerSets_Test is SignerSetsFixture {
    function test_RevertWhen_LengthsDiffer() external {
        (bytes32[] memory digests, bytes[] memory signatures) = _each(rateKeys, 3);
        _expectLengths(2, 3);
        sets.requireSigners(SignerRole.RateSigner, _first(digests, 2), signatures);
        (, bytes[] memory fewer) = _each(rateKeys, 2);
        _expectLengths(3, 2);
        sets.requireSigners(SignerRole.RateSigner, digests, fewer);
    }

    function test_RevertWhen_ThereAreTooFewSigners() external {
        (bytes32[] memory digests, bytes[] memory signatures) = _each(rateKeys, 1);
        _expectTooFew(1, 2);
        sets.requireSigners(SignerRole.RateSigner, digests, signatures);
        _expectTooFew(0, 2);
        sets.requireSigners(SignerRole.RateSigner, new bytes32[](0), new bytes[](0));
    }

    function test_RevertGiven_NoSetForSigners() external {
        sets = _deploy(ankr);
        _expectTooFew(0, 0);
        sets.requireSigners(SignerRole.RateSigner, new bytes32[](0), new bytes[](0));
    }

    function test_RevertWhen_ASignerSignedTwice() external {
        uint256[] memory keys = new uint256[](2);
        keys[0] = rateKeys[0];
        keys[1] = rateKeys[0];
        (bytes32[] memory digests, bytes[] memory signatures) = _each(keys, 2);
        address signer = vm.addr(rateKeys[0]);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotAscending.selector, signer, signer));
        sets.requireSigners(SignerRole.RateSigner, digests, signatures);
    }

    function test_RevertWhen_OneSignerIsNoMember() external {
        (bytes32[] memory digests, bytes[] memory signatures) = _each(verifierKeys, 2);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsNotMember.selector, SignerRole.RateSigner, _verifier(0)
            )
        );
        sets.requireSigners(SignerRole.RateSigner, digests, signatures);
    }

    function test_RevertWhen_TheDigestsAreSwapped() external {
        (bytes32[] memory digests, bytes[] memory signatures) = _each(rateKeys, 2);
        (digests[0], digests[1]) = (digests[1], digests[0]);
        address recovered = ECDSA.recover(digests[0], signatures[0]);
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsNotMember.selector, SignerRole.RateSigner, recovered)
        );
        sets.requireSigners(SignerRole.RateSigner, digests, signatures);
    }

    function testFuzz_AcceptsOneDigestEach(bytes32 first, bytes32 second, bytes32 third) external view {
        bytes32[] memory digests = new bytes32[](3);
        (digests[0], digests[1], digests[2]) = (first, second, third);
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(rateKeys[i], digests[i]);
            signatures[i] = abi.encodePacked(r, s, v);
        }
        sets.requireSigners(SignerRole.RateSigner, digests, signatures);
        (digests, signatures) = _each(rateKeys, 2);
        sets.requireSigners(SignerRole.RateSigner, digests, signatures);
    }

    /// @dev Each of the first `count` keys signs its place.
    function _each(uint256[] memory keys, uint256 count)
        private
        pure
        returns (bytes32[] memory digests, bytes[] memory signatures)
    {
        digests = new bytes32[](count);
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            digests[i] = keccak256(abi.encode("quote", i));
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[i], digests[i]);
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    function _first(bytes32[] memory digests, uint256 count) private pure returns (bytes32[] memory part) {
        part = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            part[i] = digests[i];
        }
    }

    function _expectLengths(uint256 digests, uint256 signatures) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsLengthMismatch.selector, digests, signatures)
        );
    }

    function _expectTooFew(uint256 given, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsTooFewSignatures.selector, SignerRole.RateSigner, given, needed
            )
        );
    }
}
