import { isSame } from '@mooring/settings/credentials'
import { type Alert, reviewAlerts } from '@mooring/store/alerts'
import {
  type Asking,
  askForConfirmation,
  confirmAddress,
  loadConfirmation,
} from '@mooring/store/confirmations'
import type { Database, Queries } from '@mooring/store/database'
import { addLetter } from '@mooring/store/outbox'
import type { Clock } from '@mooring/telemetry/clock'
import { Refusal } from '../refusal.ts'
import { macOf } from '../secrets.ts'
import { alertText, confirmationText } from './text.ts'

/** How long the code in a message is good, and how long no other one is sent to the same address for the same account. */
const codeLifeMs = 86_400_000
const hourMs = 3_600_000

export type ConfirmParts = { database: Database; clock: Clock }

/** What whoever reads an address shows. Follows from the question, so that it is kept nowhere. */
export function confirmationCodeOf(signingKey: string, confirmationId: string): string {
  return macOf(signingKey, `confirm ${confirmationId}`)
}

/**
 * Sets an alert up. What is low already is told at once; an e-mail address that is new is asked first.
 *
 * @returns Undefined when the account has as many as it may have.
 */
export async function setUpAlert(
  { database, clock }: ConfirmParts,
  account: string,
  make: (queries: Queries, nowMs: number) => Promise<Alert | undefined>,
): Promise<Alert | undefined> {
  const nowMs = clock.wallMs()
  return await database.transact(async (queries) => {
    const alert = await make(queries, nowMs)
    if (alert !== undefined && !alert.isConfirmed) await askReader(queries, alert, nowMs)
    await reviewAlerts(queries, account, { textOf: alertText, nowMs })
    return alert
  })
}

/** Asks again, once the last question has ended or could not be sent. Throws ALREADY_THERE while it stands. */
export async function askAgain({ database, clock }: ConfirmParts, alert: Alert): Promise<void> {
  if (alert.isConfirmed) throw new Refusal('ALREADY_THERE', 'nothing is left to confirm')
  const asked = await database.transact((queries) => askReader(queries, alert, clock.wallMs()))
  if (asked.kind !== 'standing') return
  throw new Refusal('ALREADY_THERE', 'a code is on its way or was sent: it is good for a day')
}

async function askReader(queries: Queries, alert: Alert, nowMs: number): Promise<Asking> {
  const { id: alertId, account, target: address } = alert
  const endsAtMs = nowMs + codeLifeMs
  const asked = await askForConfirmation(queries, { account, address }, { nowMs, endsAtMs })
  if (asked.kind === 'tooMany') {
    const why =
      'too many wait for an answer of this address, or you for too many answers: try again in some hours'
    throw new Refusal('RATE_LIMITED', why, { retryAfterMs: hourMs })
  }
  if (asked.kind === 'asked') {
    const body = confirmationText(alert, endsAtMs)
    await addLetter(queries, { alertId, body, confirmationId: asked.id, nowMs })
  }
  return asked
}

/** Takes the code that was sent to the address of an alert; what it has missed is told now. Throws CODE_REFUSED. */
export async function confirmAlert(
  { database, clock, signingKey }: ConfirmParts & { signingKey: string },
  alert: Alert,
  code: string,
): Promise<void> {
  const { account, target: address } = alert
  const nowMs = clock.wallMs()
  await database.transact(async (queries) => {
    const asked = await loadConfirmation(queries, { account, address })
    const isRight = asked !== undefined && isSame(code, confirmationCodeOf(signingKey, asked.id))
    if (!isRight || !(await confirmAddress(queries, asked.id, nowMs))) {
      const why = 'this is not the code that was sent, or it was used, or it has ended'
      throw new Refusal('CODE_REFUSED', why)
    }
    await reviewAlerts(queries, account, { textOf: alertText, nowMs })
  })
}
