// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IEscrow } from "../../../src/payments/IEscrow.sol";
import { EscrowFixture } from "./EscrowFixture.sol";

contract ApplyCharges_Escrow_Test is EscrowFixture {
    uint256 private constant PEOPLE = 5;

    function setUp() public override {
        super.setUp();
        _deposit(consumer, _worth(1000));
        _deposit(other, _worth(1000));
    }

    function test_RevertGiven_TheRootIsUnknown() external {
        _postAndWait(consumer, 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnknownRoot.selector, 0));
        escrow.applyCharges(0, new IEscrow.ChargeLeaf[](0));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnknownRoot.selector, 2));
        escrow.applyCharges(2, new IEscrow.ChargeLeaf[](0));
    }

    function test_RevertGiven_TheRootIsDisabled() external {
        uint64 rootId = _post(consumer, 1);
        uint64 date = escrow.chargeRootOf(rootId).applicableAt;
        _disable(rootId);
        vm.warp(date);
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowRootNotApplicable.selector, rootId, date, true));
        escrow.applyCharges(rootId, leaves);
    }

    function test_RevertWhen_TheRootWaits() external {
        uint64 rootId = _post(consumer, 1);
        uint64 date = escrow.chargeRootOf(rootId).applicableAt;
        assertEq(date, START + DELAY);
        vm.warp(date - 1);
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowRootNotApplicable.selector, rootId, date, false));
        escrow.applyCharges(rootId, leaves);
    }

    function test_TakesNothingWithoutLeaves() external {
        uint64 rootId = _postAndWait(consumer, 1);
        vm.recordLogs();
        assertEq(escrow.applyCharges(rootId, new IEscrow.ChargeLeaf[](0)), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(escrow.held(asset), _worth(2000));
    }

    function test_SkipsWhatTheRootDoesNotHold() external {
        Used[] memory used = new Used[](2);
        used[0] = Used(consumer, 0, uint128(_worth(10)));
        used[1] = Used(other, 0, uint128(_worth(20)));
        uint64 rootId = _postAndWait(used);
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](4);
        for (uint256 i = 0; i < 4; i++) {
            leaves[i] = _leaf(rootId, 0);
        }
        leaves[0].total++;
        leaves[1].account = other;
        leaves[2].proof = new bytes32[](0);
        leaves[3].proof[0] = keccak256("another");
        for (uint256 i = 0; i < 4; i++) {
            _expectSkipped(leaves[i].account, rootId, "bad proof");
        }
        assertEq(escrow.applyCharges(rootId, leaves), 0);
        assertEq(_balanceOf(consumer), _worth(1000));
        assertEq(escrow.accountOf(consumer).lastRootId, 0);
    }

    function test_SkipsWhatAnotherRootHolds() external {
        uint64 first = _postAndWait(consumer, _worth(1));
        uint64 second = _postAndWait(consumer, _worth(2));
        IEscrow.ChargeLeaf[] memory leaves = _leaves(first);
        _expectSkipped(consumer, second, "bad proof");
        assertEq(escrow.applyCharges(second, leaves), 0);
    }

    function test_SkipsAnotherLife() external {
        Used[] memory used = new Used[](3);
        used[0] = Used(consumer, 0, uint128(_worth(10)));
        used[1] = Used(consumer, 1, uint128(_worth(20)));
        used[2] = Used(consumer, 2, uint128(_worth(30)));
        uint64 rootId = _postAndWait(used);
        _leave(consumer);
        _deposit(consumer, _worth(1000));
        _expectSkipped(consumer, rootId, "another life");
        _expectCharged(consumer, rootId, 1, _worth(20), 0);
        _expectSkipped(consumer, rootId, "another life");
        assertEq(_apply(rootId), _worth(20));
        assertEq(_balanceOf(consumer), _worth(980));
    }

    function test_SkipsAnOlderRoot() external {
        uint64 older = _postAndWait(consumer, _worth(30));
        uint64 newer = _postAndWait(consumer, _worth(20));
        assertEq(_apply(newer), _worth(20));
        _expectSkipped(consumer, older, "older than the last");
        assertEq(_apply(older), 0);
        assertEq(escrow.accountOf(consumer).spent, _worth(20));
    }

    function test_SkipsWhatIsChargedAlready() external {
        _charge(consumer, _worth(20));
        uint64 same = _postAndWait(consumer, _worth(20));
        _expectSkipped(consumer, same, "nothing new");
        assertEq(_apply(same), 0);
        uint64 less = _postAndWait(consumer, _worth(20) - 1);
        _expectSkipped(consumer, less, "nothing new");
        assertEq(_apply(less), 0);
        uint64 more = _postAndWait(consumer, _worth(20) + 1);
        assertEq(_apply(more), 1);
    }

    function test_ASkippedLeafHarmsNobody() external {
        Used[] memory used = new Used[](4);
        used[0] = Used(consumer, 7, 1);
        used[1] = Used(consumer, 0, type(uint128).max);
        used[2] = Used(makeAddr("nobody"), 0, type(uint128).max);
        used[3] = Used(other, 0, uint128(_worth(3)));
        uint64 rootId = _postAndWait(used);
        assertEq(_apply(rootId), _worth(503));
        assertEq(_balanceOf(consumer), _worth(500));
        assertEq(_balanceOf(other), _worth(997));
    }

    function test_TakesWhatIsNewAndRoutesIt() external {
        uint64 rootId = _post(consumer, _worth(40));
        vm.warp(START + DELAY);
        _expectCharged(consumer, rootId, 0, _worth(40), 0);
        assertEq(_apply(rootId), _worth(40));
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.balance, _worth(960));
        assertEq(account.spent, _worth(40));
        assertEq(account.lastRootId, rootId);
        assertEq(account.lastRootCharged, _worth(40));
        assertEq(escrow.held(asset), _worth(1960));
        assertEq(asset.balanceOf(address(escrow)), _worth(1960));
        assertEq(_routed(), _worth(40));
    }

    function test_TakesOnlyWhatIsNew() external {
        _charge(consumer, _worth(40));
        uint64 rootId = _postAndWait(consumer, _worth(55));
        _expectCharged(consumer, rootId, 0, _worth(15), 0);
        assertEq(_apply(rootId), _worth(15));
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.balance, _worth(945));
        assertEq(account.spent, _worth(55));
        assertEq(account.lastRootId, rootId);
        assertEq(account.lastRootCharged, _worth(15));
        assertEq(_routed(), _worth(55));
    }

    function test_TakesTheCapAndNoMore() external {
        Used[] memory used = new Used[](2);
        used[0] = Used(consumer, 0, uint128(_worth(500)));
        used[1] = Used(other, 0, uint128(_worth(500) + 1));
        uint64 rootId = _postAndWait(used);
        _expectCharged(consumer, rootId, 0, _worth(500), 0);
        _expectCharged(other, rootId, 0, _worth(500), 1);
        assertEq(_apply(rootId), _worth(1000));
        // What the cap has left over stays owed and comes with the next root.
        assertEq(_charge(other, _worth(500) + 1), 1);
    }

    function test_TakesAPartOfALargeBalance() external {
        _deposit(consumer, _worth(9000) + 19);
        uint64 rootId = _postAndWait(consumer, _worth(3000));
        _expectCharged(consumer, rootId, 0, _worth(1000) + 1, _worth(2000) - 1);
        assertEq(_apply(rootId), _worth(1000) + 1);
        _expectCharged(consumer, rootId, 0, 0, _worth(2000) - 1);
        assertEq(_apply(rootId), 0);
        rootId = _postAndWait(consumer, _worth(3000));
        // A tenth of what the first has left, rounded down.
        assertEq(_apply(rootId), (_worth(9000) + 18) / 10);
    }

    function test_TakesTheBalanceAndNoMore() external {
        _charge(consumer, _worth(400));
        _charge(consumer, _worth(900));
        uint64 rootId = _postAndWait(consumer, _worth(1200));
        _expectCharged(consumer, rootId, 0, _worth(100), _worth(200));
        assertEq(_apply(rootId), _worth(100));
        IEscrow.Account memory account = escrow.accountOf(consumer);
        assertEq(account.balance, 0);
        assertEq(account.spent, _worth(1000));
        assertTrue(account.open);
        assertEq(account.life, 0);
        assertEq(_balanceOf(other), _worth(1000));
        assertEq(escrow.held(asset), _worth(1000));
    }

    function test_NamesWhatAnEmptyAccountOwes() external {
        _charge(consumer, _worth(500));
        _charge(consumer, _worth(1000));
        uint64 rootId = _postAndWait(consumer, _worth(1001));
        _expectCharged(consumer, rootId, 0, 0, _worth(1));
        assertEq(_apply(rootId), 0);
        // A top-up pays it.
        _deposit(consumer, _worth(3));
        assertEq(_apply(rootId), _worth(1));
        assertEq(_balanceOf(consumer), _worth(2));
    }

    function test_TakesFromWhatIsAskedOut() external {
        _request(consumer, _worth(1000));
        assertEq(_charge(consumer, _worth(10)), _worth(10));
        assertEq(_balanceOf(consumer), _worth(990));
        assertEq(escrow.accountOf(consumer).withdrawing, _worth(1000));
    }

    function test_AnyoneApplies() external {
        uint64 rootId = _postAndWait(consumer, _worth(10));
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        vm.prank(makeAddr("anyone"));
        assertEq(escrow.applyCharges(rootId, leaves), _worth(10));
    }

    function testFuzz_TakesTheLeastOfNewBalanceAndCap(uint256 balance, uint256 before, uint128 total)
        external
    {
        address account = makeAddr("account");
        balance = bound(balance, _worth(1000), _worth(1_000_000));
        before = bound(before, 0, _worth(500));
        _deposit(account, balance);
        _charge(account, before);
        balance -= before;
        uint256 wanted = total > before ? total - before : 0;
        uint256 cap = Math.max(_worth(500), balance / 10);
        uint256 expected = Math.min(Math.min(wanted, balance), cap);
        assertEq(_charge(account, total), expected);
        assertEq(_balanceOf(account), balance - expected);
        assertEq(escrow.accountOf(account).spent, before + expected);
        assertEq(_routed(), before + expected);
    }

    function test_TakesTheSameLeafOnce() external {
        uint64 rootId = _postAndWait(consumer, _worth(10));
        IEscrow.ChargeLeaf[] memory leaves = new IEscrow.ChargeLeaf[](2);
        leaves[0] = _leaf(rootId, 0);
        leaves[1] = leaves[0];
        _expectCharged(consumer, rootId, 0, _worth(10), 0);
        _expectSkipped(consumer, rootId, "nothing new");
        assertEq(escrow.applyCharges(rootId, leaves), _worth(10));
        _expectSkipped(consumer, rootId, "nothing new");
        assertEq(_apply(rootId), 0);
        assertEq(_balanceOf(consumer), _worth(990));
    }

    function test_TwoLeavesShareOneCap() external {
        Used[] memory used = new Used[](3);
        used[0] = Used(consumer, 0, uint128(_worth(300)));
        used[1] = Used(consumer, 0, uint128(_worth(450)));
        used[2] = Used(consumer, 0, uint128(_worth(900)));
        uint64 rootId = _postAndWait(used);
        _expectCharged(consumer, rootId, 0, _worth(300), 0);
        _expectCharged(consumer, rootId, 0, _worth(150), 0);
        _expectCharged(consumer, rootId, 0, _worth(50), _worth(400));
        assertEq(_apply(rootId), _worth(500));
        assertEq(escrow.accountOf(consumer).lastRootCharged, _worth(500));
    }

    function test_ATopUpLetsTheRootTakeTheRest() external {
        uint64 rootId = _postAndWait(consumer, _worth(1200));
        assertEq(_apply(rootId), _worth(500));
        // 9,500 and the 500 of this root: a tenth of both is the cap, and half of that is left.
        _deposit(consumer, _worth(9000));
        _expectCharged(consumer, rootId, 0, _worth(500), _worth(200));
        assertEq(_apply(rootId), _worth(500));
        assertEq(escrow.accountOf(consumer).lastRootCharged, _worth(1000));
        assertEq(_apply(rootId), 0);
    }

    function test_AShrunkenBalanceLeavesNothingOfTheCap() external {
        _deposit(consumer, _worth(19_000));
        Used[] memory used = new Used[](2);
        used[0] = Used(consumer, 0, uint128(_worth(1500)));
        used[1] = Used(consumer, 0, uint128(_worth(1800)));
        uint64 rootId = _postAndWait(used);
        assertEq(_applyOne(rootId, 0), _worth(1500));
        vm.warp(_request(consumer, _worth(18_000)));
        _withdraw(consumer);
        // 500 of a cap of 500 that is below the 1,500 taken.
        _expectCharged(consumer, rootId, 0, 0, _worth(300));
        assertEq(_applyOne(rootId, 1), 0);
        assertEq(_balanceOf(consumer), _worth(500));
    }

    function test_ANewerRootCoversTheOlder() external {
        _postAndWait(consumer, _worth(100));
        uint64 newer = _postAndWait(consumer, _worth(250));
        assertEq(_apply(newer), _worth(250));
    }

    function testFuzz_OrderOfLeavesDoesNotMatter(uint256 seed, uint128[PEOPLE] calldata totals) external {
        uint64 rootId = _postForPeople(seed, totals);
        IEscrow.ChargeLeaf[] memory leaves = _leaves(rootId);
        uint256 snapshot = vm.snapshotState();
        uint256 taken = escrow.applyCharges(rootId, leaves);
        bytes32 after1 = _stateOfPeople();
        vm.revertToState(snapshot);
        for (uint256 i = PEOPLE - 1; i > 0; i--) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            (leaves[i], leaves[j]) = (leaves[j], leaves[i]);
        }
        assertEq(escrow.applyCharges(rootId, leaves), taken);
        assertEq(_stateOfPeople(), after1);
    }

    function testFuzz_BatchesDoNotMatter(uint256 seed, uint128[PEOPLE] calldata totals) external {
        uint64 rootId = _postForPeople(seed, totals);
        uint256 snapshot = vm.snapshotState();
        uint256 taken = _apply(rootId);
        bytes32 after1 = _stateOfPeople();
        vm.revertToState(snapshot);
        uint256 sum;
        for (uint256 i = PEOPLE; i > 0; i--) {
            sum += _applyOne(rootId, i - 1);
        }
        assertEq(sum, taken);
        assertEq(_stateOfPeople(), after1);
        // Once more changes nothing but the order in which nothing happened.
        assertEq(_apply(rootId), 0);
        assertEq(_stateOfPeople(), after1);
    }

    function _person(uint256 i) private returns (address) {
        return makeAddr(string.concat("person ", vm.toString(i)));
    }

    function _postForPeople(uint256 seed, uint128[PEOPLE] calldata totals) private returns (uint64) {
        Used[] memory used = new Used[](PEOPLE);
        for (uint256 i = 0; i < PEOPLE; i++) {
            uint256 balance = _worth(1000) * (1 + uint256(keccak256(abi.encode(seed, "balance", i))) % 20);
            _deposit(_person(i), balance);
            // Most within reach of balance and cap, some beyond.
            used[i] = Used(_person(i), 0, uint128(bound(totals[i], 0, balance)));
        }
        return _postAndWait(used);
    }

    function _stateOfPeople() private returns (bytes32 state) {
        for (uint256 i = 0; i < PEOPLE; i++) {
            state = keccak256(abi.encode(state, escrow.accountOf(_person(i))));
        }
        return keccak256(abi.encode(state, escrow.held(asset), asset.balanceOf(address(escrow))));
    }
}

contract ApplyCharges_StableEscrow_Test is ApplyCharges_Escrow_Test {
    function _isStable() internal pure override returns (bool) {
        return true;
    }
}
