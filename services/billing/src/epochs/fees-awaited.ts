import { paramNumbers } from '@mooring/abis/params'
import { sumOf } from '@mooring/market/economy/money/mul-div'
import { readPart, type System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import { readUntaken } from '@mooring/store/ledger/epoch-books'
import type { DueEpoch } from './due-epoch.ts'

const bucketCount = 4
/** Of accounts that have used more than a cap it takes several periods to take what they owe. */
const periodsMax = 4n

/** Whether it is too early to give up waiting for the fees of an epoch. */
export async function isPatient(
  system: System,
  { closesAt, block }: DueEpoch,
  waitSecondsMax: number | undefined,
): Promise<boolean> {
  const at = { blockNumber: block.number }
  const secondsMax =
    waitSecondsMax === undefined
      ? periodsMax *
        (await readPart(system, 'params', 'get', [paramNumbers.ChargePeriodSeconds], at))
      : BigInt(waitSecondsMax)
  return block.timestamp < closesAt + secondsMax
}

/** Whether something that was charged in an epoch, or before it, has not been taken by a root yet, by the books. */
export async function isUntaken({ sql }: Database, { number }: DueEpoch): Promise<boolean> {
  return (await readUntaken(sql, number)) > 0n
}

/** Whether fees in ANKR lie at the router or at the distributor that have not been booked there. */
export async function isOnTheWay(system: System, { block }: DueEpoch): Promise<boolean> {
  const at = { blockNumber: block.number }
  const has = (part: 'feeRouter' | 'distributor') =>
    readPart(system, 'ankr', 'balanceOf', [system.deployment.parts[part]], at)
  const booked = (name: 'fundedTotal' | 'paidTotal' | 'withheldSwept') =>
    readPart(system, 'distributor', name, [], at)
  const [atRouter, accrued] = await Promise.all([
    has('feeRouter'),
    Promise.all(
      Array.from({ length: bucketCount }, (_, bucket) =>
        readPart(system, 'feeRouter', 'accrued', [bucket], at),
      ),
    ),
  ])
  const [atDistributor, funded, paid, swept] = await Promise.all([
    has('distributor'),
    booked('fundedTotal'),
    booked('paidTotal'),
    booked('withheldSwept'),
  ])
  return atRouter > sumOf(accrued) || atDistributor > funded - paid - swept
}
