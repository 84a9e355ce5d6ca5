// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IProviderRegistry, NodeType } from "./IProviderRegistry.sol";

/// @notice What a provider may say of itself and its nodes. Whether it is true is for auditors to find out.
library NodeProfiles {
    uint256 internal constant METADATA_BYTES_MAX = 512;
    uint256 internal constant CHAINS_MAX = 64;

    /// @dev A chain named twice harms nobody and is not looked for.
    function check(IProviderRegistry.NodeProfile calldata profile) internal pure {
        if (profile.nodeType == NodeType.None) _refuse("no node type");
        if (profile.urlHash == 0) _refuse("no url hash");
        bytes32[] calldata chains = profile.chains;
        if (chains.length == 0) _refuse("no chains");
        if (chains.length > CHAINS_MAX) _refuse("too many chains");
        for (uint256 i = 0; i < chains.length; ++i) {
            if (chains[i] == 0) _refuse("empty chain");
        }
        checkMetadata(profile.metadataUri);
    }

    function checkMetadata(string calldata metadataUri) internal pure {
        if (bytes(metadataUri).length > METADATA_BYTES_MAX) _refuse("metadata too long");
    }

    function _refuse(bytes32 what) private pure {
        revert IProviderRegistry.ProviderRegistryBadProfile(what);
    }
}
