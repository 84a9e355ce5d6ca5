// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPriceBook } from "../../src/governance/IPriceBook.sol";
import { GasFixture } from "./GasFixture.sol";

/// @notice What a call of the timelock costs, its own part left out.
contract Gas_Governance_Test is GasFixture {
    function test_ATableOfPricesIsAnnouncedAndTakenBack() external {
        // As long as the address of a file by its hash.
        string memory uri = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        bytes memory announce = abi.encodeCall(IPriceBook.announce, (keccak256("table"), uri, 1));
        _measure("announce a price table", address(timelock), address(priceBook), announce);
        bytes memory cancel = abi.encodeCall(IPriceBook.cancel, ());
        _measure("cancel a price table", address(timelock), address(priceBook), cancel);
    }
}
