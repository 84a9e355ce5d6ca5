import type { Deployment } from '@mooring/onchain/deployment'
import type { DepositFacts } from '@mooring/protocol/access/verifier-wire'
import type { Hex } from 'viem'
import { type Head, hashAt } from '../chain/head.ts'
import type { Sources } from '../chain/sources.ts'
import { readReceipt } from '../deposits/receipt.ts'
import { isFinal } from '../deposits/rules.ts'
import { type Fate, fateOf, isOrphaned } from './rules.ts'
import type { WatchActions, WatchEvents, WatchedToken } from './tokens.ts'

export type DepositsReview = {
  /**
   * Looks after the deposits that are not final.
   *
   * @returns The tokens whose deposit is gone, revoked or about to be: their accounts say nothing about them.
   */
  review(tokens: readonly WatchedToken[], head: Head): Promise<ReadonlySet<string>>
}

export type DepositsReviewOptions = {
  sources: Sources
  deployment: Deployment
  actions: WatchActions
  events: WatchEvents
  /** How many blocks a chain that is shorter than it was may grow without a deposit before that is orphaned. */
  orphanConfirmBlocks: number
}

/** Heights in one question to the sources. */
const heightsMax = 64

export function createDepositsReview(options: DepositsReviewOptions): DepositsReview {
  /** Where the head was when a deposit was found to be gone. One entry for each that is gone, no more. */
  const goneSince = new Map<string, bigint>()
  /** @returns How long a deposit has been gone, by where the head was then. */
  const noteGone = (name: string, headBlock: bigint): bigint => {
    const since = goneSince.get(name)
    // A chain that is still getting shorter has not begun to go on without it.
    const noted = since === undefined || headBlock < since ? headBlock : since
    goneSince.set(name, noted)
    return noted
  }
  return {
    async review(tokens, head) {
      const gone = new Set<string>()
      const deposits = byDeposit(tokens.filter(({ facts }) => !facts.isFinal))
      for (const name of goneSince.keys()) if (!deposits.has(name)) goneSince.delete(name)
      const hashes = await hashesAt(options, [...deposits.values()].map(heightOf), head)
      if (hashes === undefined) return gone
      for (const [name, deposit] of deposits) {
        const canonicalHash = hashes.get(heightOf(deposit))
        const fate = await seeFate(options, { deposit, canonicalHash, head })
        if (fate?.kind === 'there') {
          goneSince.delete(name)
          await tellWhere(options, deposit, fate.facts)
        }
        if (fate?.kind === 'gone') {
          for (const { jti } of deposit.tokens) gone.add(jti)
          const since = noteGone(name, head.block)
          const grown = { goneSince: since, headBlock: head.block }
          const goneFor = { ...grown, confirmBlocks: options.orphanConfirmBlocks }
          if (isOrphaned(fate, goneFor)) await revokeAll(options, deposit)
        }
      }
      return gone
    },
  }
}

/** Tokens that rest on the same deposit share its fate. */
type Deposit = { facts: DepositFacts; tokens: WatchedToken[] }

function byDeposit(tokens: readonly WatchedToken[]): Map<string, Deposit> {
  const deposits = new Map<string, Deposit>()
  for (const token of tokens) {
    const { transactionHash, logIndex, blockHash } = token.facts
    const name = `${transactionHash}/${logIndex}/${blockHash}`
    const deposit = deposits.get(name)
    if (deposit === undefined) deposits.set(name, { facts: token.facts, tokens: [token] })
    else deposit.tokens.push(token)
  }
  return deposits
}

function heightOf({ facts }: Deposit): number {
  return facts.blockNumber
}

/** What stands at each height; nothing when the sources do not say the same. Above the head, nothing stands yet. */
async function hashesAt(
  { sources, events }: DepositsReviewOptions,
  heights: readonly number[],
  head: Head,
): Promise<ReadonlyMap<number, Hex | undefined> | undefined> {
  const reached = [...new Set(heights)].filter((height) => BigInt(height) <= head.block)
  const found = new Map<number, Hex | undefined>()
  for (let at = 0; at < reached.length; at += heightsMax) {
    const part = reached.slice(at, at + heightsMax)
    const hashes = await sources.askBoth((reader) =>
      Promise.all(part.map((height) => hashAt(reader, BigInt(height)))),
    )
    if (!hashes.ok) {
      events.troubled(hashes)
      return undefined
    }
    for (const [index, height] of part.entries()) found.set(height, hashes.value[index])
  }
  return found
}

/** The receipt is asked for only where it decides: a block that stands still holds what it held. */
async function seeFate(
  { sources, deployment, events }: DepositsReviewOptions,
  seen: { deposit: Deposit; canonicalHash: Hex | undefined; head: Head },
): Promise<Fate | undefined> {
  const { facts } = seen.deposit
  const { canonicalHash, head } = seen
  const isStanding = canonicalHash === facts.blockHash
  if (isStanding && !isFinal(BigInt(facts.blockNumber), head)) return { kind: 'there', facts }
  const receipt = await sources.askBoth((reader) =>
    readReceipt(reader, facts.transactionHash, head.block),
  )
  if (receipt.ok) {
    return fateOf(deployment, facts, { head, place: { canonicalHash, receipt: receipt.value } })
  }
  events.troubled(receipt)
  return undefined
}

function tellWhere(
  { actions, events }: DepositsReviewOptions,
  { facts: before, tokens }: Deposit,
  facts: DepositFacts,
): Promise<void> {
  return eachToken(tokens, events, async ({ jti }) => {
    if (facts.isFinal) await actions.becameFinal(jti, facts)
    else if (facts.blockHash !== before.blockHash) await actions.moved(jti, facts)
  })
}

function revokeAll({ actions, events }: DepositsReviewOptions, { tokens }: Deposit): Promise<void> {
  return eachToken(tokens, events, ({ jti }) => actions.revoke(jti, 'orphaned'))
}

/** What fails for one token is tried again in the next round, and stops no other. */
async function eachToken(
  tokens: readonly WatchedToken[],
  events: WatchEvents,
  tell: (token: WatchedToken) => Promise<void>,
): Promise<void> {
  for (const token of tokens) {
    try {
      await tell(token)
    } catch (error) {
      events.broke(error, 'writing down what became of a deposit')
    }
  }
}
