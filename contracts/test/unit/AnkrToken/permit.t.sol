// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { AnkrTokenFixture } from "./AnkrTokenFixture.sol";

contract Permit_AnkrToken_Test is AnkrTokenFixture {
    uint256 private constant DEADLINE = 1_800_000_000;

    function setUp() public override {
        super.setUp();
        vm.warp(DEADLINE);
    }

    function test_RevertWhen_TheDeadlineHasPassed() external {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, _permitDigest(stranger, 5, 0, DEADLINE));
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, DEADLINE));
        ankr.permit(owner, stranger, 5, DEADLINE, v, r, s);
    }

    function test_RevertWhen_SomebodyElseSigned() external {
        (address other, uint256 key) = makeAddrAndKey("other");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _permitDigest(stranger, 5, 0, DEADLINE));
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, other, owner));
        ankr.permit(owner, stranger, 5, DEADLINE, v, r, s);
    }

    function test_RevertGiven_ThePermitWasUsed() external {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, _permitDigest(stranger, 5, 0, DEADLINE));
        ankr.permit(owner, stranger, 5, DEADLINE, v, r, s);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        ankr.permit(owner, stranger, 5, DEADLINE, v, r, s);
    }

    function test_ApprovesTheSpender() external {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, _permitDigest(stranger, 5, 0, DEADLINE));
        ankr.permit(owner, stranger, 5, DEADLINE, v, r, s);
        assertEq(ankr.allowance(owner, stranger), 5);
        assertEq(ankr.nonces(owner), 1);
        _fund(owner, 9);
        vm.prank(stranger);
        ankr.transferFrom(owner, stranger, 5);
        assertEq(ankr.balanceOf(stranger), 5);
        assertEq(ankr.balanceOf(owner), 4);
    }
}
