// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { RateFeed } from "../../../src/payments/RateFeed.sol";
import { RateFeedFixture } from "./RateFeedFixture.sol";

contract Post_RateFeed_Test is RateFeedFixture {
    uint64 private now_;

    function setUp() public override {
        super.setUp();
        skip(10);
        now_ = uint64(block.timestamp);
    }

    function test_RevertWhen_TheMomentIsAhead() external {
        _expectRefused(
            _quotes(1e16, 1e16),
            now_ + 1,
            abi.encodeWithSelector(IRateFeed.RateFeedInFuture.selector, now_ + 1)
        );
        _postOf(_quotes(0.03e18, 0.03e18), now_);
    }

    function test_RevertWhen_TheMomentIsNotNewer() external {
        _expectRefused(
            _quotes(1e16, 1e16),
            uint64(START),
            abi.encodeWithSelector(IRateFeed.RateFeedNotNewer.selector, START, START)
        );
        _post(_quotes(0.03e18, 0.03e18));
        skip(5);
        for (uint64 back = 0; back < 2; back++) {
            _expectRefused(
                _quotes(1e16, 1e16),
                now_ - back,
                abi.encodeWithSelector(IRateFeed.RateFeedNotNewer.selector, now_ - back, now_)
            );
        }
        _postOf(_quotes(0.03e18, 0.03e18), now_ + 1);
    }

    function test_RevertWhen_TheMomentIsTooOld() external {
        vm.warp(now_ + STALE + 1);
        _expectRefused(
            _quotes(1e16, 1e16), now_, abi.encodeWithSelector(IRateFeed.RateFeedTooOld.selector, now_)
        );
        vm.warp(now_ + STALE);
        _postOf(_quotes(0.03e18, 0.03e18), now_);
        (,, bool stale) = rateFeed.latest();
        assertFalse(stale);
    }

    function test_RevertWhen_LengthsDiffer() external {
        uint256[] memory quotes = _quotes(0.03e18, 0.03e18);
        bytes[] memory signatures = _signAll(_quotes(0.03e18, 0.03e18, 0.03e18), now_);
        vm.expectRevert(abi.encodeWithSelector(IRateFeed.RateFeedLengthMismatch.selector, 2, 3));
        rateFeed.post(now_, quotes, signatures);
        signatures = _signAll(quotes, now_);
        quotes = _quotes(0.03e18, 0.03e18, 0.03e18);
        vm.expectRevert(abi.encodeWithSelector(IRateFeed.RateFeedLengthMismatch.selector, 3, 2));
        rateFeed.post(now_, quotes, signatures);
    }

    function test_RevertWhen_AQuoteIsZero() external {
        for (uint256 i = 0; i < 3; i++) {
            uint256[] memory quotes = _quotes(0.03e18, 0.03e18, 0.03e18);
            quotes[i] = 0;
            _expectRefused(quotes, now_, abi.encodeWithSelector(IRateFeed.RateFeedZeroQuote.selector));
        }
    }

    function test_RevertWhen_TooFewSigned() external {
        for (uint256 count = 0; count < 2; count++) {
            uint256[] memory quotes = new uint256[](count);
            if (count == 1) quotes[0] = 0.03e18;
            _expectRefused(
                quotes,
                now_,
                abi.encodeWithSelector(
                    ISignerSets.SignerSetsTooFewSignatures.selector, SignerRole.RateSigner, count, 2
                )
            );
        }
    }

    function test_RevertWhen_AnotherRoleSigned() external {
        uint256[] memory quotes = _quotes(0.03e18, 0.03e18);
        bytes[] memory signatures = new bytes[](2);
        for (uint256 i = 0; i < 2; i++) {
            signatures[i] = _quoteSignature(verifierKeys[i], 0.03e18, now_);
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignerSets.SignerSetsNotMember.selector, SignerRole.RateSigner, vm.addr(verifierKeys[0])
            )
        );
        rateFeed.post(now_, quotes, signatures);
    }

    function test_RevertGiven_TheSignersWereRotatedOut() external {
        uint256[] memory next = _ascendingKeys("next rate signer", 3);
        _bondAll(next);
        _govern(
            address(signerSets),
            abi.encodeCall(ISignerSets.announceSet, (SignerRole.RateSigner, _addresses(next), 2))
        );
        skip(48 hours);
        _postRate(0.03e18);
        signerSets.installSet(SignerRole.RateSigner);
        skip(1);
        uint256[] memory quotes = _quotes(0.03e18, 0.03e18);
        bytes[] memory signatures = _signAll(quotes, uint64(block.timestamp));
        vm.expectPartialRevert(ISignerSets.SignerSetsNotMember.selector);
        rateFeed.post(uint64(block.timestamp), quotes, signatures);
        rateKeys = next;
        _postRate(0.031e18);
        assertEq(_rate(), 0.031e18);
    }

    function test_RevertWhen_ASignerIsCountedTwice() external {
        uint256[] memory quotes = _quotes(0.03e18, 0.031e18);
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = _quoteSignature(rateKeys[1], 0.03e18, now_);
        signatures[1] = _quoteSignature(rateKeys[1], 0.031e18, now_);
        address signer = vm.addr(rateKeys[1]);
        vm.expectRevert(abi.encodeWithSelector(ISignerSets.SignerSetsNotAscending.selector, signer, signer));
        rateFeed.post(now_, quotes, signatures);
    }

    function test_RevertWhen_TheQuoteDiffers() external {
        bytes[] memory signatures = _signAll(_quotes(0.03e18, 0.03e18), now_);
        uint256[] memory quotes = _quotes(0.03e18 + 1, 0.03e18);
        vm.expectPartialRevert(ISignerSets.SignerSetsNotMember.selector);
        rateFeed.post(now_, quotes, signatures);
        // Two that were signed, the one for the other.
        signatures = _signAll(_quotes(0.03e18, 0.031e18), now_);
        quotes = _quotes(0.031e18, 0.03e18);
        vm.expectPartialRevert(ISignerSets.SignerSetsNotMember.selector);
        rateFeed.post(now_, quotes, signatures);
        assertEq(_rate(), INITIAL_RATE);
    }

    function test_RevertWhen_TheMomentDiffers() external {
        uint256[] memory quotes = _quotes(0.03e18, 0.03e18);
        bytes[] memory signatures = _signAll(quotes, now_ - 1);
        vm.expectPartialRevert(ISignerSets.SignerSetsNotMember.selector);
        rateFeed.post(now_, quotes, signatures);
        rateFeed.post(now_ - 1, quotes, signatures);
    }

    function test_RevertWhen_SignedForElsewhere() external {
        uint256[] memory quotes = _quotes(0.03e18, 0.03e18);
        bytes[] memory signatures = _signAll(quotes, now_);
        RateFeed twin = new RateFeed(params, signerSets, 6, INITIAL_RATE);
        skip(1);
        bytes[] memory later = _signAll(quotes, now_ + 1);
        vm.expectPartialRevert(ISignerSets.SignerSetsNotMember.selector);
        twin.post(now_ + 1, quotes, later);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        vm.expectPartialRevert(ISignerSets.SignerSetsNotMember.selector);
        rateFeed.post(now_, quotes, signatures);
        vm.chainId(here);
        rateFeed.post(now_, quotes, signatures);
    }

    function test_AnyonePostsTheMedian() external {
        uint256[] memory quotes = _quotes(0.034e18, 0.029e18, 0.031e18);
        bytes[] memory signatures = _signAll(quotes, now_);
        _expectPosted(0.031e18, 0.031e18);
        vm.prank(stranger);
        rateFeed.post(now_, quotes, signatures);
        (uint256 rate, uint64 updatedAt, bool stale) = rateFeed.latest();
        assertEq(rate, 0.031e18);
        assertEq(updatedAt, now_);
        assertFalse(stale);
    }

    function test_TheMiddleOfTwoIsRoundedDown() external {
        _post(_quotes(0.03e18 + 4, 0.03e18 + 1));
        assertEq(_rate(), 0.03e18 + 2);
    }

    function test_TellsTheTimeOfTheQuote() external {
        skip(30 minutes);
        _postOf(_quotes(0.031e18, 0.031e18), now_);
        (, uint64 updatedAt,) = rateFeed.latest();
        assertEq(updatedAt, now_);
        vm.warp(now_ + STALE + 1);
        (,, bool stale) = rateFeed.latest();
        assertTrue(stale);
    }

    function test_RefreshesWhatWasStale() external {
        skip(30 days);
        (,, bool stale) = rateFeed.latest();
        assertTrue(stale);
        _postRate(0.031e18);
        (,, stale) = rateFeed.latest();
        assertFalse(stale);
        assertEq(_rate(), 0.031e18);
    }

    function testFuzz_TakesTheMedian(uint256 count, uint256 seed) external {
        count = bound(count, 1, 7);
        _useSigners(count);
        // As many as the threshold at least, each within a step, so that nothing is bounded.
        uint256 given = bound(seed, count / 2 + 1, count);
        uint256[] memory quotes = new uint256[](given);
        for (uint256 i = 0; i < given; i++) {
            quotes[i] = bound(uint256(keccak256(abi.encode(seed, i))), 0.025e18, 0.035e18);
        }
        skip(1);
        _post(quotes);

        // At least half stand on either side of the median, itself included.
        uint256 rate = _rate();
        uint256 below;
        uint256 above;
        uint256 nextBelow;
        uint256 nextAbove = type(uint256).max;
        for (uint256 i = 0; i < given; i++) {
            if (quotes[i] <= rate) below++;
            if (quotes[i] >= rate) above++;
            if (quotes[i] <= rate && quotes[i] > nextBelow) nextBelow = quotes[i];
            if (quotes[i] >= rate && quotes[i] < nextAbove) nextAbove = quotes[i];
        }
        assertGe(below * 2, given);
        assertGe(above * 2, given);
        if (given % 2 == 1) assertEq(nextBelow, rate);
        if (given % 2 == 0) assertEq(rate, (nextBelow + nextAbove) / 2);
    }

    function testFuzz_AMinorityDecidesNothing(uint256 seed, uint256 lie) external {
        // Nine sign, at least five must; two who lie are a minority among any five.
        _useSigners(9);
        uint256 given = bound(seed, 5, 9);
        uint256[] memory quotes = new uint256[](given);
        uint256 low = type(uint256).max;
        uint256 high;
        for (uint256 i = 2; i < given; i++) {
            quotes[i] = bound(uint256(keccak256(abi.encode(seed, i))), 0.025e18, 0.035e18);
            if (quotes[i] < low) low = quotes[i];
            if (quotes[i] > high) high = quotes[i];
        }
        quotes[0] = bound(lie, 1, type(uint256).max);
        quotes[1] = seed % 2 == 0 ? 1 : type(uint256).max;
        skip(1);
        _post(quotes);
        assertGe(_rate(), low);
        assertLe(_rate(), high);
    }

    function _expectRefused(uint256[] memory quotes, uint64 observedAt, bytes memory reason) private {
        bytes[] memory signatures = _signAll(quotes, observedAt);
        vm.expectRevert(reason);
        rateFeed.post(observedAt, quotes, signatures);
    }
}
