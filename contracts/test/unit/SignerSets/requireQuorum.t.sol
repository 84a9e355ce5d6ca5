// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSetsFixture } from "./SignerSetsFixture.sol";

contract RequireQuorum_SignerSets_Test is SignerSetsFixture {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function test_RevertGiven_NoSetWasEverInstalled() external {
        _expectTooFew(SignerRole.None, 0, 0);
        sets.requireQuorum(SignerRole.None, DIGEST, new bytes[](0));
        sets = _deploy(ankr);
        bytes[] memory signatures = _sign(verifierKeys, 3, DIGEST);
        _expectTooFew(SignerRole.Verifier, 3, 0);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        _expectTooFew(SignerRole.Verifier, 0, 0);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, new bytes[](0));
    }

    function test_RevertWhen_ThereAreTooFew() external {
        bytes[] memory signatures = _sign(verifierKeys, 1, DIGEST);
        _expectTooFew(SignerRole.Verifier, 1, 2);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        _expectTooFew(SignerRole.Verifier, 0, 2);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, new bytes[](0));
    }

    function test_RevertWhen_ASignatureIsThereTwice() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, DIGEST);
        signatures[1] = signatures[0];
        _expectNotAscending(_verifier(0), _verifier(0));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_RevertWhen_TheSignersDescend() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, DIGEST);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        _expectNotAscending(_verifier(1), _verifier(0));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_RevertWhen_ASignerIsNoMember() external {
        uint256[] memory keys = _sorted(verifierKeys[0], verifierKeys[1], spareKeys[0]);
        bytes[] memory signatures = _sign(keys, 3, DIGEST);
        _expectNotMember(_spare(0));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_RevertWhen_ASignerIsAMemberOfAnotherRole() external {
        bytes[] memory signatures = _sign(gatewayKeys, 3, DIGEST);
        _expectNotMember(vm.addr(gatewayKeys[0]));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        sets.requireQuorum(SignerRole.Gateway, DIGEST, signatures);
    }

    function test_RevertWhen_ASignerWasRotatedOut() external {
        bytes[] memory signatures = _sign(verifierKeys, 3, DIGEST);
        _rotate(SignerRole.Verifier, _members(_verifier(0), _verifier(1)), 2);
        _expectNotMember(_verifier(2));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(verifierKeys, 2, DIGEST));
    }

    function test_RevertWhen_ASignatureIsOfAnotherDigest() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, keccak256("something else"));
        address recovered = ECDSA.recover(DIGEST, signatures[0]);
        _expectNotMember(recovered);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_RevertWhen_ASignatureIsMalleable() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, DIGEST);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(verifierKeys[1], DIGEST);
        bytes32 other = bytes32(ORDER - uint256(s));
        signatures[1] = abi.encodePacked(r, other, v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, other));
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_RevertWhen_ASignatureHasAnotherLength() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, DIGEST);
        (bytes32 r, bytes32 vs) = vm.signCompact(verifierKeys[1], DIGEST);
        signatures[1] = abi.encodePacked(r, vs);
        _expectLength(64);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        signatures[1] = "";
        _expectLength(0);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        signatures = _sign(verifierKeys, 2, DIGEST);
        signatures[1] = bytes.concat(signatures[1], hex"00");
        _expectLength(66);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_RevertWhen_ASignatureRecoversNobody() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, DIGEST);
        signatures[0][64] = 0x1d;
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
    }

    function test_AcceptsExactlyTheThreshold() external view {
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(verifierKeys, 2, DIGEST));
        uint256[] memory keys = new uint256[](2);
        keys[0] = verifierKeys[0];
        keys[1] = verifierKeys[2];
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(keys, 2, DIGEST));
        keys[0] = verifierKeys[1];
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(keys, 2, DIGEST));
    }

    function test_AcceptsMore() external view {
        sets.requireQuorum(SignerRole.Verifier, DIGEST, _sign(verifierKeys, 3, DIGEST));
    }

    function testFuzz_AcceptsSubsetsThatAreLargeEnough(uint256 threshold, uint256 chosen, bytes32 digest)
        external
    {
        uint256 count = 7;
        threshold = bound(threshold, 4, count);
        chosen = bound(chosen, 0, (1 << count) - 1);
        uint256[] memory keys = _ascendingKeys("many", count);
        _depositAll(keys);
        _rotate(SignerRole.RateSigner, _addresses(keys), uint16(threshold));

        uint256[] memory signing = new uint256[](count);
        uint256 size = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (chosen & (1 << i) != 0) signing[size++] = keys[i];
        }
        bytes[] memory signatures = _sign(signing, size, digest);
        if (size < threshold) _expectTooFew(SignerRole.RateSigner, size, threshold);
        sets.requireQuorum(SignerRole.RateSigner, digest, signatures);
    }

    function test_CostsLittle() external {
        bytes[] memory signatures = _sign(verifierKeys, 2, DIGEST);
        vm.cool(address(sets));
        uint256 gas = gasleft();
        sets.requireQuorum(SignerRole.Verifier, DIGEST, signatures);
        assertLt(gas - gasleft(), 25_000);
    }

    /// @dev The two members are in order; the third key goes where its address belongs.
    function _sorted(uint256 first, uint256 second, uint256 third)
        private
        pure
        returns (uint256[] memory keys)
    {
        keys = new uint256[](3);
        (address a, address b, address c) = (vm.addr(first), vm.addr(second), vm.addr(third));
        if (c < a) (keys[0], keys[1], keys[2]) = (third, first, second);
        else if (c < b) (keys[0], keys[1], keys[2]) = (first, third, second);
        else (keys[0], keys[1], keys[2]) = (first, second, third);
    }

    function _expectTooFew(SignerRole role, uint256 given, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsTooFewSignatures.selector, role, given, needed)
        );
    }

    function _expectNotAscending(address previous, address next) private {
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotAscending.selector, previous, next));
    }

    function _expectNotMember(address signer) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISignerSets.SignerSetsNotMember.selector, SignerRole.Verifier, signer)
        );
    }

    function _expectLength(uint256 length) private {
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, length));
    }
}
