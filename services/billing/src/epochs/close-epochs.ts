import type { Keccak } from '@mooring/market/settlement/bytes'
import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import { asPrevious, type PreviousEpoch } from '@mooring/market/settlement/epoch-data'
import {
  createEpochFile,
  encodeEpochFile,
  parseEpochFile,
} from '@mooring/market/settlement/epoch-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import { verifyEpoch } from '@mooring/market/settlement/verify-epoch'
import type { System } from '@mooring/onchain/contracts'
import { wrongSignatures } from '@mooring/onchain/receipt-statement'
import type { Database } from '@mooring/store/database'
import { closeBooks, hasCharged, readCharged } from '@mooring/store/ledger/epoch-books'
import {
  type EpochFileFacts,
  findEpochFile,
  findEpochFileFacts,
  saveEpochFile,
} from '@mooring/store/ledger/epoch-files'
import type { Clock } from '@mooring/telemetry/clock'
import type { FinalBlock } from '../chain/final-block.ts'
import type { BillingConfig } from '../config.ts'
import type { Events } from '../events.ts'
import { type DueEpoch, readDueEpochs } from './due-epoch.ts'
import { readEpochInputs } from './epoch-inputs.ts'
import { isOnTheWay, isPatient, isUntaken } from './fees-awaited.ts'

type Parts = {
  system: System
  database: Database
  clock: Clock
  events: Events
  keccak: Keccak
  finalBlock: FinalBlock
  config: BillingConfig['epochs']
}

/**
 * Closes the newest epoch that is over and has its fees, and makes its file. Of several processes one keeps its file, and there is never
 * another one for that epoch and post. An epoch in which nothing was charged gets none: it would pay nobody, and the
 * next one closes it.
 */
export async function closeEpochs(parts: Parts): Promise<void> {
  const { database } = parts
  // Where nothing is left to be closed, the chain need not be asked.
  if (!(await hasCharged(database.sql))) return
  for await (const candidate of readDue(parts)) {
    const { number: epoch, attempt } = candidate
    const made = await findEpochFileFacts(database.sql, { epoch, attempt })
    if (made !== undefined) return tellOverlaid(parts, candidate, made)
    const due = await withFees(parts, candidate)
    // One before it may have its fees already.
    if (due === undefined) continue
    await closeBooks(database, epoch)
    if ((await readCharged(database.sql, { first: due.first, last: epoch })) === 0n) return
    const previous = await previousOf(parts, due)
    if (previous !== undefined) await makeEpochFile(parts, due, previous)
    return
  }
}

async function* readDue({ system, finalBlock, config }: Parts): AsyncGenerator<DueEpoch> {
  const { closeAfterSeconds } = config
  const after = closeAfterSeconds === undefined ? undefined : BigInt(closeAfterSeconds)
  yield* readDueEpochs(system, await finalBlock.number(), after)
}

/**
 * What was charged in an epoch is to be given to those who worked in it, so it is waited for.
 *
 * @returns The epoch, in a block in which its fees have arrived, or that is so late that the rest is left to the next one.
 */
async function withFees(parts: Parts, due: DueEpoch): Promise<DueEpoch | undefined> {
  const { system, database, config } = parts
  if (!(await isPatient(system, due, config.feesWaitSecondsMax))) return due
  if (await isUntaken(database, due)) return undefined
  // The books may be of a later block than the one that was asked for before.
  for await (const later of readDue(parts)) {
    if (later.number > due.number) continue
    const isSame = later.number === due.number && later.attempt === due.attempt
    return isSame && !(await isOnTheWay(system, later)) ? later : undefined
  }
  return undefined
}

/**
 * An epoch that a file goes on from was disabled. Verifiers sign no second one for the same epoch and post, so that the
 * next epoch has to close this one.
 */
function tellOverlaid({ events }: Parts, { previous }: DueEpoch, made: EpochFileFacts): void {
  if (made.previous !== (previous?.number ?? null)) {
    events.epochFileOverlaid({ epoch: made.epoch, previous: made.previous })
  }
}

/** @returns Undefined, and told, where what was posted was not made from a file of ours: payouts of nobody knows whom. */
async function previousOf(
  { database, keccak, events }: Parts,
  { previous }: DueEpoch,
): Promise<PreviousEpoch | null | undefined> {
  if (previous === undefined) return null
  const content = await findEpochFile(database.sql, previous.dataHash)
  const file =
    content === undefined ? undefined : parseEpochFile(new TextEncoder().encode(content), keccak)
  // One that an operator has brought back may be another than it is said to be.
  if (file?.dataHash !== previous.dataHash) {
    events.previousEpochUnknown({ epoch: previous.number, dataHash: previous.dataHash })
    return undefined
  }
  return asPrevious(file)
}

async function makeEpochFile(
  parts: Parts,
  due: DueEpoch,
  previous: PreviousEpoch | null,
): Promise<void> {
  const { database, clock, events, keccak } = parts
  const { number: epoch, attempt } = due
  const { inputs, omissions } = await readEpochInputs(parts, due, previous)
  // Of 100,000 accounts each step takes a second, and gateways are answered between them.
  await takeTurns()
  const file = createEpochFile(inputs, keccak)
  await takeTurns()
  const content = encodeEpochFile(file)
  const [wrong] = await differencesOf(content, keccak)
  // It would be refused by everybody, and there can be only one.
  if (wrong !== undefined) return events.epochFileWrong({ epoch, ...wrong })
  const { dataHash, payoutsTotal, withheldTotal } = file.roots
  const row = { epoch, attempt, previous: previous?.number ?? null, dataHash, content }
  if (!(await saveEpochFile(database.sql, row, clock.wallMs()))) return
  events.epochOmits({ epoch, ...omissions })
  events.epochFileMade({
    ...{ epoch, first: due.first, payoutsTotal, withheldTotal },
    ...{ charges: inputs.charges.length, receipts: inputs.receipts.length },
  })
}

/** What anybody would find who verifies it. */
async function differencesOf(content: string, keccak: Keccak): Promise<Difference[]> {
  try {
    const file = parseEpochFile(new TextEncoder().encode(content), keccak)
    await takeTurns()
    const { differences } = verifyEpoch(file, keccak)
    return [...differences, ...(await wrongSignatures(file.data, { keccak }))]
  } catch (error) {
    if (error instanceof UnreadableFile) return [error.difference]
    throw error
  }
}

/** Lets whatever waits go first. */
function takeTurns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
