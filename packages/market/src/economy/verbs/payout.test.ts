import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import { conserved } from '../conserved.ts'
import type { Economy } from '../economy.ts'
import { balanceOf } from '../ledger.ts'
import { begunEconomy, testCast } from '../sequence/stage.fixtures.ts'
import { claimable } from '../staking/position.ts'
import { positionOf, stakeAt } from '../staking/staking-pool.ts'
import { after, atEpoch, later } from './scenario.fixtures.ts'

const { outsider, signers, delegators, owners } = testCast
const [alice = ''] = delegators
const [owner = ''] = owners
const quorum = signers.slice(0, 3)
const day = 86_400n

const gift: Action = {
  name: 'transfer',
  caller: outsider,
  args: { token: 'ankr', to: 'rewardDistributor', amount: 1_000n * tokenScale },
}
const fund: Action = { name: 'fund', caller: outsider, args: {} }
const post = (epoch: bigint, cumulative: bigint, withheldTotal = 0n): Action => ({
  name: 'postEpoch',
  caller: outsider,
  args: {
    roots: {
      epoch,
      leaves: [{ providerId: 1n, cumulative }],
      payoutsTotal: cumulative,
      withheldTotal,
    },
    signers: quorum,
  },
})
const push = (epoch: bigint, cumulative: bigint): Action => ({
  name: 'push',
  caller: outsider,
  args: { providerId: 1n, epoch, cumulative },
})
const announce = (commissionPpm: bigint): Action => ({
  name: 'announceCommission',
  caller: owner,
  args: { providerId: 1n, commissionPpm },
})

const funded = after(begunEconomy(), [gift, fund])
const paid = (at: Economy, cumulative: bigint, epoch: bigint) =>
  after(later(after(at, [post(epoch, cumulative)]), 2n * day), [push(epoch, cumulative)])

describe('an epoch', () => {
  test('is posted when it is over, within what has arrived', () => {
    expect(() => after(funded, [post(0n, 1n)])).toThrow('EpochManagerNotClosed')
    const over = atEpoch(funded, 1n)
    expect(() => after(over, [post(0n, 1_000n * tokenScale, 1n)])).toThrow('EpochManagerOverspent')
    after(over, [post(0n, 999n * tokenScale, tokenScale)])
  })

  test('counts after its delay, and can be disabled until then with those after it', () => {
    const posted = after(atEpoch(funded, 2n), [post(0n, 5n), post(1n, 7n)])
    expect(() => after(later(posted, 2n * day - 3n), [push(0n, 5n)])).toThrow(
      'RewardDistributorNotActive',
    )
    const disable: Action = {
      name: 'disableEpoch',
      caller: funded.roles.guardian,
      args: { epoch: 0n },
    }
    const disabled = after(posted, [disable])
    expect(disabled.epochs).toMatchObject({ posted: [], attempt: 2n })
    expect(() => after(later(posted, 2n * day), [disable])).toThrow('EpochManagerAlreadyActive')
  })

  test('has sums that never fall', () => {
    const posted = after(atEpoch(funded, 2n), [post(0n, 5n, 3n)])
    expect(() => after(posted, [post(1n, 4n, 3n)])).toThrow('EpochManagerTotalsFell')
    expect(() => after(posted, [post(1n, 5n, 2n)])).toThrow('EpochManagerTotalsFell')
    after(posted, [post(1n, 5n, 3n)])
  })
})

describe('a payout', () => {
  const over = atEpoch(funded, 1n)
  const sum = 100n * tokenScale

  test('goes to the provider and into the delegators’ stream, to the unit', () => {
    const done = paid(over, sum, 0n)
    // 10 % commission, then 100,001 of self-stake against 3,000 of delegation.
    const forSelf = (90n * tokenScale * 100_001n) / 103_001n
    const before = balanceOf(over.ledger, 'ankr', owner)
    expect(balanceOf(done.ledger, 'ankr', owner) - before).toBe(10n * tokenScale + forSelf)
    const { reserve, stream } = stakeAt(done.pool, 1n, done.now)
    expect(reserve).toBe(90n * tokenScale - forSelf)
    expect(stream.endSeconds).toBe(done.now + 7n * day)
    expect(conserved(done)).toEqual([])
    expect(() => after(done, [push(0n, sum)])).toThrow('RewardDistributorNothingNew')
  })

  test('has reached delegators an epoch later, all but what the rate could not divide', () => {
    const done = later(paid(over, sum, 0n), 8n * day)
    const stake = stakeAt(done.pool, 1n, done.now)
    expect(claimable(positionOf(stake, alice))).toBe(stake.reserve - stake.stream.remainder)
  })

  test('takes the lower commission when epochs were left out, so that waiting does not gain', () => {
    const cut = after(over, [announce(0n)])
    // Epoch 0 is unpaid, so its 10 % and the 0 % of epoch 1 meet.
    const late = paid(atEpoch(cut, 3n), sum, 2n)
    const gained = (done: Economy) => balanceOf(done.ledger, 'ankr', owner)
    expect(gained(late)).toBeLessThan(gained(paid(atEpoch(over, 3n), sum, 2n)))

    const raised = after(over, [announce(150_000n)])
    const first = paid(raised, sum, 0n)
    const skipped = paid(atEpoch(first, 7n), 2n * sum, 6n)
    const each = paid(atEpoch(paid(atEpoch(first, 6n), sum + 1n, 5n), 7n), 2n * sum, 6n)
    expect(gained(skipped)).toBeLessThan(gained(each))
  })

  test('of many skips the one that is not due', () => {
    const posted = later(after(over, [post(0n, sum)]), 2n * day)
    const many: Action = {
      name: 'pushMany',
      caller: outsider,
      args: {
        payouts: [
          { providerId: 9n, epoch: 0n, cumulative: sum },
          { providerId: 1n, epoch: 0n, cumulative: sum },
          { providerId: 1n, epoch: 0n, cumulative: sum },
        ],
      },
    }
    expect(after(posted, [many]).distributor.paidTotal).toBe(sum)
  })

  test('what quality withheld is swept once, to the treasury bucket’s recipient', () => {
    const posted = later(after(over, [post(0n, sum, 7n)]), 2n * day)
    const sweep: Action = { name: 'sweepWithheld', caller: outsider, args: {} }
    const swept = after(posted, [sweep])
    expect(balanceOf(swept.ledger, 'ankr', swept.router.recipients.Treasury)).toBe(7n)
    expect(() => after(swept, [sweep])).toThrow('RewardDistributorNothingWithheld')
  })
})
