import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import { conserved } from '../conserved.ts'
import { balanceOf } from '../ledger.ts'
import { begunEconomy, testCast } from '../sequence/stage.fixtures.ts'
import { totalOf } from '../staking/share-bucket.ts'
import { positionOf, stakeAt } from '../staking/staking-pool.ts'
import { after, later } from './scenario.fixtures.ts'

const economy = begunEconomy()
const { slasher, governor } = economy.roles
const { indemnifier = '', outsider } = testCast
const [alice = ''] = testCast.delegators
const [owner = ''] = testCast.owners

const slash = (selfAmount: bigint, delegatedAmount: bigint): Action => ({
  name: 'slash',
  caller: slasher,
  args: { providerId: 1n, selfAmount, delegatedAmount },
})
const cover = (coverPpm: bigint): Action => ({
  name: 'setIndemnifier',
  caller: governor,
  args: { indemnifier: { account: indemnifier, coverPpm } },
})
const delegated = totalOf(stakeAt(economy.pool, 1n, economy.now).buckets.Delegated)

describe('a slash', () => {
  test('takes no more than there is and sends it to the slasher', () => {
    const hit = after(economy, [slash(10n ** 40n, 10n ** 40n)])
    const taken = 100_001n * tokenScale + delegated
    expect(balanceOf(hit.ledger, 'ankr', slasher)).toBe(taken)
    expect(hit.registry.nodes.get(1n)?.status).toBe('Draining')
    expect(conserved(hit)).toEqual([])
  })

  test('is the slasher’s alone', () => {
    const attempt = { ...slash(1n, 1n), caller: outsider } as Action
    expect(() => after(economy, [attempt])).toThrow('AccessManagedUnauthorized')
  })

  test('costs delegators what the indemnifier leaves of it, and brings the slasher the whole', () => {
    const loss = 100n * tokenScale
    const hit = after(economy, [cover(400_000n), slash(0n, loss)])
    const left = stakeAt(hit.pool, 1n, hit.now).buckets.Delegated
    expect(delegated - totalOf(left)).toBe(60n * tokenScale)
    expect(balanceOf(hit.ledger, 'ankr', slasher)).toBe(loss)
    const spent =
      balanceOf(economy.ledger, 'ankr', indemnifier) - balanceOf(hit.ledger, 'ankr', indemnifier)
    expect(spent).toBe(40n * tokenScale)
  })

  test('that is wholly covered leaves stake as it is, and no generation ends', () => {
    const hit = after(economy, [cover(1_000_000n), slash(0n, delegated)])
    const left = stakeAt(hit.pool, 1n, hit.now).buckets.Delegated
    expect(left).toMatchObject({ active: delegated, generation: 0n })
  })

  test('sweeps what a closed generation leaves to the treasury', () => {
    const hit = after(economy, [slash(0n, delegated - 1n)])
    expect(balanceOf(hit.ledger, 'ankr', economy.treasury)).toBe(1n)
    const stake = stakeAt(hit.pool, 1n, hit.now)
    expect(stake.buckets.Delegated).toMatchObject({ active: 0n, shares: 0n, generation: 1n })
    expect(positionOf(stake, alice).shares).toBe(0n)
  })
})

describe('a lock', () => {
  const lock = (amount: bigint): Action => ({
    name: 'lock',
    caller: slasher,
    args: { lockId: '0x1', providerId: 1n, kind: 'Self', amount, until: economy.now + 86_400n },
  })
  const release = (caller: string): Action => ({
    name: 'release',
    caller,
    args: { lockId: '0x1' },
  })
  const all = 100_001n * tokenScale
  const leave: Action = {
    name: 'unstake',
    caller: owner,
    args: { providerId: 1n, kind: 'Self', shares: tokenScale, amountMin: 0n },
  }

  test('keeps its amount from leaving though its date has come, and not a unit more', () => {
    const pay = (locked: bigint) => {
      const left = after(economy, [lock(locked), leave])
      const requestId = left.pool.requestCount
      const due = later(left, 28n * 86_400n)
      return after(due, [{ name: 'withdraw', caller: owner, args: { requestId, to: owner } }])
    }
    expect(() => pay(all - tokenScale + 1n)).toThrow('StakingPoolLocked')
    pay(all - tokenScale)
  })

  test('ends by anyone when its date has come, by the slasher at any time', () => {
    const held = after(economy, [lock(all)])
    const until = economy.now + 86_400n
    expect(() => after({ ...held, now: until - 2n }, [release(outsider)])).toThrow(
      'StakingPoolLockHeld',
    )
    for (const free of [
      after({ ...held, now: until - 1n }, [release(outsider)]),
      after(held, [release(slasher)]),
    ]) {
      expect(stakeAt(free.pool, 1n, free.now).buckets.Self.locked).toBe(0n)
    }
  })
})
