// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";
import { IParamStore } from "../../src/governance/IParamStore.sol";
import { Param } from "../../src/governance/Params.sol";
import { ParamStoreHandler } from "./ParamStoreHandler.sol";

/// @notice
/// 1. Every value in force is what was last announced for an epoch that has begun and not cancelled before it began.
/// 2. Values in force are in their bounds and keep the rules.
/// 3. Epochs follow each other without gaps: each begins where the length in force during the one before it ends it.
/// 4. What waits is what was announced last, for an epoch that has not begun.
contract ParamStoreInvariants is Test {
    ParamStoreHandler private handler;
    IParamStore private params;

    function setUp() external {
        handler = new ParamStoreHandler();
        handler.setUp();
        params = handler.store();

        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = handler.announce.selector;
        selectors[1] = handler.announceTwo.selector;
        selectors[2] = handler.announceLength.selector;
        selectors[3] = handler.cancel.selector;
        selectors[4] = handler.letTimePass.selector;
        selectors[5] = handler.letAnEpochBegin.selector;
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
        targetContract(address(handler));
    }

    /// forge-config: default.invariant.runs = 32
    function invariant_ValuesAndEpochsAreAsAnnounced() external view {
        uint64 current = params.currentEpoch();
        assertEq(current + 1, handler.epochsBegun(), "epochs begun");
        assertEq(params.epochStart(current), handler.starts(current), "the current epoch's start");
        assertEq(
            params.epochStart(current + 1),
            handler.starts(current) + params.get(Param.EpochSeconds),
            "the next epoch's start"
        );

        (IParamStore.Change[] memory changes, uint64 effectiveEpoch) = params.waiting();
        assertEq(effectiveEpoch, handler.expectedEpoch(), "waits for");
        assertEq(abi.encode(changes), abi.encode(handler.expectedChanges()), "waits");
        Param[] memory touched = handler.lastTouched();
        for (uint256 i = 0; i < touched.length; ++i) {
            _assertValue(touched[i], effectiveEpoch);
        }
    }

    /// @dev Epochs that have begun and parameters that nobody touched lately are compared once, at the end of a run.
    function afterInvariant() external view {
        (, uint64 effectiveEpoch) = params.waiting();
        for (uint256 i = 0; i < uint256(type(Param).max) + 1; ++i) {
            _assertValue(Param(i), effectiveEpoch);
        }
        _assertRules();
        for (uint64 epoch = 0; epoch < handler.epochsBegun(); ++epoch) {
            uint256 start = handler.starts(epoch);
            assertEq(params.epochStart(epoch), start, "start");
            assertEq(params.epochAt(start), epoch, "first second");
            if (epoch > 0) assertEq(params.epochAt(start - 1), epoch - 1, "last second");
        }
    }

    function _assertValue(Param param, uint64 effectiveEpoch) private view {
        (uint256 value, uint256 next, uint64 nextEpoch, uint256 min, uint256 max) = params.describe(param);
        assertEq(value, handler.inForce(uint256(param)), "in force");
        assertEq(params.get(param), value, "read");
        assertLe(min, value, "least");
        assertLe(value, max, "most");
        assertTrue(nextEpoch == 0 ? next == value : nextEpoch == effectiveEpoch, "next");
    }

    function _assertRules() private view {
        uint256 delegators = params.get(Param.UnbondingDelegatorSeconds);
        uint256 judged = params.get(Param.EpochSeconds) + params.get(Param.RootDelaySeconds)
            + params.get(Param.DisputeOpenSeconds) + params.get(Param.DisputeResolveSeconds);
        assertGe(delegators, judged, "unbonding covers disputes");
        assertGe(params.get(Param.UnbondingSelfSeconds), delegators, "providers leave last");
        uint256 charged = 2 * params.get(Param.ChargePeriodSeconds) + params.get(Param.ChargeDelaySeconds);
        assertGe(params.get(Param.WithdrawDelaySeconds), charged, "withdrawals wait");
        uint256 sum = 0;
        for (uint256 i = uint256(Param.FeeProvidersPpm); i <= uint256(Param.FeeBurnPpm); ++i) {
            sum += params.get(Param(i));
        }
        assertEq(sum, 1_000_000, "the split sums to one");
        uint256 paidBack = params.get(Param.FeeProvidersPpm) * (1_000_000 + params.get(Param.AnkrDiscountPpm));
        assertLt(paidBack, 1e12, "washing loses");
        assertGe(params.get(Param.AuctionLotMax), params.get(Param.AuctionLotMin), "lots");
        assertGe(params.get(Param.RateDayMoveMaxPpm), params.get(Param.RateMoveMaxPpm), "moves");
        uint256 commission = params.get(Param.CommissionMaxPpm);
        assertTrue(commission == 0 || commission >= params.get(Param.CommissionRiseMaxPpm), "rises");
    }
}
