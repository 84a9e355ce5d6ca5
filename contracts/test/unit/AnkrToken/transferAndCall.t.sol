// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC1363 } from "@openzeppelin/contracts/interfaces/IERC1363.sol";
import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { IERC165 } from "@openzeppelin/contracts/interfaces/IERC165.sol";
import { ERC1363Utils } from "@openzeppelin/contracts/token/ERC20/utils/ERC1363Utils.sol";
import { AnkrTokenFixture, Receiver } from "./AnkrTokenFixture.sol";

contract TransferAndCall_AnkrToken_Test is AnkrTokenFixture {
    function test_RevertWhen_TheReceiverIsNoContract() external {
        vm.expectRevert(abi.encodeWithSelector(ERC1363Utils.ERC1363InvalidReceiver.selector, stranger));
        vm.prank(vault);
        ankr.transferAndCall(stranger, 5);
    }

    function test_RevertWhen_TheReceiverGivesAnotherAnswer() external {
        Receiver receiver = new Receiver(0x12345678);
        vm.expectRevert(abi.encodeWithSelector(ERC1363Utils.ERC1363InvalidReceiver.selector, receiver));
        vm.prank(vault);
        ankr.transferAndCall(address(receiver), 5);
    }

    function test_TransfersAndTells() external {
        Receiver receiver = new Receiver(IERC1363Receiver.onTransferReceived.selector);
        vm.prank(vault);
        ankr.transferAndCall(address(receiver), 5, hex"cafe");
        assertEq(ankr.balanceOf(address(receiver)), 5);
        assertEq(receiver.operator(), vault);
        assertEq(receiver.from(), vault);
        assertEq(receiver.value(), 5);
        assertEq(receiver.data(), hex"cafe");
    }

    function test_AnnouncesTheInterface() external view {
        assertTrue(ankr.supportsInterface(type(IERC1363).interfaceId));
        assertTrue(ankr.supportsInterface(type(IERC165).interfaceId));
        assertFalse(ankr.supportsInterface(0xffffffff));
    }
}
