// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IParamStore } from "./IParamStore.sol";
import { IPriceBook } from "./IPriceBook.sol";

/// @title PriceBook: which table of prices holds in which epoch
///
/// - Holds no tokens.
/// - Governance (the timelock) may announce a table for an epoch that has not begun, and take it back until then. It can
///   never change which table an epoch has that has begun.
/// - Anybody may read. A table takes effect by itself when its epoch begins: no call is needed.
/// - What a table says is not known here: services refuse one that does not keep the rules of a table, or whose text
///   has another hash.
contract PriceBook is IPriceBook, AccessManaged {
    /// @inheritdoc IPriceBook
    IParamStore public immutable params;

    /// @dev By ascending first epoch. The first one begins with epoch 0; none but the last may be waiting.
    Table[] private _tables;

    constructor(address authority, IParamStore params_, bytes32 tableHash, string memory uri)
        AccessManaged(authority)
    {
        params = params_;
        _add(Table(tableHash, 0, uri));
    }

    /// @inheritdoc IPriceBook
    function announce(bytes32 tableHash, string calldata uri, uint64 effectiveEpoch) external restricted {
        uint64 epoch = params.currentEpoch();
        if (effectiveEpoch <= epoch) revert PriceBookEpochTooSoon(effectiveEpoch, epoch + 1);
        uint64 lastEpoch = _last().firstEpoch;
        if (lastEpoch > epoch) revert PriceBookTableWaiting(lastEpoch);
        _add(Table(tableHash, effectiveEpoch, uri));
    }

    /// @inheritdoc IPriceBook
    function cancel() external restricted {
        Table storage last = _last();
        if (last.firstEpoch <= params.currentEpoch()) revert PriceBookNothingWaiting();
        emit TableCancelled(last.hash, last.firstEpoch);
        _tables.pop();
    }

    /// @inheritdoc IPriceBook
    function current() external view returns (Table memory) {
        return tableAt(params.currentEpoch());
    }

    /// @inheritdoc IPriceBook
    function waiting() external view returns (Table memory table) {
        Table storage last = _last();
        if (last.firstEpoch > params.currentEpoch()) table = last;
    }

    /// @inheritdoc IPriceBook
    function tableAt(uint64 epoch) public view returns (Table memory) {
        uint256 place = _tables.length - 1;
        // The first table begins with epoch 0, so the search ends there.
        while (_tables[place].firstEpoch > epoch) --place;
        return _tables[place];
    }

    function _add(Table memory table) private {
        if (table.hash == bytes32(0)) revert PriceBookZeroHash();
        _tables.push(table);
        emit TableAnnounced(table.hash, table.firstEpoch, table.uri);
    }

    function _last() private view returns (Table storage) {
        return _tables[_tables.length - 1];
    }
}
