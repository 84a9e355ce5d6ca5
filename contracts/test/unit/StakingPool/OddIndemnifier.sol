// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IIndemnifier, IStakingPool } from "../../../src/staking/IStakingPool.sol";

/// @notice Covers a part of a loss, or does what an indemnifier should not.
contract OddIndemnifier is IIndemnifier {
    enum Answer {
        Pay,
        /// Says that it has paid.
        Lie,
        Revert,
        /// Pays, then takes it back by a failure.
        PayAndRevert,
        /// Answers more bytes than the caller has gas to copy.
        Bomb,
        /// Uses up all gas it is given.
        Burn,
        /// Pays, and calls the pool again.
        Reenter
    }

    IERC20 private immutable _asset;
    Answer private _answer;
    uint256 private _pays;
    bytes private _callback;

    uint64 public askedProvider;
    uint256 public askedLoss;
    /// What the pool said when it was called again.
    bytes public refusal;

    constructor(IERC20 asset_) {
        _asset = asset_;
    }

    function pay(uint256 amount) external {
        _pays = amount;
    }

    function answerWith(Answer answer) external {
        _answer = answer;
    }

    function reenterWith(bytes calldata callback) external {
        _answer = Answer.Reenter;
        _callback = callback;
    }

    function cover(uint64 providerId, uint256 loss) external returns (uint256 paid) {
        if (_answer == Answer.Lie) return loss;
        require(_answer != Answer.Revert, "refused");
        if (_answer == Answer.Bomb) _bomb();
        while (_answer == Answer.Burn) { }
        askedProvider = providerId;
        askedLoss = loss;
        require(_asset.transfer(msg.sender, _pays), "not sent");
        require(_answer != Answer.PayAndRevert, "failed");
        if (_answer == Answer.Reenter) (, refusal) = msg.sender.call(_callback);
        return _pays;
    }

    /// @dev As many bytes as nearly all gas buys.
    function _bomb() private pure {
        assembly ("memory-safe") {
            revert(0, 1500000)
        }
    }
}
