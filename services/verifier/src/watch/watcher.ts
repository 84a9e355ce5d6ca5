import type { Deployment } from '@mooring/onchain/deployment'
import { type Clock, systemClock } from '@mooring/telemetry/clock'
import { readHead } from '../chain/head.ts'
import type { Sources } from '../chain/sources.ts'
import { createAccountHints } from './account-hints.ts'
import { reviewAccounts } from './accounts-review.ts'
import { createDepositsReview } from './deposits-review.ts'
import { followAccounts } from './follow-accounts.ts'
import type { WatchActions, WatchEvents, WatchedTokens } from './tokens.ts'

export type WatcherOptions = {
  sources: Sources
  deployment: Deployment
  tokens: WatchedTokens
  actions: WatchActions
  events: WatchEvents
  /** Between rounds. With the time of a question it is what passes between a fork and a revocation. */
  pollMs?: number | undefined
  /** How many blocks a chain that is shorter than it was may grow without a deposit before that is orphaned. */
  orphanConfirmBlocks?: number | undefined
  /** Every account that was looked at is looked at once more so many blocks later. */
  settleBlocks?: number | undefined
  clock?: Clock | undefined
}

/** Disposing of it resolves when the last round and the last question of each stream have ended. */
export type Watcher = AsyncDisposable

const pollMsDefault = 1_000
const orphanConfirmBlocksDefault = 3
/** As deep as a deposit has to be: few forks reach further, and those are followed. */
const settleBlocksDefault = 12

/**
 * Watches what issued tokens rest on, and has those revoked that rest on nothing any more.
 *
 * Deposits are looked after until they are final: whether their block still stands, whether the transaction is in
 * another block now, or in none. Accounts are looked at when the chain tells of a new key, a deposit or a withdrawal,
 * and for every token that is new here, so a restart misses nothing; and once more when forks have settled.
 *
 * Nothing is revoked unless all sources say the same. While they do not, or are silent, everything stays as it is.
 */
export function startWatcher(options: WatcherOptions): Watcher {
  const { sources, deployment, actions, events, clock = systemClock } = options
  const { pollMs = pollMsDefault, orphanConfirmBlocks = orphanConfirmBlocksDefault } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const hints = createAccountHints(options.settleBlocks ?? settleBlocksDefault)
  const deposits = createDepositsReview({
    ...{ sources, deployment, actions, events },
    orphanConfirmBlocks,
  })
  const round = async () => {
    const tokens = await options.tokens.list()
    hints.meet(tokens)
    const head = await readHead(sources)
    if (!head.ok) return events.troubled(head)
    const gone = await deposits.review(tokens, head.value)
    const accounts = { sources, deployment, actions, events, hints }
    await reviewAccounts(accounts, { tokens, gone, head: head.value })
  }
  const streams = sources.readers.map((reader, at) =>
    followAccounts(reader, at + 1, { deployment, hints, events, clock, pollMs, signal }),
  )
  const loop = repeat(round, { events, clock, pollMs, signal })
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([loop, ...streams])
    },
  }
}

type Pace = { events: WatchEvents; clock: Clock; pollMs: number; signal: AbortSignal }

async function repeat(
  round: () => Promise<void>,
  { events, clock, pollMs, signal }: Pace,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await round()
    } catch (error) {
      // One round is lost; a loop that ended would leave tokens unwatched.
      events.broke(error, 'watching issued tokens')
    }
    await clock.sleep(pollMs, signal)
  }
}
