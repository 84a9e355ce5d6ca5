import { headerTextOf } from '@mooring/protocol/access/token'
import type { Database } from '@mooring/store/database'
import {
  type EndingToken,
  endTokensThatBegin,
  listEndingTokens,
  renewStoredToken,
  type StoredToken,
} from '@mooring/store/tokens'
import type { Clock } from '@mooring/telemetry/clock'
import { Refusal } from '../refusal.ts'
import type { Verifiers } from '../verifiers/verifiers.ts'
import { checkToken } from './check.ts'
import type { KeySet } from './key-set.ts'

export type RenewalParts = {
  database: Database
  clock: Clock
  verifiers: Verifiers
  issuer: string
  keys: KeySet
}

/** In one round; each has every verifier asked. */
const atOnceMax = 20

/**
 * Verifiers renew tokens that are bound to a key by themselves. What they have made takes the place of tokens that end
 * soon here, or whose key was ended at once, so that the keys of projects, which rest on them, go on without their owner.
 *
 * @returns What does one round of it.
 */
export function createRenewals(parts: RenewalParts): () => Promise<void> {
  const { clock, database, keys } = parts
  const done = new Set<string>()
  return async () => {
    for (const kid of await keys.listEnded()) {
      if (done.has(kid)) continue
      await endTokensThatBegin(database.sql, `${headerTextOf(kid)}.`, clock.wallMs())
      done.add(kid)
    }
    const nowMs = clock.wallMs()
    const ending = await listEndingTokens(database.sql, { nowMs, countMax: atOnceMax })
    await Promise.all(ending.map((token) => renew(parts, token)))
  }
}

async function renew(parts: RenewalParts, ending: EndingToken): Promise<void> {
  const { database, clock, verifiers } = parts
  const { account, binding } = ending
  const told = await Promise.all(verifiers.all.map((verifier) => verifier.tokenOf(binding)))
  const nowMs = clock.wallMs()
  let longest: StoredToken | undefined
  for (const text of new Set(told)) {
    const found = text === undefined ? undefined : await checked(parts, { account, text, nowMs })
    const isOther = found?.binding !== binding
    if (isOther || found.expiresAtMs <= (longest ?? ending).expiresAtMs) continue
    longest = found
  }
  if (longest === undefined) return
  await renewStoredToken(database.sql, account, { stored: longest, nowMs })
}

/** A verifier may tell anything. */
async function checked(
  { issuer, keys }: RenewalParts,
  { account, text, nowMs }: { account: string; text: string; nowMs: number },
): Promise<StoredToken | undefined> {
  try {
    return await checkToken(text, { account, nowMs, issuer, keys })
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
