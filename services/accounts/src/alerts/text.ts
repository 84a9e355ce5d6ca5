import type { Alert } from '@mooring/store/alerts'

/** What a mailer gets to ask for a confirmation; the code is added when it goes out, so that it is kept nowhere. */
export function confirmationText(alert: Alert, endsAtMs: number): string {
  const endsAt = Math.floor(endsAtMs / 1_000)
  return JSON.stringify({ alert: alert.id, account: alert.account, endsAt })
}

/** What is told of a credit that is low: JSON, the same to a webhook and to a mailer. */
export function alertText(alert: Alert, credit: bigint): string {
  const { id, account, asset, threshold } = alert
  return JSON.stringify({
    type: 'low-balance',
    alert: id,
    account,
    asset,
    threshold: String(threshold),
    credit: String(credit),
  })
}
