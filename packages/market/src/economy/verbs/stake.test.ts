import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import type { Economy } from '../economy.ts'
import { begunEconomy, testCast } from '../sequence/stage.fixtures.ts'
import { activeAt, delegatedTotal, positionOf, powerAt, stakeAt } from '../staking/staking-pool.ts'
import { after, atEpoch, later } from './scenario.fixtures.ts'

const economy = begunEconomy()
const [alice = '', bob = '', carol = ''] = testCast.delegators
const [owner = ''] = testCast.owners
const min = 1_000n * tokenScale

const stake = (
  caller: string,
  amount: bigint,
  kind: 'Self' | 'Delegated' = 'Delegated',
): Action => ({
  name: 'stake',
  caller,
  args: { providerId: 1n, kind, amount, sharesMin: 0n, way: 'approval' },
})
const unstake = (
  caller: string,
  shares: bigint,
  kind: 'Self' | 'Delegated' = 'Delegated',
): Action => ({
  name: 'unstake',
  caller,
  args: { providerId: 1n, kind, shares, amountMin: 0n },
})
const withdraw = (caller: string, requestId: bigint): Action => ({
  name: 'withdraw',
  caller,
  args: { requestId, to: caller },
})
const sharesOf = (at: Economy, holder: string) =>
  positionOf(stakeAt(at.pool, 1n, at.now), holder).shares

describe('a delegation', () => {
  test('is at least the minimum in all, not in every part', () => {
    expect(() => after(economy, [stake(carol, min - 1n)])).toThrow('StakingPoolBelowMinimum')
    const begun = after(economy, [stake(carol, min), stake(carol, 1n)])
    expect(sharesOf(begun, carol)).toBe(min + 1n)
  })

  test('is refused while its provider is jailed, and self-stake is not', () => {
    const until = economy.now + 100n
    const jailed = after(economy, [
      { name: 'jail', caller: economy.roles.slasher, args: { providerId: 1n, until } },
    ])
    expect(() => after(jailed, [stake(carol, min)])).toThrow('StakingPoolProviderJailed')
    after(jailed, [stake(owner, 1n, 'Self')])
    after({ ...jailed, now: until - 1n }, [stake(carol, min)])
  })

  test('is limited in the initial period, to the unit and to the epoch', () => {
    const room = delegatedTotal(economy.pool) + min
    const capped = after(economy, [
      {
        name: 'announceParams',
        caller: economy.roles.governor,
        args: {
          changes: [
            { param: 'DelegationCapTotal', value: room },
            { param: 'DelegationCapEndEpoch', value: 2n },
          ],
          effectiveEpoch: 1n,
        },
      },
    ])
    const during = atEpoch(capped, 1n)
    after(during, [stake(carol, min)])
    expect(() => after(during, [stake(carol, min + 1n)])).toThrow('StakingPoolCapReached')
    after(atEpoch(capped, 2n), [stake(carol, min + 1n)])
  })

  test('leaves nothing or at least the minimum behind', () => {
    const begun = after(economy, [stake(carol, 2n * min)])
    expect(() => after(begun, [unstake(carol, min + 1n)])).toThrow('StakingPoolBelowMinimum')
    after(begun, [unstake(carol, min)])
    expect(sharesOf(after(begun, [unstake(carol, 2n * min)]), carol)).toBe(0n)
  })
})

describe('unbonding', () => {
  const seconds = 22n * 86_400n
  const leaving = after(economy, [stake(carol, 2n * min), unstake(carol, min)])
  const requestId = leaving.pool.requestCount

  test('ends at its own date, which a later request does not move', () => {
    const again = after(later(leaving, 1_000n), [unstake(carol, min)])
    const due = leaving.now + seconds
    expect(() => after({ ...again, now: due - 2n }, [withdraw(carol, requestId)])).toThrow(
      'StakingPoolStillUnbonding',
    )
    const paid = after({ ...again, now: due - 1n }, [withdraw(carol, requestId)])
    expect(paid.ledger.movements).toEqual([
      { token: 'ankr', from: 'stakingPool', to: carol, amount: min },
    ])
  })

  test('belongs to its holder alone', () => {
    expect(() => after(later(leaving, seconds), [withdraw(alice, requestId)])).toThrow(
      'StakingPoolNotHolder',
    )
  })

  test('can be taken back after its date as well, at the price of the day', () => {
    const cancel: Action = {
      name: 'cancelUnbonding',
      caller: carol,
      args: { requestId, sharesMin: min },
    }
    const back = after(later(leaving, 2n * seconds), [cancel])
    expect(sharesOf(back, carol)).toBe(2n * min)
    expect(back.pool.requests.has(requestId)).toBe(false)
  })

  test('of self-stake drains nodes at once, and is the owner’s of the day', () => {
    const left = after(economy, [unstake(owner, 2n * tokenScale, 'Self')])
    expect(left.registry.nodes.get(1n)).toMatchObject({
      status: 'Draining',
      retireAt: left.now + 7n * 86_400n,
    })
    const sold = after(left, [
      { name: 'offerOwnership', caller: owner, args: { providerId: 1n, to: bob } },
      { name: 'acceptOwnership', caller: bob, args: { providerId: 1n } },
    ])
    const due = later(sold, 28n * 86_400n)
    const id = left.pool.requestCount
    expect(() => after(due, [withdraw(owner, id)])).toThrow('StakingPoolNotHolder')
    after(due, [withdraw(bob, id)])
  })

  test('exactly enough self-stake for the node drains nothing', () => {
    const left = after(economy, [unstake(owner, tokenScale, 'Self')])
    expect(left.registry.nodes.get(1n)?.status).toBe('Active')
  })
})

test('stake and votes of a past second are those it ended with', () => {
  const grown = after(economy, [stake(carol, min)])
  const gone = after(later(grown, 50n), [unstake(carol, min)])
  const place = { providerId: 1n, kind: 'Delegated' } as const
  const before = activeAt(gone.pool, place, grown.now - 1n)
  expect(activeAt(gone.pool, place, grown.now)).toBe(before + min)
  expect(activeAt(gone.pool, place, gone.now)).toBe(before)
  const power = (at: bigint) => powerAt(gone.pool, { providerId: 1n, holder: carol }, at)
  expect([power(grown.now - 1n), power(grown.now), power(gone.now)]).toEqual([0n, min, 0n])
})
