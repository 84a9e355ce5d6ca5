// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { FeeRouter } from "../../../src/payments/FeeRouter.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { HostileToken } from "../Escrow/HostileToken.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract Release_FeeRouter_Test is FeeRouterFixture {
    function test_RevertGiven_TheBucketIsEmpty() external {
        for (uint256 i = 0; i < 4; i++) {
            vm.expectRevert(IFeeRouter.FeeRouterZeroAmount.selector);
            feeRouter.release(FeeBucket(i));
        }
        _route(1000e18);
        for (uint256 i = 0; i < 4; i++) {
            feeRouter.release(FeeBucket(i));
            vm.expectRevert(IFeeRouter.FeeRouterZeroAmount.selector);
            feeRouter.release(FeeBucket(i));
        }
        assertEq(feeRouter.held(ankr), 0);
    }

    function test_AnyoneReleasesToTheRecipient() external {
        _route(1000e18);
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.BucketReleased(FeeBucket.Protection, recipients[3], 30e18);
        vm.prank(stranger);
        assertEq(feeRouter.release(FeeBucket.Protection), 30e18);
        assertEq(ankr.balanceOf(recipients[3]), 30e18);
        assertEq(ankr.balanceOf(stranger), 0);
        assertEq(feeRouter.accrued(FeeBucket.Protection), 0);
        _assertBooks();
    }

    function test_LeavesTheOtherBuckets() external {
        _route(1000e18);
        feeRouter.release(FeeBucket.Grants);
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 80e18);
        assertEq(feeRouter.accrued(FeeBucket.Auditors), 20e18);
        assertEq(feeRouter.accrued(FeeBucket.Protection), 30e18);
        assertEq(ankr.balanceOf(recipients[1]), 20e18);
        _assertBooks();
    }

    function test_SendsToTheRecipientOfTheDay() external {
        _route(1000e18);
        address heir = makeAddr("heir");
        _govern(address(feeRouter), abi.encodeCall(IFeeRouter.setRecipient, (FeeBucket.Auditors, heir)));
        feeRouter.release(FeeBucket.Auditors);
        assertEq(ankr.balanceOf(heir), 20e18);
        assertEq(ankr.balanceOf(recipients[2]), 0);
    }

    function test_ReleasedToItselfItBecomesFees() external {
        _route(1000e18);
        _govern(
            address(feeRouter),
            abi.encodeCall(IFeeRouter.setRecipient, (FeeBucket.Treasury, address(feeRouter)))
        );
        feeRouter.release(FeeBucket.Treasury);
        assertEq(feeRouter.surplusOf(ankr), 80e18);
        _assertBooks();
        feeRouter.route();
        assertEq(feeRouter.providersTotal(), 864e18);
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 6.4e18);
        _assertBooks();
    }

    function test_RevertWhen_Reentered() external {
        HostileToken hostile = new HostileToken(address(this));
        FeeRouter router = _deployRouter(params, hostile, stable, false);
        hostile.transfer(address(router), 1000e18);
        router.route();
        hostile.setCallback(address(router), abi.encodeCall(IFeeRouter.release, (FeeBucket.Grants)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        router.release(FeeBucket.Treasury);
        assertEq(router.accrued(FeeBucket.Treasury), 80e18);
    }

    function testFuzz_PaysExactlyWhatAccrued(uint96[6] memory amounts, uint8[6] memory buckets) external {
        uint256[4] memory expected;
        for (uint256 i = 0; i < amounts.length; i++) {
            uint256 amount = amounts[i] % 1e27;
            _route(amount);
            expected[0] += amount * 80_000 / 1e6;
            expected[1] += amount * 20_000 / 1e6;
            expected[2] += amount * 20_000 / 1e6;
            expected[3] += amount * 30_000 / 1e6;
            FeeBucket bucket = FeeBucket(buckets[i] % 4);
            if (feeRouter.accrued(bucket) > 0) feeRouter.release(bucket);
            _assertBooks();
        }
        for (uint256 i = 0; i < 4; i++) {
            assertEq(feeRouter.accrued(FeeBucket(i)) + ankr.balanceOf(recipients[i]), expected[i]);
        }
    }
}
