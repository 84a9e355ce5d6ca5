import { verifierProblems } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { type Address, keccak256, stringToHex } from 'viem'
import { VerifierRefusal } from '../refusal.ts'
import type { Terms } from '../signing/terms.ts'
import type { Grants, LivingGrant } from '../state/grants.ts'
import type { PeerCursors } from '../state/peer-cursors.ts'
import type { Revocations } from '../state/revocations.ts'
import { type SharedGrant, sharedGrants } from './shared-grant.ts'
import type { Tokens } from './tokens.ts'

export type UpkeepContext = {
  address: Address
  /** Of the key that tokens are signed with now; empty while there is none. */
  members(): readonly Address[]
  /** Whether a key of the group ended at once, so that what it signed is worth nothing. */
  hasEnded(kid: string): boolean
  peers: readonly Address[]
  clock: Clock
  terms: Terms
  tokens: Tokens
  grants: Grants
  revocations: Revocations
  cursors: PeerCursors
  ask(peer: Address, question: unknown): Promise<unknown>
  onError(what: string, error: unknown): void
}

const roundMs = 2_000
/** Between verifiers that would each try, and after the first try of one; it doubles with every further one. */
const patienceMs = 15_000
const patienceMsMax = 3_600_000
/** What one peer tells is looked at for so long, then it is the turn of the rest. */
const triesMax = 20

/** Learns from the others what it missed, and has tokens renewed whose time has come. */
export function runUpkeep(context: UpkeepContext, signal: AbortSignal): Promise<void>[] {
  return [...context.peers.map((peer) => learn(context, peer, signal)), renew(context, signal)]
}

/** One loop for each peer, so that none keeps this verifier from the others. */
async function learn(context: UpkeepContext, peer: Address, signal: AbortSignal): Promise<void> {
  const { ask, clock, cursors } = context
  let tries = 0
  while (!signal.aborted) {
    try {
      const answer = await ask(peer, { kind: 'grants', after: cursors.get(peer) })
      const { grants, last } = sharedGrants.parse(answer)
      // It was set up anew, and counts from the beginning.
      if (last < cursors.get(peer)) cursors.set(peer, 0)
      for (const shared of grants) {
        const isTaken = await take(context, shared)
        tries = isTaken ? 0 : tries + 1
        // What cannot be checked now may be right all the same; it is asked for again, but not for ever.
        if (!isTaken && tries < triesMax) break
        tries = 0
        cursors.set(peer, shared.seq)
      }
    } catch {
      // It is away; it is asked again in the next round.
    }
    await clock.sleep(roundMs, signal)
  }
}

/** @returns Whether nothing is left to do about it: it was taken, or it is wrong for good. */
async function take(
  { tokens, onError }: Pick<UpkeepContext, 'tokens' | 'onError'>,
  shared: SharedGrant,
): Promise<boolean> {
  try {
    await tokens.take(shared)
    return true
  } catch (error) {
    if (error instanceof VerifierRefusal && verifierProblems[error.code].retry === 'never')
      return true
    onError('a token of a peer', error)
    return false
  }
}

async function renew(context: UpkeepContext, signal: AbortSignal): Promise<void> {
  const waiting = new Map<string, Waiting>()
  while (!signal.aborted) {
    await renewDue(context, waiting, signal)
    await context.clock.sleep(roundMs, signal)
  }
}

/** When a renewal is tried next, and how long it is waited after that. */
type Waiting = { nextMs: number; pauseMs: number }

async function renewDue(
  context: UpkeepContext,
  waiting: Map<string, Waiting>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, grants, tokens, onError } = context
  const members = context.members()
  // Nothing can be signed now, and a try that fails makes the next one wait.
  if (members.length === 0) return
  const due = dueOf(context)
  const dueNames = new Set(due.map(({ jti }) => jti))
  for (const jti of waiting.keys()) if (!dueNames.has(jti)) waiting.delete(jti)
  for (const { jti } of due) {
    if (signal.aborted) return
    const nowMs = clock.nowMs()
    const rank = rankOf(context.address, members, jti)
    const wait = waiting.get(jti) ?? { nextMs: nowMs + rank * patienceMs, pauseMs: patienceMs }
    waiting.set(jti, wait)
    const grant = nowMs < wait.nextMs ? undefined : grants.find(jti)
    if (grant === undefined) continue
    wait.nextMs = nowMs + wait.pauseMs
    wait.pauseMs = Math.min(patienceMsMax, wait.pauseMs * 2)
    await tokens.renew(grant).catch((error: unknown) => onError('a renewal', error))
  }
}

/** Only the newest of several tokens for one key is worth having. */
function dueOf({ clock, grants, revocations, terms, hasEnded }: UpkeepContext): LivingGrant[] {
  const nowSeconds = clock.wallMs() / 1_000
  const newest = new Map<string, LivingGrant>()
  for (const grant of grants.living(nowSeconds)) {
    if (!grant.hasToken || revocations.has(grant.jti)) continue
    const { account, escrow } = grant.facts
    const name = `${account} ${escrow} ${grant.keyCommitment}`
    const other = newest.get(name)
    if (other === undefined || other.wishedAt <= grant.wishedAt) newest.set(name, grant)
  }
  return [...newest.values()].filter((grant) => {
    const isWorthless = grant.kid !== undefined && hasEnded(grant.kid)
    return isWorthless || isDue(grant, terms, nowSeconds)
  })
}

/** A token that is known here and bound to a key: capped though its deposit is final, or near its end. */
export function isDue(
  grant: LivingGrant,
  { cappedLifeSeconds, fullLifeSeconds }: Terms,
  nowSeconds: number,
): boolean {
  if (!grant.hasToken) return false
  if (grant.stage === 'capped' && grant.facts.isFinal) return true
  const lifeSeconds = grant.stage === 'capped' ? cappedLifeSeconds : fullLifeSeconds
  return grant.expiresAt - nowSeconds < lifeSeconds / 3
}

/** Verifiers take turns, in another order for each token, so that not all of them begin at once. */
export function rankOf(address: Address, members: readonly Address[], jti: string): number {
  const orderOf = (member: Address) => keccak256(stringToHex(`${jti} ${member.toLowerCase()}`))
  const own = orderOf(address)
  return members.filter((member) => orderOf(member) < own).length
}
