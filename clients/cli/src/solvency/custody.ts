import { readPart, type System } from '@mooring/onchain/contracts'
import type { AssetName } from '../economy/amounts.ts'
import { stakeKinds } from '../economy/readings.ts'

/** A contract that holds tokens of others. */
export type HolderName =
  | 'ankrEscrow'
  | 'stableEscrow'
  | 'feeRouter'
  | 'distributor'
  | 'pool'
  | 'signerSets'

/** For whom a part of it is held. */
export type Part = { for: string; amount: bigint }

/** What a contract has of an asset, says that it holds, and for whom. */
export type Custody = {
  holder: HolderName
  asset: AssetName
  balance: bigint
  held: bigint
  /** Undefined where no sum of parts can be read from the contract itself. */
  parts: readonly Part[] | undefined
}

type At = { blockNumber: bigint }

/** Providers that are asked about at once. */
const atOnceMax = 16

/** Everything that the economy's contracts hold, as of one block. */
export async function readCustody(system: System, at: At): Promise<Custody[]> {
  return Promise.all([
    custodyOf(system, at, { holder: 'ankrEscrow', asset: 'ankr', parts: undefined }),
    custodyOf(system, at, { holder: 'stableEscrow', asset: 'usd', parts: undefined }),
    custodyOf(system, at, { holder: 'feeRouter', asset: 'ankr', parts: bucketParts(system, at) }),
    custodyOf(system, at, { holder: 'feeRouter', asset: 'usd', parts: saleParts(system, at) }),
    custodyOf(system, at, { holder: 'distributor', asset: 'ankr', parts: feeParts(system, at) }),
    custodyOf(system, at, { holder: 'pool', asset: 'ankr', parts: stakeParts(system, at) }),
    custodyOf(system, at, { holder: 'signerSets', asset: 'ankr', parts: undefined }),
  ])
}

async function custodyOf(
  system: System,
  at: At,
  wanted: Pick<Custody, 'holder' | 'asset'> & { parts: Promise<Part[]> | undefined },
): Promise<Custody> {
  const { holder, asset } = wanted
  const { parts: addresses } = system.deployment
  const token = asset === 'ankr' ? 'ankr' : 'stable'
  const [balance, held, parts] = await Promise.all([
    readPart(system, token, 'balanceOf', [addresses[holder]], at),
    readPart(system, holder, 'held', [addresses[token]], at),
    wanted.parts,
  ])
  return { holder, asset, balance, held, parts }
}

const buckets = ['the treasury', 'grants', 'auditors', 'protection'] as const

async function bucketParts(system: System, at: At): Promise<Part[]> {
  return Promise.all(
    buckets.map(async (name, bucket) => ({
      for: name,
      amount: await readPart(system, 'feeRouter', 'accrued', [bucket], at),
    })),
  )
}

async function saleParts(system: System, at: At): Promise<Part[]> {
  const [pending, { lot }] = await Promise.all([
    readPart(system, 'feeRouter', 'stablePending', [], at),
    readPart(system, 'feeRouter', 'auction', [], at),
  ])
  return [
    { for: 'a later auction', amount: pending },
    { for: 'the auction', amount: lot },
  ]
}

/** Of fees: what the newest epoch promises and nobody has been paid yet, and what no epoch has divided. */
async function feeParts(system: System, at: At): Promise<Part[]> {
  const total = (name: 'fundedTotal' | 'paidTotal' | 'withheldSwept') =>
    readPart(system, 'distributor', name, [], at)
  const [funded, paid, swept, [latest]] = await Promise.all([
    total('fundedTotal'),
    total('paidTotal'),
    total('withheldSwept'),
    readPart(system, 'epochs', 'latest', [], at),
  ])
  const [, payoutsTotal, withheldTotal] = await readPart(
    system,
    'epochs',
    'payoutsOf',
    [latest],
    at,
  )
  return [
    { for: 'providers', amount: payoutsTotal - paid },
    { for: 'the treasury (withheld)', amount: withheldTotal - swept },
    { for: 'epochs to come', amount: funded - payoutsTotal - withheldTotal },
  ]
}

async function stakeParts(system: System, at: At): Promise<Part[]> {
  const count = await readPart(system, 'registry', 'providerCount', [], at)
  const all = { self: 0n, delegated: 0n, rewards: 0n }
  for (let first = 1n; first <= count; first += BigInt(atOnceMax)) {
    const last = first + BigInt(atOnceMax) - 1n
    const ids = Array.from({ length: atOnceMax }, (_, place) => first + BigInt(place))
    const known = ids.filter((id) => id <= last && id <= count)
    for (const stake of await Promise.all(known.map((id) => stakeOf(system, id, at)))) {
      all.self += stake.self
      all.delegated += stake.delegated
      all.rewards += stake.rewards
    }
  }
  return [
    { for: 'providers (stake)', amount: all.self },
    { for: 'delegators (stake)', amount: all.delegated },
    { for: 'delegators (rewards)', amount: all.rewards },
  ]
}

async function stakeOf(
  system: System,
  providerId: bigint,
  at: At,
): Promise<{ self: bigint; delegated: bigint; rewards: bigint }> {
  const bucket = async (kind: number) => {
    const { active, unbonding } = await readPart(system, 'pool', 'bucketOf', [providerId, kind], at)
    return active + unbonding
  }
  const [self, delegated, [reserve]] = await Promise.all([
    bucket(stakeKinds.self),
    bucket(stakeKinds.delegated),
    readPart(system, 'pool', 'rewardsOf', [providerId], at),
  ])
  return { self, delegated, rewards: reserve }
}
