import type { Reader } from '@mooring/onchain/clients'
import type { Deployment } from '@mooring/onchain/deployment'
import {
  type Cursor,
  followEvents,
  ReorgTooDeep,
  type StreamItem,
} from '@mooring/onchain/events/follow'
import type { Clock } from '@mooring/telemetry/clock'
import type { AccountHints } from './account-hints.ts'
import { accountKeyOf, type WatchEvents } from './tokens.ts'

export type FollowAccountsOptions = {
  deployment: Deployment
  hints: AccountHints
  events: WatchEvents
  clock: Clock
  pollMs: number
  signal: AbortSignal
}

/** After each of these another key or another life may be the account's. */
const telling: ReadonlySet<string> = new Set(['Deposited', 'KeyCommitmentSet', 'Withdrawn'])
/** A stream begins so far below the head, so that it knows what a fork near the head went off from. */
const startBelowBlocks = 32n
/** So far a fork may reach back and still be followed; after a deeper one every account is looked at. */
const reorgBlocksMax = 256

/**
 * Follows the events of the escrows through one source until it is told to stop. What it says are hints: an account is
 * looked at through all sources before anything is done, and every source is followed, so that one that keeps events
 * back hides nothing.
 *
 * @param place - Of the source in the configuration, from 1.
 */
export async function followAccounts(
  reader: Reader,
  place: number,
  options: FollowAccountsOptions,
): Promise<void> {
  const { deployment, hints, events, clock, pollMs, signal } = options
  const told: Told[] = []
  let from: Cursor | undefined
  while (!signal.aborted) {
    try {
      from ??= await startOf(reader)
      const stream = followEvents({ reader, deployment }, { from, pollMs, signal, reorgBlocksMax })
      for await (const item of stream) {
        from = item.cursor
        if (item.kind === 'forward') learn(item, told, options)
        else unlearn(item.cursor, told, hints)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ReorgTooDeep) {
        from = undefined
        hints.meetAnew()
      }
      // What a source's client throws may hold the source's address.
      const detail = `source ${place} of this verifier could not be followed`
      events.troubled({ ok: false, code: 'SOURCE_UNREACHABLE', detail })
      await clock.sleep(pollMs, signal)
    }
  }
}

/** What a stream told of blocks that a fork could still undo, oldest first. */
type Told = { key: string; block: bigint }

function learn(
  { cursor, events }: StreamItem & { kind: 'forward' },
  told: Told[],
  { deployment, hints }: FollowAccountsOptions,
): void {
  for (const { part, name, args, blockNumber } of events) {
    const isEscrow = part === 'ankrEscrow' || part === 'stableEscrow'
    if (!isEscrow || !telling.has(name)) continue
    const key = accountKeyOf(deployment.parts[part], String(args.account))
    hints.add(key, blockNumber)
    told.push({ key, block: blockNumber })
  }
  const settled = cursor.number - BigInt(reorgBlocksMax)
  const kept = told.findIndex(({ block }) => block > settled)
  told.splice(0, kept < 0 ? told.length : kept)
}

/** The other branch may say nothing of an account that this one has changed, so what it is now has to be looked at. */
function unlearn({ number }: Cursor, told: Told[], hints: AccountHints): void {
  const kept = told.findIndex(({ block }) => block > number)
  if (kept < 0) return
  for (const { key } of told.splice(kept)) hints.add(key, number + 1n)
}

async function startOf(reader: Reader): Promise<Cursor> {
  const head = await reader.getBlockNumber()
  const blockNumber = head > startBelowBlocks ? head - startBelowBlocks : 0n
  const { number, hash } = await reader.getBlock({ blockNumber })
  return { number, hash }
}
