// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { FeeBucket, IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { FeeRouterFixture } from "./FeeRouterFixture.sol";

contract SetRecipient_FeeRouter_Test is FeeRouterFixture {
    address private heir = makeAddr("heir");

    function test_RevertWhen_CallerIsNotTheGovernor() external {
        address[5] memory callers = [recipients[0], address(this), dao, guardian, address(bootstrap)];
        for (uint256 i = 0; i < callers.length; i++) {
            vm.prank(callers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, callers[i])
            );
            feeRouter.setRecipient(FeeBucket.Treasury, heir);
        }
        assertEq(feeRouter.recipientOf(FeeBucket.Treasury), recipients[0]);
    }

    function test_RevertWhen_TheRecipientIsZero() external {
        vm.prank(address(timelock));
        vm.expectRevert(IFeeRouter.FeeRouterZeroAddress.selector);
        feeRouter.setRecipient(FeeBucket.Grants, address(0));
        assertEq(feeRouter.recipientOf(FeeBucket.Grants), recipients[1]);
    }

    function test_NamesTheRecipientOfOneBucket() external {
        vm.expectEmit(address(feeRouter));
        emit IFeeRouter.RecipientSet(FeeBucket.Grants, heir);
        vm.prank(address(timelock));
        feeRouter.setRecipient(FeeBucket.Grants, heir);
        assertEq(feeRouter.recipientOf(FeeBucket.Grants), heir);
        assertEq(feeRouter.recipientOf(FeeBucket.Treasury), recipients[0]);
        assertEq(feeRouter.recipientOf(FeeBucket.Auditors), recipients[2]);
        assertEq(feeRouter.recipientOf(FeeBucket.Protection), recipients[3]);
    }

    function test_MovesNothing() external {
        _route(1000e18);
        vm.prank(address(timelock));
        feeRouter.setRecipient(FeeBucket.Treasury, heir);
        assertEq(feeRouter.accrued(FeeBucket.Treasury), 80e18);
        assertEq(ankr.balanceOf(heir), 0);
        _assertBooks();
    }
}
