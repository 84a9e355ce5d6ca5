import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import { commissionAt, providerOf, splitActive } from '../registry/provider-registry.ts'
import { begunEconomy, testCast } from '../sequence/stage.fixtures.ts'
import { after, atEpoch, later } from './scenario.fixtures.ts'

const economy = begunEconomy()
const [owner = '', other = ''] = testCast.owners
const { outsider, nodeKeys } = testCast

const announce = (commissionPpm: bigint): Action => ({
  name: 'announceCommission',
  caller: owner,
  args: { providerId: 1n, commissionPpm },
})
const commissions = (at: typeof economy, epochs: bigint[]) =>
  epochs.map((epoch) => commissionAt(providerOf(at.registry, 1n), epoch))

describe('commission', () => {
  test('falls with the next epoch', () => {
    expect(commissions(after(economy, [announce(1n)]), [0n, 1n])).toEqual([100_000n, 1n])
  })

  test('rises after two whole epochs, by at most five points', () => {
    const risen = after(economy, [announce(150_000n)])
    expect(commissions(risen, [0n, 2n, 3n])).toEqual([100_000n, 100_000n, 150_000n])
    expect(() => after(economy, [announce(150_001n)])).toThrow(
      'ProviderRegistryCommissionRiseTooBig',
    )
  })

  test('changes one at a time, and never beyond the highest', () => {
    const waiting = after(economy, [announce(1n)])
    expect(() => after(waiting, [announce(2n)])).toThrow('ProviderRegistryCommissionWaiting')
    after(atEpoch(waiting, 1n), [announce(2n)])
    expect(() => after(economy, [announce(300_001n)])).toThrow('ProviderRegistryCommissionTooHigh')
    expect(() => after(economy, [announce(100_000n)])).toThrow(
      'ProviderRegistryCommissionUnchanged',
    )
  })
})

describe('active nodes', () => {
  const topUp: Action = {
    name: 'stake',
    caller: owner,
    args: {
      providerId: 1n,
      kind: 'Self',
      amount: 200_000n * tokenScale,
      sharesMin: 0n,
      way: 'approval',
    },
  }
  const nodes = [3n, 4n].flatMap((nodeId): Action[] => [
    {
      name: 'registerNode',
      caller: owner,
      args: { providerId: 1n, signingKey: nodeKeys[Number(nodeId)] ?? '' },
    },
    { name: 'requestAudit', caller: owner, args: { nodeId } },
    { name: 'admitNode', caller: economy.roles.admissions, args: { nodeId } },
    { name: 'activateNode', caller: owner, args: { nodeId } },
  ])
  const three = after(economy, [topUp, ...nodes])
  const slash = (selfAmount: bigint): Action => ({
    name: 'slash',
    caller: economy.roles.slasher,
    args: { providerId: 1n, selfAmount, delegatedAmount: 0n },
  })
  const statusOf = (at: typeof economy) =>
    [1n, 3n, 4n].map((nodeId) => at.registry.nodes.get(nodeId)?.status)

  test('need their stake before they are active', () => {
    expect(() => after(economy, nodes)).toThrow('ProviderRegistrySelfStakeTooSmall')
    expect(statusOf(three)).toEqual(['Active', 'Active', 'Active'])
  })

  test('are drained newest first, as many as stake does not cover', () => {
    expect(statusOf(after(three, [slash(tokenScale)]))).toEqual(['Active', 'Active', 'Active'])
    const one = after(three, [slash(tokenScale + 1n)])
    expect(statusOf(one)).toEqual(['Active', 'Active', 'Draining'])
    const two = after(three, [slash(100_001n * tokenScale + 1n)])
    expect(statusOf(two)).toEqual(['Active', 'Draining', 'Draining'])
    expect(splitActive([7n, 8n, 9n], 1n)).toEqual({ kept: [7n], drained: [9n, 8n] })
    expect(splitActive([7n], 2n)).toEqual({ kept: [7n], drained: [] })
  })

  test('may come back within the time to top up, and be retired by anyone after it', () => {
    const short = after(three, [slash(tokenScale + 1n)])
    const retire: Action = { name: 'retireNode', caller: outsider, args: { nodeId: 4n } }
    const week = 7n * 86_400n
    expect(() => after(later(short, week - 2n), [retire])).toThrow('ProviderRegistryRetireTooEarly')
    expect(statusOf(after(later(short, week - 1n), [retire]))[2]).toBe('Retired')
    const back = after(short, [
      topUp,
      { name: 'activateNode', caller: owner, args: { nodeId: 4n } },
    ])
    expect(providerOf(back.registry, 1n).activeNodes).toEqual([1n, 3n, 4n])
    expect(() => after(later(back, 2n * week), [retire])).toThrow('ProviderRegistryNotOperator')
  })

  test('that come back are the newest', () => {
    const turned = after(three, [
      { name: 'drainNode', caller: owner, args: { nodeId: 1n } },
      { name: 'activateNode', caller: owner, args: { nodeId: 1n } },
      slash(tokenScale + 1n),
    ])
    expect(statusOf(turned)).toEqual(['Draining', 'Active', 'Active'])
  })

  test('are not started in jail', () => {
    const until = economy.now + 1_000n
    const jailed = after(three, [
      { name: 'drainNode', caller: owner, args: { nodeId: 1n } },
      { name: 'jail', caller: economy.roles.slasher, args: { providerId: 1n, until } },
      { name: 'jail', caller: economy.roles.slasher, args: { providerId: 1n, until: until - 9n } },
    ])
    const activate: Action = { name: 'activateNode', caller: owner, args: { nodeId: 1n } }
    expect(() => after({ ...jailed, now: until - 2n }, [activate])).toThrow(
      'ProviderRegistryJailed',
    )
    after({ ...jailed, now: until - 1n }, [activate])
  })
})

test('a key is one node’s for ever, also when it has been rotated away', () => {
  const rotated = after(economy, [
    { name: 'rotateNodeKey', caller: owner, args: { nodeId: 1n, signingKey: nodeKeys[9] ?? '' } },
  ])
  const reuse: Action = {
    name: 'registerNode',
    caller: other,
    args: { providerId: 2n, signingKey: nodeKeys[0] ?? '' },
  }
  expect(() => after(rotated, [reuse])).toThrow('ProviderRegistryKeyTaken')
})
