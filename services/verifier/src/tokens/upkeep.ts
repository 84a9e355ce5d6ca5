import type { Clock } from '@mooring/telemetry/clock'
import { type Address, keccak256, stringToHex } from 'viem'
import type { Terms } from '../signing/terms.ts'
import type { Grants, LivingGrant } from '../state/grants.ts'
import type { PeerCursors } from '../state/peer-cursors.ts'
import type { Revocations } from '../state/revocations.ts'
import { sharedGrants } from './shared-grant.ts'
import type { Tokens } from './tokens.ts'

export type UpkeepContext = {
  address: Address
  members(): readonly Address[]
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
const rememberedSeconds = 86_400
/** Between tries of one verifier, and between verifiers that would each try. */
const patienceMs = 15_000

/** Learns from the others what it missed, and has tokens renewed whose time has come. */
export async function runUpkeep(context: UpkeepContext, signal: AbortSignal): Promise<void> {
  const dueSince = new Map<string, number>()
  while (!signal.aborted) {
    await Promise.all(context.peers.map((peer) => learnFrom(context, peer)))
    await renewDue(context, dueSince, signal)
    // Peers that were away for a day still learn of what has ended meanwhile.
    context.grants.forgetExpired(context.clock.wallMs() / 1_000 - rememberedSeconds)
    await context.clock.sleep(roundMs, signal)
  }
}

async function learnFrom({ ask, cursors, tokens, onError }: UpkeepContext, peer: Address) {
  try {
    const answer = await ask(peer, { kind: 'grants', after: cursors.get(peer) })
    const { grants, last } = sharedGrants.parse(answer)
    // It was set up anew, and counts from the beginning.
    if (last < cursors.get(peer)) cursors.set(peer, 0)
    for (const shared of grants) {
      // What cannot be taken now, such as a deposit that is gone, is not asked for again.
      await tokens.take(shared).catch((error: unknown) => onError('a token of a peer', error))
      cursors.set(peer, shared.seq)
    }
  } catch {
    // It is away; it is asked again in the next round.
  }
}

async function renewDue(
  context: UpkeepContext,
  dueSince: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, grants, revocations, tokens, onError } = context
  const nowSeconds = clock.wallMs() / 1_000
  const due = grants
    .living(nowSeconds)
    .filter((grant) => !revocations.has(grant.jti) && isDue(grant, context.terms, nowSeconds))
  const dueNames = new Set(due.map(({ jti }) => jti))
  for (const jti of dueSince.keys()) if (!dueNames.has(jti)) dueSince.delete(jti)
  for (const grant of due) {
    if (signal.aborted) return
    const { jti } = grant
    const nowMs = clock.nowMs()
    const since = dueSince.get(jti) ?? nowMs
    dueSince.set(jti, since)
    const rank = rankOf(context.address, context.members(), jti)
    if (nowMs - since < rank * patienceMs) continue
    dueSince.set(jti, nowMs + patienceMs)
    const whole = grants.find(jti)
    if (whole === undefined) continue
    await tokens.renew(whole).catch((error: unknown) => onError('a renewal', error))
  }
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
