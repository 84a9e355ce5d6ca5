import type { Alert, AlertFacts } from '@mooring/store/alerts'
import { dayView } from '../http/hours.ts'

/** What a mailer gets to ask for a confirmation; the code is added when it goes out, so that it is kept nowhere. */
export function confirmationText(alert: Alert, endsAtMs: number): string {
  const endsAt = Math.floor(endsAtMs / 1_000)
  return JSON.stringify({ alert: alert.id, account: alert.account, endsAt })
}

/** What is told of little that is left: JSON, the same to a webhook and to a mailer. */
export function alertText(facts: AlertFacts): string {
  const { id: alert, account } = facts.alert
  const common = { type: facts.kind, alert, account }
  if (facts.kind === 'low-balance') {
    const { asset, threshold } = facts.alert
    return JSON.stringify({
      ...common,
      asset,
      threshold: String(threshold),
      credit: String(facts.credit),
    })
  }
  const { keyId: key, percent } = facts.alert
  const { name, used, limit, day } = facts
  const amounts = { used: String(used), limit: String(limit) }
  return JSON.stringify({ ...common, key, name, percent, ...amounts, day: dayView(day) })
}

/** What a mailer is told that the letter is about. */
export function subjectOf(kind: AlertFacts['kind']): string {
  return kind === 'key-limit'
    ? 'A Mooring key has used much of its limit today'
    : 'Your Mooring balance is low'
}
