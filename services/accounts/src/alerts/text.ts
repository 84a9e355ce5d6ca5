import type { Alert } from '@mooring/store/alerts'

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
