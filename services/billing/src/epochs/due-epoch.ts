import { paramNumbers } from '@mooring/abis/params'
import type { Hex } from '@mooring/market/settlement/bytes'
import { readPart, type System } from '@mooring/onchain/contracts'

/** An epoch that is to be closed, and what was so in the block that all of its file is read in. */
export type DueEpoch = {
  number: bigint
  /** With itself it closes all from here on. */
  first: bigint
  /** By when it should be closed, in seconds: its end, and what fees take. */
  closesAt: bigint
  /** Posts that the contract has seen. */
  attempt: bigint
  block: { number: bigint; hash: Hex; timestamp: bigint }
  /** What was posted last, and not disabled; undefined before the first. */
  previous: { number: bigint; dataHash: Hex } | undefined
}

/** Older ones are closed with one of these. */
const dueMax = 32

/**
 * Epochs that are over for long enough and newer than what was posted, the newest first. Each is read when it is asked for.
 *
 * @param blockNumber - A final one: a file that names a block of a fork that is gone could never be signed.
 * @param closeAfterSeconds - Undefined stands for as long as the last charges of an epoch take to become fees.
 * @returns None while what was posted last is not final.
 */
export async function* readDueEpochs(
  system: System,
  blockNumber: bigint,
  closeAfterSeconds: bigint | undefined,
): AsyncGenerator<DueEpoch, undefined> {
  if (blockNumber < 0n) return
  const at = { blockNumber }
  const block = await system.reader.getBlock(at)
  const { hash, timestamp } = block
  const afterSeconds = closeAfterSeconds ?? (await readFeesSeconds(system, at))
  const [then, now, current] = await Promise.all([
    readPosted(system, at),
    readPosted(system, {}),
    readPart(system, 'params', 'currentEpoch', [], at),
  ])
  // The next epoch builds on what was posted, so it waits for that to be final.
  if (then.attempt !== now.attempt || then.latest !== now.latest) return
  const { latest, attempt } = then
  const first = latest === undefined ? 0n : latest + 1n
  const previous = latest === undefined ? undefined : await readPrevious(system, latest, at)
  for (let number = current - 1n, count = 0; number >= first && count < dueMax; number--) {
    const endsAt = await readPart(system, 'params', 'epochStart', [number + 1n], at)
    const closesAt = endsAt + afterSeconds
    if (closesAt > timestamp) continue
    const seen = { number: blockNumber, hash, timestamp }
    yield { number, first, closesAt, attempt, previous, block: seen }
    count++
  }
}

type At = { blockNumber?: bigint }

async function readPosted(
  system: System,
  at: At,
): Promise<{ attempt: bigint; latest: bigint | undefined }> {
  const [attempt, [latest, any]] = await Promise.all([
    readPart(system, 'epochs', 'attempt', [], at),
    readPart(system, 'epochs', 'latest', [], at),
  ])
  return { attempt, latest: any ? latest : undefined }
}

async function readPrevious(system: System, number: bigint, at: At): Promise<DueEpoch['previous']> {
  const [{ dataHash }] = await readPart(system, 'epochs', 'rootsOf', [number], at)
  return { number, dataHash: lowerCase(dataHash) }
}

/** What is used last in an epoch is in a root a period later at most, and can be applied when its delay is over. */
async function readFeesSeconds(system: System, at: At): Promise<bigint> {
  const param = (name: 'ChargePeriodSeconds' | 'ChargeDelaySeconds') =>
    readPart(system, 'params', 'get', [paramNumbers[name]], at)
  const [period, delay] = await Promise.all([
    param('ChargePeriodSeconds'),
    param('ChargeDelaySeconds'),
  ])
  return period + delay
}

/** As files have hashes and addresses; digits stay what they are. */
export function lowerCase(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}
