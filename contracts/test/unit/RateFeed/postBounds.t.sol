// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { Param } from "../../../src/governance/Params.sol";
import { RateFeed } from "../../../src/payments/RateFeed.sol";
import { RateFeedFixture } from "./RateFeedFixture.sol";

/// @notice How far one post and one day move the rate.
contract PostBounds_RateFeed_Test is RateFeedFixture {
    function test_MovesToTheBoundOfAStep() external {
        skip(1);
        _expectPosted(0.036e18, 1e30);
        _postRate(1e30);
        skip(1);
        _expectPosted(0.0288e18, 1);
        _postRate(1);
        assertEq(_rate(), 0.0288e18);
    }

    function test_BoundsByTheParameterInForce() external {
        uint256 effectiveAt = _announce(Param.RateMoveMaxPpm, 1000);
        vm.warp(effectiveAt - 1);
        _postRate(1);
        assertEq(_rate(), 0.024e18);
        vm.warp(effectiveAt);
        _postRate(1e30);
        assertEq(_rate(), 0.024024e18);
    }

    function test_TheSmallestRateRisesAgain() external {
        rateFeed = new RateFeed(params, signerSets, 6, 2);
        _step(1);
        assertEq(_rate(), 1);
        _step(1);
        assertEq(_rate(), 1);
        _step(1e18);
        assertEq(_rate(), 2);
        // From the second day on the anchor leaves room again.
        for (uint256 i = 0; i < 5; i++) {
            skip(DAY);
            _postRate(1e18);
        }
        assertGt(_rate(), 5);
    }

    function test_MovesToTheBoundOfTheDay() external {
        for (uint256 i = 0; i < 5; i++) {
            _step(1e30);
        }
        assertEq(_rate(), 0.048e18);
        for (uint256 i = 0; i < 12; i++) {
            _step(1);
        }
        assertEq(_rate(), 0.012e18);
        _assertAnchor(INITIAL_RATE, START);
    }

    function test_BeginsAnotherDay() external {
        for (uint256 i = 0; i < 5; i++) {
            _step(1e30);
        }
        vm.warp(START + DAY - 1);
        _postRate(1e30);
        assertEq(_rate(), 0.048e18);
        _assertAnchor(INITIAL_RATE, START);

        vm.warp(START + DAY);
        _postRate(1e30);
        assertEq(_rate(), 0.0576e18);
        _assertAnchor(0.048e18, START + DAY);
    }

    function test_ADayBeginsAtAPost() external {
        vm.warp(START + 10 * DAY + 77);
        _postRate(0.031e18);
        _assertAnchor(INITIAL_RATE, START + 10 * DAY + 77);
        vm.warp(START + 11 * DAY + 76);
        _postRate(0.032e18);
        _assertAnchor(INITIAL_RATE, START + 10 * DAY + 77);
        vm.warp(START + 11 * DAY + 77);
        _postRate(0.033e18);
        _assertAnchor(0.032e18, START + 11 * DAY + 77);
    }

    function test_MeasuresDaysByBlockTime() external {
        vm.warp(START + DAY - 1);
        // A quote's time cannot reach into the next day, and one of the old day counts when it is posted.
        _postRate(0.031e18);
        _assertAnchor(INITIAL_RATE, START);
        vm.warp(START + DAY + 10);
        _postOf(_quotes(0.032e18, 0.032e18), uint64(START + DAY));
        _assertAnchor(0.031e18, START + DAY + 10);
    }

    function test_TheStepDecidesWithoutRoom() external {
        IParamStore.Change[] memory changes = new IParamStore.Change[](2);
        changes[0] = IParamStore.Change(Param.RateMoveMaxPpm, 1000);
        changes[1] = IParamStore.Change(Param.RateDayMoveMaxPpm, 1000);
        uint256 effectiveAt = _announce(changes);
        vm.warp(effectiveAt - 10);
        _postRate(INITIAL_RATE);
        for (uint256 i = 0; i < 5; i++) {
            _step(1e30);
        }
        assertEq(_rate(), 0.048e18);
        vm.warp(effectiveAt);
        // The day now ends at 0.03003, far below. The rate walks back towards it and does not jump.
        _expectPosted(0.047952e18, 1e30);
        _postRate(1e30);
        _step(1e30);
        assertEq(_rate(), _down(0.047952e18, 1000));
    }

    function testFuzz_MovesWithinBothBounds(uint256[12] memory quotes, uint32[12] memory waits) external {
        for (uint256 i = 0; i < quotes.length; i++) {
            skip(1 + waits[i] % 12 hours);
            uint256 before = _rate();
            _postRate(bound(quotes[i], 1, i % 2 == 0 ? 1e30 : 0.06e18));
            (uint256 anchor,) = rateFeed.anchor();
            assertGe(_rate(), _down(before, MOVE_PPM));
            assertLe(_rate(), _up(before, MOVE_PPM));
            assertGe(_rate(), _down(anchor, DAY_MOVE_PPM));
            assertLe(_rate(), _up(anchor, DAY_MOVE_PPM));
        }
    }

    function testFuzz_KeepsToTheStaircase(uint256 seed, bool upward) external {
        // From a rate that stood still, n days reach (1 ± D) to the power of n + 1, and no further.
        uint256 limit = INITIAL_RATE;
        for (uint256 day = 0; day < 3; day++) {
            limit = upward ? _up(limit, DAY_MOVE_PPM) : _down(limit, DAY_MOVE_PPM);
            for (uint256 i = 0; i < 6; i++) {
                skip(i == 0 ? 1 : 1 + uint256(keccak256(abi.encode(seed, day, i))) % 4 hours);
                _postRate(upward ? 1e30 : 1);
                if (upward) assertLe(_rate(), limit);
                else assertGe(_rate(), limit);
            }
            assertEq(_rate(), limit);
            vm.warp(START + (day + 1) * DAY);
        }
    }

    function testFuzz_FollowsWithinTheBounds(uint256 quote) external {
        quote = bound(quote, _down(INITIAL_RATE, MOVE_PPM), _up(INITIAL_RATE, MOVE_PPM));
        _step(quote);
        assertEq(_rate(), quote);
    }
}
