import { accountKeyOf, type WatchedToken } from './tokens.ts'

/** Accounts of which something may have changed, each until it was looked at. */
export type AccountHints = {
  /** Says that the account may be another from this block on. */
  add(key: string, block: bigint): void
  /**
   * Says of the accounts of tokens that are new that they may have changed while nobody watched them, and forgets
   * accounts without a token: what a source tells of them is nothing to keep.
   */
  meet(tokens: readonly WatchedToken[]): void
  /** Takes every token for new again. */
  meetAnew(): void
  /** The accounts to look at when sources have come so far. */
  due(headBlock: bigint): string[]
  /** The account was looked at, at this head. */
  done(key: string, headBlock: bigint): void
}

/**
 * A hint is kept until the head that the account was looked at has reached its block: of two sources the slower one may
 * not have what the other told of.
 *
 * @param settleBlocks - What was seen at a head may be undone by a fork before any source tells of it, and then none
 *   tells that it was undone. So every account that was looked at is looked at once more so many blocks later.
 */
export function createAccountHints(settleBlocks: number): AccountHints {
  /** First and last block that is hinted at. At most one entry for each account with a token, between two rounds. */
  const hints = new Map<string, { first: bigint; last: bigint }>()
  /** When an account is looked at once more. At most one entry for each account with a token. */
  const again = new Map<string, bigint>()
  let met: ReadonlySet<string> = new Set()
  const add = (key: string, block: bigint) => {
    const { first, last } = hints.get(key) ?? { first: block, last: block }
    hints.set(key, { first: block < first ? block : first, last: block > last ? block : last })
  }
  return {
    add,
    meet(tokens) {
      const ours = new Set<string>()
      for (const { jti, facts } of tokens) {
        const key = accountKeyOf(facts.escrow, facts.account)
        ours.add(key)
        if (!met.has(jti)) add(key, 0n)
      }
      for (const map of [hints, again]) {
        for (const key of map.keys()) if (!ours.has(key)) map.delete(key)
      }
      met = new Set(tokens.map(({ jti }) => jti))
    },
    meetAnew() {
      met = new Set()
    },
    due(headBlock) {
      const hinted = [...hints].filter(([, { first }]) => first <= headBlock)
      const settled = [...again].filter(([, block]) => block <= headBlock)
      return [...new Set([...hinted, ...settled].map(([key]) => key))]
    },
    done(key, headBlock) {
      const hint = hints.get(key)
      const dueAgain = again.get(key)
      if (dueAgain !== undefined && dueAgain <= headBlock) again.delete(key)
      if (hint === undefined || hint.first > headBlock) return
      again.set(key, headBlock + BigInt(settleBlocks))
      if (hint.last <= headBlock) hints.delete(key)
      // Something is told of blocks that this head has not reached.
      else hints.set(key, { ...hint, first: headBlock + 1n })
    },
  }
}
