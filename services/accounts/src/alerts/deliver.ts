import { findTarget, type Target, trustedTarget } from '@mooring/outbound/target'
import type { Database } from '@mooring/store/database'
import { type Letter, markDelivered, markFailed, takeDueLetters } from '@mooring/store/outbox'
import type { Clock } from '@mooring/telemetry/clock'
import type { AlertsConfig } from '../config.ts'
import type { Events } from '../events.ts'
import { macOf } from '../secrets.ts'
import { confirmationCodeOf } from './confirm.ts'
import { type Posted, post } from './post.ts'
import { subjectOf } from './text.ts'

export type DeliveryParts = {
  database: Database
  clock: Clock
  events: Events
  config: AlertsConfig
  /** For tests: how names are resolved, and who signs certificates. */
  network?: { resolve?: (host: string) => Promise<string[]>; ca?: string } | undefined
}

const atOnceMax = 20
/** Should this process die while it delivers, another one begins again then. */
const leaseSpareMs = 30_000
const pauseMsMax = 3_600_000

/** What a webhook's owner checks signatures with. Follows from the alert, so that it is kept nowhere. */
export function webhookSecretOf(signingKey: string, alertId: string): string {
  return macOf(signingKey, `webhook ${alertId}`)
}

/** `t` is when it was sent, in seconds since 1970: whoever checks it refuses what is old. */
export function signatureOf(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000)
  return `t=${seconds},v1=${macOf(secret, `${seconds}.${body}`)}`
}

/** Tries every letter that is due, several at once. @returns How many there were. */
export async function deliverDueLetters(parts: DeliveryParts): Promise<number> {
  const { database, clock, config } = parts
  const letters = await takeDueLetters(database.sql, {
    nowMs: clock.wallMs(),
    leaseMs: config.timeoutMs + leaseSpareMs,
    countMax: atOnceMax,
  })
  await Promise.all(letters.map((letter) => tryLetter(parts, letter)))
  return letters.length
}

async function tryLetter(parts: DeliveryParts, letter: Letter): Promise<void> {
  const { database, clock, events, config } = parts
  const { id, attempts } = letter
  const { problem } = await deliver(parts, letter)
  events.letterTried({ letterId: id, attempts, problem })
  if (problem === undefined) return await markDelivered(database.sql, id, clock.wallMs())
  const isLast = attempts >= config.attemptsMax
  const nextAttemptAtMs = isLast ? null : clock.wallMs() + retryPauseMs(attempts, config.retryMs)
  await markFailed(database.sql, id, { problem, nextAttemptAtMs })
}

export function retryPauseMs(attempts: number, retryMs: number): number {
  return Math.min(pauseMsMax, retryMs * 2 ** (attempts - 1))
}

async function deliver(parts: DeliveryParts, letter: Letter): Promise<Posted> {
  const { config, clock, network = {} } = parts
  const envelope =
    letter.channel === 'email' ? await mail(parts, letter) : await hook(parts, letter)
  if (!envelope.ok) return { problem: envelope.problem }
  const { target, body, secret } = envelope
  return await post(target, {
    body,
    headers: {
      'Mooring-Delivery': letter.id,
      'Mooring-Signature': signatureOf(secret, body, clock.wallMs()),
    },
    timeoutMs: config.timeoutMs,
    ca: network.ca,
  })
}

type Envelope =
  | { ok: true; target: Target; body: string; secret: string }
  | { ok: false; problem: string }

async function hook(
  { config, network }: DeliveryParts,
  { target: url, body, alertId }: Letter,
): Promise<Envelope> {
  const { allowLoopback, signingKey } = config
  const found = await findTarget(url, {
    besides: allowLoopback ? 'loopback' : 'nothing',
    resolve: network?.resolve,
  })
  if (!found.ok) return { ok: false, problem: `the address was refused: ${found.problem}` }
  return { ok: true, target: found.target, body, secret: webhookSecretOf(signingKey, alertId) }
}

/** A mailer of the operator's writes the e-mail; it gets what is needed for one. */
async function mail({ config }: DeliveryParts, letter: Letter): Promise<Envelope> {
  const { mailerUrl, signingKey } = config
  const target = mailerUrl === undefined ? undefined : await trustedTarget(mailerUrl)
  if (target === undefined) return { ok: false, problem: 'there is no mailer' }
  const body = JSON.stringify({ to: letter.target, ...contentOf(letter, signingKey) })
  return { ok: true, target, body, secret: signingKey }
}

function contentOf({ body, confirmationId }: Letter, signingKey: string): object {
  const facts = JSON.parse(body)
  if (confirmationId === null) return { subject: subjectOf(facts.type), alert: facts }
  const code = confirmationCodeOf(signingKey, confirmationId)
  return { subject: 'Confirm this address for Mooring alerts', confirmation: { ...facts, code } }
}
