// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IStakingPool, StakeKind } from "../../../src/staking/IStakingPool.sol";
import { StakingPoolFixture } from "./StakingPoolFixture.sol";

contract StakeWithPermit_StakingPool_Test is StakingPoolFixture {
    address private signer;
    uint256 private secret;

    function setUp() public override {
        super.setUp();
        (signer, secret) = makeAddrAndKey("signer");
        _fundAnkr(signer, 2 * MIN);
    }

    function test_StakesByThePermit() external {
        _stakePermitted(DELEGATED, MIN, MIN, block.timestamp);
        assertEq(pool.stakeOf(id, DELEGATED, signer), MIN);
        vm.prank(owner);
        registry.offerOwnership(id, signer);
        vm.prank(signer);
        registry.acceptOwnership(id);
        _stakePermitted(SELF, MIN, MIN, block.timestamp);
        assertEq(_selfShares(), MIN);
        assertEq(ankr.allowance(signer, address(pool)), 0);
        assertEq(ankr.balanceOf(signer), 0);
        _assertBooks();
    }

    function test_StakesThoughThePermitWasUsed() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(MIN, block.timestamp);
        vm.prank(stranger);
        ankr.permit(signer, address(pool), MIN, block.timestamp, v, r, s);
        vm.prank(signer);
        pool.stakeWithPermit(id, DELEGATED, MIN, MIN, block.timestamp, v, r, s);
        assertEq(pool.stakeOf(id, DELEGATED, signer), MIN);
    }

    function test_StakesByAnAllowance() external {
        vm.startPrank(signer);
        ankr.approve(address(pool), MIN);
        pool.stakeWithPermit(id, DELEGATED, MIN, MIN, block.timestamp, 27, "no", "permit");
        assertEq(pool.stakeOf(id, DELEGATED, signer), MIN);
    }

    function test_RevertWhen_NothingAllowsIt() external {
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(signer);
        pool.stakeWithPermit(id, DELEGATED, MIN, MIN, block.timestamp, 27, "no", "permit");
    }

    function test_RevertWhen_ThePermitAllowsLess() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(MIN - 1, block.timestamp);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(signer);
        pool.stakeWithPermit(id, DELEGATED, MIN, MIN, block.timestamp, v, r, s);
    }

    function test_RevertWhen_ThePermitIsOutOfDate() external {
        uint256 deadline = block.timestamp - 1;
        (uint8 v, bytes32 r, bytes32 s) = _permit(MIN, deadline);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(signer);
        pool.stakeWithPermit(id, DELEGATED, MIN, MIN, deadline, v, r, s);
    }

    function test_RevertWhen_BelowTheMinimum() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(MIN - 1, block.timestamp);
        _expectBelowMinimum(MIN - 1);
        vm.prank(signer);
        pool.stakeWithPermit(id, DELEGATED, MIN - 1, 0, block.timestamp, v, r, s);
    }

    function test_RevertWhen_TooFewShares() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(MIN, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IStakingPool.StakingPoolTooFewShares.selector, MIN, MIN + 1));
        vm.prank(signer);
        pool.stakeWithPermit(id, DELEGATED, MIN, MIN + 1, block.timestamp, v, r, s);
    }

    function _stakePermitted(StakeKind kind, uint256 amount, uint256 sharesMin, uint256 deadline) private {
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount, deadline);
        vm.prank(signer);
        pool.stakeWithPermit(id, kind, amount, sharesMin, deadline, v, r, s);
    }

    function _permit(uint256 value, uint256 deadline) private view returns (uint8, bytes32, bytes32) {
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash =
            keccak256(abi.encode(typeHash, signer, address(pool), value, ankr.nonces(signer), deadline));
        return vm.sign(secret, _typedDigest(ankr.DOMAIN_SEPARATOR(), structHash));
    }
}
