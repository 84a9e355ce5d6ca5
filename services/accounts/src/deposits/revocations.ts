import { type AccessDomain, revocationData, signerOf } from '@mooring/onchain/access-statements'
import type { SignedRevocation } from '@mooring/protocol/access/verifier-wire'
import { reviewAlerts } from '@mooring/store/alerts'
import type { Database } from '@mooring/store/database'
import { lockDepositsOfToken, saveFinding } from '@mooring/store/deposits'
import {
  countRevocations,
  loadRevocationCursor,
  saveRevocation,
  saveRevocationCursor,
} from '@mooring/store/revocations'
import { dropTokensOf, isTokenStored } from '@mooring/store/tokens'
import type { Clock } from '@mooring/telemetry/clock'
import { alertText } from '../alerts/text.ts'
import type { Events } from '../events.ts'
import type { Verifier, Verifiers } from '../verifiers/verifiers.ts'

export type RevocationParts = {
  database: Database
  clock: Clock
  events: Events
  verifiers: Verifiers
  domain: AccessDomain
}

/** Reads what every verifier holds for void since it was asked last. */
export async function readRevocations(parts: RevocationParts): Promise<void> {
  await Promise.all(parts.verifiers.all.map((verifier) => readOf(parts, verifier)))
}

async function readOf(parts: RevocationParts, verifier: Verifier): Promise<void> {
  const { database, events } = parts
  const after = await loadRevocationCursor(database.sql, verifier.address)
  const list = await verifier.revocations(after)
  if (list === undefined) {
    events.verifierFailed({ verifier: verifier.address, problem: 'no list of revocations' })
    return
  }
  for (const revocation of list.revocations) {
    if (!(await isTokenStored(database.sql, revocation.jti))) continue
    if (await isSignedBy(parts.domain, verifier, revocation)) await hear(parts, revocation)
  }
  if (list.next !== after) await saveRevocationCursor(database.sql, verifier.address, list.next)
}

/** A verifier speaks for itself alone. */
async function isSignedBy(
  domain: AccessDomain,
  { address }: Verifier,
  revocation: SignedRevocation,
): Promise<boolean> {
  const signer = await signerOf(revocationData(domain, revocation), revocation.signature)
  const name = address.toLowerCase()
  return signer?.toLowerCase() === name && revocation.verifier.toLowerCase() === name
}

/** What enough verifiers hold for void is dropped, and its deposit taken back when that is gone. */
async function hear(parts: RevocationParts, revocation: SignedRevocation): Promise<void> {
  const { database, clock, events, verifiers } = parts
  const { jti } = revocation
  const { threshold } = verifiers.quorum
  const orphaned = await database.transact(async (queries) => {
    await saveRevocation(queries, revocation)
    const counts = await countRevocations(queries, jti)
    const deposits = counts.orphaned >= threshold ? await lockDepositsOfToken(queries, jti) : []
    for (const deposit of deposits) {
      const finding = { ...deposit, state: 'orphaned', credited: 0n } as const
      const nextCheckAtMs = clock.wallMs()
      await saveFinding(queries, deposit, { finding, nextCheckAtMs })
      await reviewAlerts(queries, deposit.account, { textOf: alertText, nowMs: clock.wallMs() })
    }
    if (counts.all >= threshold) await dropTokensOf(queries, jti)
    return deposits
  })
  for (const { id, account } of orphaned) {
    events.depositChanged({ depositId: id, account, state: 'orphaned' })
  }
}
