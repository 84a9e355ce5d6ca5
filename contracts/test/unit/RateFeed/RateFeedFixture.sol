// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ISignerSets, SignerRole } from "../../../src/governance/ISignerSets.sol";
import { SignerSets } from "../../../src/governance/SignerSets.sol";
import { IRateFeed } from "../../../src/payments/IRateFeed.sol";
import { RateFeed } from "../../../src/payments/RateFeed.sol";
import { Governed } from "../../Governed.sol";

/// @notice The rate feed of the whole system, and quotes that its signers sign.
abstract contract RateFeedFixture is Governed {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant MOVE_PPM = 200_000;
    uint256 internal constant DAY_MOVE_PPM = 600_000;
    uint256 internal constant STALE = 1 hours;
    uint256 internal constant DAY = 24 hours;

    address internal stranger = makeAddr("stranger");

    function setUp() public virtual {
        vm.warp(START);
        _deploySystem();
    }

    /// @dev Makes a feed over `count` signers, of whom more than half must sign, the one under test.
    function _useSigners(uint256 count) internal {
        rateKeys = _ascendingKeys("many rate signers", count);
        signerSets = new SignerSets(
            address(manager),
            params,
            ankr,
            ISignerSets.InitialSet(_addresses(verifierKeys), 2),
            ISignerSets.InitialSet(_addresses(gatewayKeys), 2),
            ISignerSets.InitialSet(_addresses(rateKeys), uint16(count / 2 + 1))
        );
        _bondAll(rateKeys);
        signerSets.installSet(SignerRole.RateSigner);
        rateFeed = new RateFeed(params, signerSets, 6, INITIAL_RATE);
    }

    function _bondAll(uint256[] memory keys) internal {
        for (uint256 i = 0; i < keys.length; i++) {
            vm.startPrank(vault);
            ankr.approve(address(signerSets), 10_000e18);
            signerSets.depositBond(vm.addr(keys[i]), 10_000e18);
            vm.stopPrank();
        }
    }

    /// @dev The first signers say one quote each of `observedAt`.
    function _signAll(uint256[] memory quotes, uint64 observedAt)
        internal
        view
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](quotes.length);
        for (uint256 i = 0; i < quotes.length; i++) {
            signatures[i] = _quoteSignature(rateKeys[i], quotes[i], observedAt);
        }
    }

    function _postOf(uint256[] memory quotes, uint64 observedAt) internal {
        bytes[] memory signatures = _signAll(quotes, observedAt);
        rateFeed.post(observedAt, quotes, signatures);
    }

    function _post(uint256[] memory quotes) internal {
        _postOf(quotes, uint64(block.timestamp));
    }

    function _quotes(uint256 a, uint256 b) internal pure returns (uint256[] memory quotes) {
        quotes = new uint256[](2);
        (quotes[0], quotes[1]) = (a, b);
    }

    function _quotes(uint256 a, uint256 b, uint256 c) internal pure returns (uint256[] memory quotes) {
        quotes = new uint256[](3);
        (quotes[0], quotes[1], quotes[2]) = (a, b, c);
    }

    function _rate() internal view returns (uint256 rate) {
        (rate,,) = rateFeed.latest();
    }

    /// @dev The next second's quote, of all signers.
    function _step(uint256 quote) internal {
        skip(1);
        _postRate(quote);
    }

    function _down(uint256 center, uint256 ppm) internal pure returns (uint256) {
        return center * (1e6 - ppm) / 1e6;
    }

    function _up(uint256 center, uint256 ppm) internal pure returns (uint256) {
        return (center * (1e6 + ppm) + 1e6 - 1) / 1e6;
    }

    function _assertAnchor(uint256 rate, uint256 since) internal view {
        (uint256 anchorRate, uint64 anchorSince) = rateFeed.anchor();
        assertEq(anchorRate, rate, "anchor");
        assertEq(anchorSince, since, "anchor's time");
    }

    function _expectPosted(uint256 rate, uint256 median) internal {
        vm.expectEmit(address(rateFeed));
        emit IRateFeed.RatePosted(rate, median, uint64(block.timestamp));
    }
}
