import type { Action } from '@mooring/market/economy/actions'
import { epochNow } from '@mooring/market/economy/economy'
import { epochStart } from '@mooring/market/economy/parameters/epoch-clock'
import { type Corner, day, epochRoot, hour, paidOut, withParams } from './corner.ts'

export const governanceCorners: readonly Corner[] = [
  {
    name: 'epochs become active in the order of their posting, also when the delay has become shorter',
    steps: (world, economy) => {
      const epoch = epochNow(economy)
      const { clock } = economy.params
      const next = epochStart(clock, epoch + 1n) - economy.now
      const length = epochStart(clock, epoch + 2n) - epochStart(clock, epoch + 1n)
      const changes = [{ param: 'RootDelaySeconds', value: day }] as const
      const args = { changes, effectiveEpoch: epoch + 2n }
      const post = (at: bigint) => epochRoot(world, { epoch: at, cumulative: 1n, payoutsTotal: 0n })
      const push: Action = {
        name: 'push',
        caller: world.cast.outsider,
        args: { providerId: 1n, epoch: epoch + 1n, cumulative: 1n },
      }
      return [
        { act: { name: 'announceParams', caller: economy.roles.governor, args } },
        { later: next + length - hour, act: post(epoch) },
        { later: hour, act: post(epoch + 1n) },
        { later: day, act: push, refused: 'RewardDistributorNotActive' },
        // Active now, and its total does not cover what its leaf promises.
        { later: day, act: push, refused: 'RewardDistributorOverspent' },
      ]
    },
  },
  {
    name: 'a signer that is leaving stays when it is installed again, and has to ask anew afterwards',
    steps: (world, economy) => {
      const [one = '', two = '', , , five = ''] = world.cast.signers
      const { governor } = economy.roles
      const role = 'Gateway'
      const announce = (members: string[]): Action => ({
        name: 'announceSet',
        caller: governor,
        args: { role, members, threshold: 2n },
      })
      const install: Action = { name: 'installSet', caller: world.cast.outsider, args: { role } }
      const exit: Action = { name: 'requestBondExit', caller: five, args: {} }
      const withdraw: Action = { name: 'withdrawBond', caller: five, args: { to: five } }
      return [
        { act: exit },
        { act: announce([one, five]) },
        { later: 2n * day, act: install },
        { later: 28n * day, act: withdraw, refused: 'SignerSetsNotExiting' },
        { act: exit, refused: 'SignerSetsStillMember' },
        { act: announce([one, two]) },
        { later: 2n * day, act: install },
        { act: withdraw, refused: 'SignerSetsNotExiting' },
        { act: exit },
        { later: 28n * day, act: withdraw },
      ]
    },
  },
  {
    name: 'the length of epochs changes with an epoch, can be taken back before it, and stays for those that were',
    steps: (world, economy) => {
      const epoch = epochNow(economy)
      const { governor } = economy.roles
      const changes = [{ param: 'EpochSeconds', value: hour }] as const
      const announce: Action = {
        name: 'announceParams',
        caller: governor,
        args: { changes, effectiveEpoch: epoch + 2n },
      }
      return [
        { act: announce },
        { act: { name: 'cancelParams', caller: governor, args: {} } },
        { act: announce },
        { later: 14n * day, act: { name: 'route', caller: governor, args: {} } },
        { later: 5n * hour, act: { name: 'route', caller: governor, args: {} } },
        {
          act: {
            name: 'announceParams',
            caller: governor,
            args: { changes: [{ param: 'EpochSeconds', value: 2n * hour }], effectiveEpoch: 9n },
          },
        },
        {
          later: 9n * hour,
          act: epochRoot(world, { epoch: 7n, cumulative: 1n, payoutsTotal: 0n }),
        },
      ]
    },
  },
  {
    name: 'a first payment takes the commission of the first epoch, also of a provider that had none',
    steps: (world, economy) => {
      const [owner = ''] = world.cast.owners
      const commission = (commissionPpm: bigint): Action => ({
        name: 'announceCommission',
        caller: owner,
        args: { providerId: 1n, commissionPpm },
      })
      const { clock } = economy.params
      const later = epochStart(clock, 1n) - economy.now
      return [
        { act: commission(0n) },
        { later, act: epochRoot(world, { epoch: 0n, cumulative: 1n, payoutsTotal: 0n }) },
        { act: commission(50_000n) },
        { later: 28n * day, act: { name: 'route', caller: owner, args: {} } },
        ...paidOut(
          world,
          { ...economy, now: economy.now + later + 28n * day },
          {
            amount: 10n ** 20n,
          },
        ),
      ]
    },
  },
  {
    name: 'changes that would break a rule are refused, and the rule met exactly is not',
    steps: (_, economy) => {
      const { governor } = economy.roles
      const announce = (
        param: 'UnbondingSelfSeconds' | 'CommissionMaxPpm',
        value: bigint,
      ): Action => {
        const args = { changes: [{ param, value }], effectiveEpoch: epochNow(economy) + 1n }
        return { name: 'announceParams', caller: governor, args }
      }
      return [
        { act: announce('UnbondingSelfSeconds', 22n * day - 1n), refused: 'ParamStoreRuleBroken' },
        { act: announce('CommissionMaxPpm', 49_999n), refused: 'ParamStoreRuleBroken' },
        ...withParams(economy, [
          { param: 'UnbondingSelfSeconds', value: 22n * day },
          { param: 'CommissionMaxPpm', value: 0n },
        ]),
      ]
    },
  },
]
