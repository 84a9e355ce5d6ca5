// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IBootstrap } from "../../../src/governance/IBootstrap.sol";
import { IParamStore } from "../../../src/governance/IParamStore.sol";
import { IPriceBook } from "../../../src/governance/IPriceBook.sol";
import { ISignerSets } from "../../../src/governance/ISignerSets.sol";
import { Roles } from "../../../src/governance/Roles.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { IFeeRouter } from "../../../src/payments/IFeeRouter.sol";
import { IEpochManager } from "../../../src/rewards/IEpochManager.sol";
import { IProviderRegistry } from "../../../src/staking/IProviderRegistry.sol";
import { IStakingPool } from "../../../src/staking/IStakingPool.sol";
import { System } from "../../System.sol";

/// @notice All parts of a deployment before it is handed over, and what the hand-over must give and check, written out
/// once more.
abstract contract BootstrapFixture is System {
    struct Row {
        address target;
        bytes4 selector;
        uint64 role;
    }

    struct Known {
        address target;
        string getter;
        address expected;
    }

    Row[] internal rows;
    Known[] internal known;
    address internal stranger = makeAddr("stranger");

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _deployParts({ stableDecimals: 6 });
        _listRows();
        _listStakingReferences();
        _listPaymentReferences();
        _listRewardReferences();
    }

    function _holders() internal view returns (IBootstrap.Holders memory) {
        return IBootstrap.Holders(guardian, admissions, slasher);
    }

    function _finish() internal {
        bootstrap.finish(_parts(), _holders());
    }

    /// @dev Who holds a role, each but the timelock's role of an administrator.
    function _holderOf(uint64 role) internal view returns (address) {
        if (role == Roles.GOVERNOR) return address(timelock);
        if (role == Roles.GUARDIAN) return guardian;
        if (role == Roles.ADMISSIONS) return admissions;
        if (role == Roles.SLASHER) return slasher;
        return address(distributor);
    }

    function _expectRefused(bytes memory reason) internal {
        IBootstrap.Parts memory parts = _parts();
        IBootstrap.Holders memory holders = _holders();
        vm.expectRevert(reason);
        bootstrap.finish(parts, holders);
    }

    function _expectCheckFails(bytes memory reason) internal {
        IBootstrap.Parts memory parts = _parts();
        IBootstrap.Holders memory holders = _holders();
        vm.expectRevert(reason);
        bootstrap.check(parts, holders);
    }

    function _wrongHolder(string memory role, address holder, bool expected)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IBootstrap.BootstrapWrongHolder.selector, role, holder, expected);
    }

    function _listRows() private {
        _row(address(params), IParamStore.announce.selector, Roles.GOVERNOR);
        _row(address(params), IParamStore.cancel.selector, Roles.GOVERNOR);
        _row(address(signerSets), ISignerSets.announceSet.selector, Roles.GOVERNOR);
        _row(address(signerSets), ISignerSets.cancelSet.selector, Roles.GOVERNOR);
        _row(address(signerSets), ISignerSets.slashBond.selector, Roles.SLASHER);
        _row(address(registry), IProviderRegistry.admitNode.selector, Roles.ADMISSIONS);
        _row(address(registry), IProviderRegistry.rejectNode.selector, Roles.ADMISSIONS);
        _row(address(registry), IProviderRegistry.jail.selector, Roles.SLASHER);
        _row(address(pool), IStakingPool.slash.selector, Roles.SLASHER);
        _row(address(pool), IStakingPool.lock.selector, Roles.SLASHER);
        _row(address(pool), IStakingPool.addReward.selector, Roles.REWARDER);
        _row(address(pool), IStakingPool.setIndemnifier.selector, Roles.GOVERNOR);
        _row(address(ankrEscrow), IEscrow.disableChargeRoot.selector, Roles.GUARDIAN);
        _row(address(stableEscrow), IEscrow.disableChargeRoot.selector, Roles.GUARDIAN);
        _row(address(feeRouter), IFeeRouter.setRecipient.selector, Roles.GOVERNOR);
        _row(address(epochs), IEpochManager.disable.selector, Roles.GUARDIAN);
        _row(address(priceBook), IPriceBook.announce.selector, Roles.GOVERNOR);
        _row(address(priceBook), IPriceBook.cancel.selector, Roles.GOVERNOR);
    }

    function _listStakingReferences() private {
        _knows(address(params), "authority()", address(manager));
        _knows(address(signerSets), "authority()", address(manager));
        _knows(address(signerSets), "params()", address(params));
        _knows(address(signerSets), "ankr()", address(ankr));
        _knows(address(registry), "authority()", address(manager));
        _knows(address(registry), "params()", address(params));
        _knows(address(registry), "pool()", address(pool));
        _knows(address(pool), "authority()", address(manager));
        _knows(address(pool), "params()", address(params));
        _knows(address(pool), "registry()", address(registry));
        _knows(address(pool), "asset()", address(ankr));
        _knows(address(pool), "treasury()", address(timelock));
    }

    function _listPaymentReferences() private {
        _knows(address(rateFeed), "params()", address(params));
        _knows(address(rateFeed), "signerSets()", address(signerSets));
        _knows(address(feeRouter), "authority()", address(manager));
        _knows(address(feeRouter), "params()", address(params));
        _knows(address(feeRouter), "rateFeed()", address(rateFeed));
        _knows(address(feeRouter), "ankr()", address(ankr));
        _knows(address(feeRouter), "stable()", address(stable));
        _knows(address(feeRouter), "distributor()", address(distributor));
        address[2] memory escrows = [address(ankrEscrow), address(stableEscrow)];
        for (uint256 i = 0; i < 2; i++) {
            _knows(escrows[i], "authority()", address(manager));
            _knows(escrows[i], "params()", address(params));
            _knows(escrows[i], "signerSets()", address(signerSets));
            _knows(escrows[i], "feeRouter()", address(feeRouter));
            _knows(escrows[i], "treasury()", address(timelock));
            _knows(escrows[i], "asset()", i == 0 ? address(ankr) : address(stable));
            _knows(escrows[i], "rateFeed()", i == 0 ? address(0) : address(rateFeed));
        }
        _knows(address(priceBook), "authority()", address(manager));
        _knows(address(priceBook), "params()", address(params));
    }

    function _listRewardReferences() private {
        _knows(address(epochs), "authority()", address(manager));
        _knows(address(epochs), "params()", address(params));
        _knows(address(epochs), "signerSets()", address(signerSets));
        _knows(address(epochs), "distributor()", address(distributor));
        _knows(address(distributor), "params()", address(params));
        _knows(address(distributor), "epochs()", address(epochs));
        _knows(address(distributor), "registry()", address(registry));
        _knows(address(distributor), "pool()", address(pool));
        _knows(address(distributor), "feeRouter()", address(feeRouter));
        _knows(address(distributor), "ankr()", address(ankr));
    }

    function _row(address target, bytes4 selector, uint64 role) private {
        rows.push(Row(target, selector, role));
    }

    function _knows(address target, string memory getter, address expected) private {
        known.push(Known(target, getter, expected));
    }
}
