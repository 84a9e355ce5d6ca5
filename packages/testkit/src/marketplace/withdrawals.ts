import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Customer } from '../economy/customers.ts'
import { player } from '../economy/people.ts'
import { carryOut } from '../economy/providers.ts'
import { untilSo } from './until.ts'
import type { World } from './world.ts'

const delegated = 0
const hour = 3_600
/** What a withdrawal waits for in a local economy. */
const withdrawDelay = 3 * hour
/** What a delegator's stake waits for, and an hour. */
const unbonding = 22 * 24 * hour + hour

/** Lets the streams of an epoch flow, and has every delegator take what is there. */
export async function claimRewards(world: World, epochSeconds: number): Promise<void> {
  const { economy, providers } = world
  await world.passTime(2 * epochSeconds)
  for (const { providerId, delegators } of providers) {
    for (const { person } of delegators) {
      const earned = await readPart(economy, 'pool', 'earned', [providerId, person.address])
      if (earned === 0n) continue
      await carryOut(
        economy,
        person,
        callPart(economy, 'pool', 'claim', [providerId, person.address]),
      )
    }
  }
}

/** The first delegator of each provider takes all it has staked. */
export async function stakersLeave(world: World): Promise<void> {
  const { economy, providers } = world
  const leaving = providers.flatMap(({ providerId, delegators: [first] }) =>
    first === undefined ? [] : [{ providerId, person: first.person }],
  )
  for (const { providerId, person } of leaving) {
    const of = [providerId, delegated, person.address] as const
    const shares = await readPart(economy, 'pool', 'sharesOf', of)
    await carryOut(
      economy,
      person,
      callPart(economy, 'pool', 'unstake', [providerId, delegated, shares, 0n]),
    )
  }
  await world.passTime(unbonding)
  for (const { providerId, person } of leaving) {
    const of = [providerId, delegated, person.address] as const
    const open = await readPart(economy, 'pool', 'openRequestsOf', of)
    for (const id of open) {
      await carryOut(economy, person, callPart(economy, 'pool', 'withdraw', [id, person.address]))
    }
  }
}

/** Every consumer takes what is left of its deposit. */
export async function depositorsLeave(world: World, customers: readonly Customer[]): Promise<void> {
  const { economy } = world
  for (const { number } of customers) {
    const person = player(number)
    const { balance } = await readPart(economy, 'ankrEscrow', 'accountOf', [person.address])
    await carryOut(economy, person, callPart(economy, 'ankrEscrow', 'requestWithdraw', [balance]))
  }
  await world.passTime(withdrawDelay + hour)
  for (const { number } of customers) {
    const person = player(number)
    await carryOut(economy, person, callPart(economy, 'ankrEscrow', 'withdraw', [person.address]))
  }
  await untilSo('withdrawals are in the books', AbortSignal.timeout(120_000), async () => true)
}
