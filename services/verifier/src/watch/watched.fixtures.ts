import type { Deployment } from '@mooring/onchain/deployment'
import type { DepositFacts, RevocationReason } from '@mooring/protocol/access/verifier-wire'
import { systemClock } from '@mooring/telemetry/clock'
import type { Hex } from 'viem'
import { type NodesOfChain, sourcesOver } from '../chain/sources.fixtures.ts'
import type { SourceTrouble } from '../chain/sources.ts'
import type { WatchedToken } from './tokens.ts'
import { startWatcher, type WatcherOptions } from './watcher.ts'

/** Revocations within seconds are promised; a round of these tests takes far less. */
const waitMsMax = 5_000
const waitPauseMs = 5

/** A store of tokens in memory with a watcher over it, and what the watcher told. */
export type TestWatch = AsyncDisposable & {
  tokens: Map<string, WatchedToken>
  revoked: Map<string, RevocationReason>
  /** Facts of deposits that were told to be in another block, by token; the last ones. */
  moved: Map<string, DepositFacts>
  troubles: SourceTrouble[]
  broken: unknown[]
  /** Throws from the next action on, until it is set to something else. */
  isStoreDown: boolean
  issue(jti: string, facts: DepositFacts, keyCommitment?: Hex): void
  /** Resolves when a round has ended that began after the call. */
  nextRound(): Promise<void>
}

export function openWatch(
  chain: NodesOfChain<Deployment>,
  options: Partial<WatcherOptions> = {},
): TestWatch {
  let rounds = 0
  const tokens: TestWatch['tokens'] = new Map()
  const told = { revoked: new Map(), moved: new Map(), troubles: [], broken: [] }
  const write = (change: () => void) => {
    if (watch.isStoreDown) throw new Error('the store is down')
    change()
  }
  const update = (jti: string, facts: DepositFacts) => {
    const token = tokens.get(jti)
    if (token !== undefined) tokens.set(jti, { ...token, facts })
  }
  const watch: Omit<TestWatch, keyof AsyncDisposable> = {
    ...{ tokens, ...told, isStoreDown: false },
    issue: (jti, facts, keyCommitment) => tokens.set(jti, { jti, facts, keyCommitment }),
    async nextRound() {
      const after = rounds + 2
      await until(() => rounds >= after, 'the next round')
    },
  }
  const watcher = startWatcher({
    ...{ sources: sourcesOver(chain), deployment: chain.system.deployment, pollMs: 10 },
    tokens: {
      async list() {
        rounds++
        return [...tokens.values()]
      },
    },
    actions: {
      async revoke(jti, reason) {
        write(() => {
          watch.revoked.set(jti, reason)
          tokens.delete(jti)
        })
      },
      async moved(jti, facts) {
        write(() => {
          watch.moved.set(jti, facts)
          update(jti, facts)
        })
      },
      async becameFinal(jti, facts) {
        write(() => update(jti, facts))
      },
    },
    events: {
      troubled: (trouble) => watch.troubles.push(trouble),
      broke: (error) => watch.broken.push(error),
    },
    ...options,
  })
  return Object.assign(watch, {
    [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose](),
  })
}

/** Throws when it does not come to be in time. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const endMs = systemClock.nowMs() + waitMsMax
  while (!isSo()) {
    if (systemClock.nowMs() > endMs) throw new Error(`waited in vain for ${what}`)
    await systemClock.sleep(waitPauseMs)
  }
}
