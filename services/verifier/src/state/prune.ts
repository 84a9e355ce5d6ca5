import type { Clock } from '@mooring/telemetry/clock'
import type { Store } from './store.ts'

export type PruningContext = {
  store: Pick<Store, 'grants' | 'revocations' | 'usedNonces'>
  clock: Clock
  /** The time of the chain; undefined while it cannot be read. */
  chainSeconds(): Promise<number | undefined>
  onError(error: unknown): void
}

/** Far longer than a signing session, so that each can be ended that began before. */
const roundMs = 3_600_000
/** Peers that were away for a day still learn of what has ended meanwhile. */
const rememberedSeconds = 86_400

/** Forgets what can matter no more, until the signal says to stop. */
export async function runPruning(context: PruningContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await prune(context).catch(context.onError)
    await context.clock.sleep(roundMs, signal)
  }
}

/**
 * One round. What has a time is forgotten a day after it, by this verifier's clock and by the chain's: one that is wrong
 * for a moment must not cost a revocation or the watch over a deposit. Nonces go by eras and by no clock.
 */
export async function prune({ store, clock, chainSeconds }: PruningContext): Promise<void> {
  const { grants, revocations, usedNonces } = store
  usedNonces.turn()
  const chain = await chainSeconds()
  if (chain === undefined) return
  const before = Math.min(clock.wallMs() / 1_000, chain) - rememberedSeconds
  // In this order: a grant that is known keeps its revocation.
  grants.forgetExpired(before)
  revocations.forgetExpired(before)
}
