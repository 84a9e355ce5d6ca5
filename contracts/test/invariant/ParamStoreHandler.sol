// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../src/governance/IParamStore.sol";
import { Param } from "../../src/governance/Params.sol";
import { ParamStoreFixture } from "../unit/ParamStore/ParamStoreFixture.sol";

/// @notice Announces, cancels and lets time pass, and keeps beside the store what it should say: values by epoch, and
/// the start of every epoch, one after the other. A set that a rule forbids is left out.
contract ParamStoreHandler is ParamStoreFixture {
    uint256 private constant EPOCHS_AHEAD_MAX = 4;

    /// Starts of all epochs up to the current one.
    uint256[] public starts;
    uint256[] public inForce;
    IParamStore.Change[] private _expected;
    Param[] private _touched;
    uint64 public expectedEpoch;

    function setUp() public override {
        super.setUp();
        starts.push(START);
        for (uint256 i = 0; i < PARAM_COUNT; ++i) {
            inForce.push(params.get(Param(i)));
        }
    }

    function store() external view returns (IParamStore) {
        return params;
    }

    function epochsBegun() external view returns (uint256) {
        return starts.length;
    }

    function expectedChanges() external view returns (IParamStore.Change[] memory) {
        return _expected;
    }

    /// @notice What the last announced set named, whether it waits, was cancelled or has taken effect.
    function lastTouched() external view returns (Param[] memory) {
        return _touched;
    }

    function announce(uint256 seed, uint256 value, uint256 ahead) external {
        _tryAnnounce(_one(Param(bound(seed, 0, PARAM_COUNT - 1)), value), ahead);
    }

    function announceTwo(uint256 seed, uint256 value, uint256 seed2, uint256 value2, uint256 ahead) external {
        Param first = Param(bound(seed, 0, PARAM_COUNT - 1));
        Param second = Param(bound(seed2, 0, PARAM_COUNT - 1));
        if (first != second) _tryAnnounce(_two(first, value, second, value2), ahead);
    }

    function announceLength(uint256 value, uint256 ahead) external {
        _tryAnnounce(_one(Param.EpochSeconds, bound(value, 1 hours, 8 days)), ahead);
    }

    function cancel() external {
        if (expectedEpoch == 0) return;
        _cancel();
        delete _expected;
        expectedEpoch = 0;
    }

    function letTimePass(uint256 secondsMore) external {
        vm.warp(block.timestamp + bound(secondsMore, 1, 20 days));
        _beginEpochs();
    }

    /// @dev To the last second before an epoch, or to its first.
    function letAnEpochBegin(bool almost) external {
        uint256 next = starts[starts.length - 1] + inForce[uint256(Param.EpochSeconds)];
        if (almost && next - 1 > block.timestamp) vm.warp(next - 1);
        else vm.warp(next);
        _beginEpochs();
    }

    function _beginEpochs() private {
        while (starts[starts.length - 1] + inForce[uint256(Param.EpochSeconds)] <= block.timestamp) {
            starts.push(starts[starts.length - 1] + inForce[uint256(Param.EpochSeconds)]);
            if (expectedEpoch != 0 && starts.length - 1 == expectedEpoch) _takeEffect();
        }
    }

    function _takeEffect() private {
        for (uint256 i = 0; i < _expected.length; ++i) {
            inForce[uint256(_expected[i].param)] = _expected[i].value;
        }
        delete _expected;
        expectedEpoch = 0;
    }

    function _tryAnnounce(IParamStore.Change[] memory changes, uint256 ahead) private {
        if (expectedEpoch != 0) return;
        for (uint256 i = 0; i < changes.length; ++i) {
            (,,, uint256 min, uint256 max) = params.describe(changes[i].param);
            changes[i].value = bound(changes[i].value, min, max);
        }
        uint64 effectiveEpoch = uint64(starts.length - 1 + bound(ahead, 1, EPOCHS_AHEAD_MAX));
        vm.prank(governor);
        try params.announce(changes, effectiveEpoch) {
            expectedEpoch = effectiveEpoch;
            delete _touched;
            for (uint256 i = 0; i < changes.length; ++i) {
                _expected.push(changes[i]);
                _touched.push(changes[i].param);
            }
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IParamStore.ParamStoreRuleBroken.selector, "only rules refuse");
        }
    }
}
