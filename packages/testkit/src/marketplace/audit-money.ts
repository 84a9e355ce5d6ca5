import { sumOf } from '@mooring/market/economy/money/mul-div'
import { readPart } from '@mooring/onchain/contracts'
import type { PartName } from '@mooring/onchain/deploy/plan'
import { type ChainEvent, decodeEvents } from '@mooring/onchain/events/decode'
import { readAllLogs } from '@mooring/onchain/logs'
import type { TokenAmount } from '@mooring/protocol/units'
import { type Address, zeroAddress } from 'viem'
import { officeNames, officer, player, playerNumbers } from '../economy/people.ts'
import type { Line } from './audit.ts'
import type { World } from './world.ts'

/** Where a part of what came in is, in base units of ANKR. */
export type MoneyLine = { place: string; amount: TokenAmount }

export type Money = {
  wentOut: MoneyLine[]
  held: MoneyLine[]
  lines: Line[]
  /** Of all contracts, in order. */
  events: readonly ChainEvent[]
}

const stakeKinds = [0, 1] as const
const buckets = ['treasury', 'grants', 'auditors', 'protection'] as const

/** Follows what was deposited through the contracts, by their events, and compares that with what they hold. */
export async function followMoney(world: World): Promise<Money> {
  const { economy } = world
  const events = await readEvents(world)
  const sum = sumsOf(events)
  const distributor = (name: 'fundedTotal' | 'paidTotal' | 'withheldSwept'): Promise<TokenAmount> =>
    readPart(economy, 'distributor', name, [])
  const [funded, paid, swept] = await Promise.all([
    distributor('fundedTotal'),
    distributor('paidTotal'),
    distributor('withheldSwept'),
  ])
  const [toProviders, toDelegators] = [
    sum('distributor', 'PayoutPushed', 'toProvider'),
    sum('distributor', 'PayoutPushed', 'toDelegators'),
  ]
  const claimed = sum('pool', 'RewardClaimed', 'amount')
  const idle = sum('pool', 'IdleRewardPaid', 'amount')
  const charged = sum('ankrEscrow', 'Charged', 'amount')
  const withdrawn = sum('ankrEscrow', 'Withdrawn', 'amount')
  const deposited = sum('ankrEscrow', 'Deposited', 'amount')
  const routed = (name: string) => sum('feeRouter', 'FeesRouted', name)
  const inEscrow = deposited - withdrawn - charged
  const atDistributor = funded - paid - swept
  const stake = await readStake(world)
  return {
    events,
    wentOut: [
      { place: 'withdrawn by consumers', amount: withdrawn },
      { place: 'paid to providers', amount: toProviders + idle },
      { place: 'claimed by delegators', amount: claimed },
      ...buckets.map((name) => ({ place: `kept for ${name}`, amount: routed(name) })),
      { place: 'withheld, to the treasury', amount: swept },
      { place: 'burned', amount: routed('burned') },
    ],
    held: [
      { place: 'in the escrow', amount: inEscrow },
      { place: 'at the distributor, for epochs to come', amount: atDistributor },
      { place: 'in the pool, for delegators', amount: stake.rewards },
    ],
    lines: [
      { what: 'charged = split', expected: charged, found: routed('amount') },
      {
        what: 'providers’ part = what the distributor got',
        expected: routed('providers'),
        found: funded,
      },
      {
        what: 'paid = to providers and to delegators',
        expected: paid,
        found: toProviders + toDelegators,
      },
      {
        what: 'to delegators = claimed, idle and held',
        expected: toDelegators,
        found: claimed + idle + stake.rewards,
      },
      await holds(world, 'ankrEscrow', inEscrow),
      await holds(world, 'distributor', atDistributor),
      await holds(world, 'pool', stake.principal + stake.rewards),
      await holds(world, 'feeRouter', await readAccrued(world)),
      await supplyLine(world, events),
    ],
  }
}

/** That a contract has just what it owes. */
async function holds(
  { economy }: World,
  part: 'ankrEscrow' | 'distributor' | 'pool' | 'feeRouter',
  owed: TokenAmount,
): Promise<Line> {
  const found = await readPart(economy, 'ankr', 'balanceOf', [economy.deployment.parts[part]])
  return { what: `${part} has what it owes`, expected: owed, found }
}

async function readAccrued({ economy }: World): Promise<TokenAmount> {
  const accrued = await Promise.all(
    buckets.map((_, at) => readPart(economy, 'feeRouter', 'accrued', [at])),
  )
  return sumOf(accrued)
}

/** What stakers have in the pool, and what is there for them as rewards. */
async function readStake({ economy, providers }: World) {
  let [principal, rewards] = [0n, 0n]
  for (const { providerId } of providers) {
    for (const kind of stakeKinds) {
      const bucket = await readPart(economy, 'pool', 'bucketOf', [providerId, kind])
      principal += bucket.active + bucket.unbonding
    }
    const [reserve] = await readPart(economy, 'pool', 'rewardsOf', [providerId])
    rewards += reserve
  }
  return { principal, rewards }
}

/** All tokens that there are have somebody: people of the economy, contracts, and whoever ever got or gave any. */
async function supplyLine({ economy }: World, events: readonly ChainEvent[]): Promise<Line> {
  const moved = events.filter(({ part, name }) => part === 'ankr' && name === 'Transfer')
  const people = [...playerNumbers.map(player), ...officeNames.map(officer)]
  const holders = new Set(
    [
      ...moved.flatMap(({ args }) => [String(args.from), String(args.to)]),
      ...people.map(({ address }) => address),
      ...Object.values(economy.deployment.parts),
    ].map((address) => address.toLowerCase()),
  )
  holders.delete(zeroAddress)
  const balances = await Promise.all(
    // Addresses, as events and deployments have them.
    [...holders].map((of) => readPart(economy, 'ankr', 'balanceOf', [of as Address])),
  )
  const supply = await readPart(economy, 'ankr', 'totalSupply', [])
  return { what: 'all balances = supply', expected: supply, found: sumOf(balances) }
}

async function readEvents({ economy }: World): Promise<ChainEvent[]> {
  const { reader, deployment } = economy
  const address = Object.values(deployment.parts)
  const to = await reader.getBlockNumber()
  return decodeEvents(deployment, await readAllLogs(reader, { address, from: 0n, to }))
}

function sumsOf(events: readonly ChainEvent[]) {
  return (part: PartName, name: string, member: string): TokenAmount =>
    sumOf(
      events
        .filter((event) => event.part === part && event.name === name)
        // Amounts are numbers, by the ABI.
        .map(({ args }) => args[member] as bigint),
    )
}
