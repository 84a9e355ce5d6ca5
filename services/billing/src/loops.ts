import type { Keccak } from '@mooring/market/settlement/bytes'
import type { System } from '@mooring/onchain/contracts'
import type { Database } from '@mooring/store/database'
import { checkBooks, checkPeriods } from '@mooring/store/ledger/check'
import { checkEscrow } from '@mooring/store/ledger/check-escrow'
import { checkUsage } from '@mooring/store/ledger/check-usage'
import { bookClosedLives } from '@mooring/store/ledger/closed-lives'
import { bookEscrowEvents, countUncredited } from '@mooring/store/ledger/escrow-events'
import { cautiousNowMs, keepHours } from '@mooring/store/ledger/hours'
import type { Clock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import type { ChainFollower } from './chain/chain-follower.ts'
import { FinalBlock } from './chain/final-block.ts'
import { type ChainTerms, readTerms } from './chain/terms.ts'
import { makeChargeFiles } from './charges/charge-files.ts'
import type { CheckReports } from './checks/check-reports.ts'
import { checkDeposits } from './checks/deposits-booked.ts'
import { MirrorCheck } from './checks/mirror.ts'
import type { BillingConfig } from './config.ts'
import { creditDeposits } from './credit/credit-deposits.ts'
import { closeEpochs } from './epochs/close-epochs.ts'
import type { Events } from './events.ts'
import { periodBefore } from './meter/charge-period.ts'
import type { MeterDesk } from './meter/meter-desk.ts'
import type { NetworkState } from './network/network-state.ts'

export type LoopParts = {
  config: BillingConfig
  system: System
  database: Database
  clock: Clock
  events: Events
  desk: MeterDesk
  follower: ChainFollower
  reports: CheckReports
  terms: { now: ChainTerms }
  keccak: Keccak
  network: NetworkState
}

const eventsAtOnceMax = 500

/** What the service does of itself. Several processes may do it on one database. */
export function startLoops(parts: LoopParts): Loop[] {
  const { config, system, database, clock, desk, reports, terms } = parts
  const loop = (name: string, pauseMs: number, round: () => Promise<void>) =>
    startLoop({
      ...{ pauseMs, clock, round },
      onError: (error) => parts.events.roundFailed(name, error),
    })
  const accountsMax = config.checks.mirrorAccountsMax
  const mirror = new MirrorCheck({ system, database, clock, accountsMax })
  const finalBlock = new FinalBlock(system, config.chain.finalityBlocks)
  return [
    loop('sweep', config.meter.sweepIntervalMs, () => desk.closeSilent()),
    loop('copies', config.meter.copiesIntervalMs, () => desk.forgetCopies()),
    loop('terms', config.chain.termsIntervalMs, async () => {
      terms.now = await readTerms(system, clock)
      parts.events.termsRead(terms.now)
    }),
    loop('credit', config.creditIntervalMs, () => creditDeposits({ ...parts, terms: terms.now })),
    loop('chain events', config.creditIntervalMs, () => bookChainEvents(parts)),
    loop('charge files', config.chargesIntervalMs, () =>
      makeChargeFiles({ ...parts, terms: terms.now }),
    ),
    loop('epochs', config.epochs.intervalMs, () =>
      closeEpochs({ ...parts, config: config.epochs, finalBlock }),
    ),
    loop('network', config.network.intervalMs, () => parts.network.refresh()),
    loop('hours', config.checks.booksIntervalMs, async () => {
      await keepHours(database, await cautiousNowMs(database, clock.wallMs()))
    }),
    loop('tell deposits', config.chain.tellIntervalMs, () => tellAgain(parts)),
    loop('books', config.checks.booksIntervalMs, async () => {
      reports.note(['account-entries', 'leases'], await checkBooks(database))
    }),
    loop('usage', config.checks.usageIntervalMs, async () => {
      reports.note(['usage-charges', 'frames-usage', 'key-days'], await checkUsage(database))
    }),
    loop('periods', config.checks.usageIntervalMs, async () => {
      const since = periodBefore(clock.wallMs(), terms.now.periodSeconds)
      reports.note(['period-used'], await checkPeriods(database, since))
    }),
    loop('escrow', config.checks.usageIntervalMs, async () => {
      reports.note(['deposits-left', 'spent-applied'], await checkEscrow(database))
    }),
    loop('deposits', config.checks.booksIntervalMs, async () => {
      const { unbookedBlocksMax } = config.checks
      reports.note(['deposits-booked'], await checkDeposits(database, unbookedBlocksMax))
    }),
    loop('mirror', config.checks.mirrorIntervalMs, async () => {
      const found = await mirror.compare()
      if (found !== undefined) reports.note(['escrow-mirror'], found)
    }),
  ]
}

async function bookChainEvents({ system, database, clock, events }: LoopParts): Promise<void> {
  const { chainId } = system.deployment
  const terms = { chainId, nowMs: clock.wallMs(), countMax: eventsAtOnceMax }
  for (const { event, missing } of await bookEscrowEvents(database, terms)) {
    const { account, kind, amount } = event
    events.chainEventBooked({ account, kind, amount, missing })
  }
  for (const closed of await bookClosedLives(database, terms)) events.lifeClosed(closed)
}

async function tellAgain({ database, events, follower }: LoopParts): Promise<void> {
  const told = await follower.tellAgain()
  events.depositsUncredited({ count: await countUncredited(database.sql), told })
}
