import { z } from '@hono/zod-openapi'
import { alertsOfAccountMax, createKeyAlert } from '@mooring/store/alerts'
import { loadKey } from '@mooring/store/keys'
import { setUpAlert } from '../../alerts/confirm.ts'
import { notFound, Refusal } from '../../refusal.ts'
import { orRefuse } from '../conflicts.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { id } from '../schemas.ts'
import { type AlertParts, assertReachable, madeAlert, madeView } from './alerts.ts'

const percent = z.int().min(1).max(100).openapi({
  description: 'Told when the key has used so much of its `creditsPerDayMax`, once a day.',
})
const keyWish = z
  .discriminatedUnion('channel', [
    z.strictObject({ channel: z.literal('webhook'), percent, target: z.url().max(2_048) }),
    z.strictObject({ channel: z.literal('email'), percent, target: z.email().max(254) }),
  ])
  .openapi('KeyAlertWish')
/** Alerts about one key; all else of them is done where those of the account are. */
export function addKeyAlertRoutes(app: App, { accountRoute }: Guards, parts: AlertParts): void {
  const { database, config } = parts
  const route = accountRoute('alerts:write', {
    method: 'post',
    path: '/v1/keys/{keyId}/alerts',
    operationId: 'createKeyAlert',
    summary: 'Asks to be told when a key has used a part of its limit for the day (UTC).',
    tags: ['alerts'],
    request: { params: z.object({ keyId: id }), body: body(keyWish) },
    responses: { 201: json('The alert, and the secret of a webhook.', madeAlert) },
  })
  app.openapi(route, async (context) => {
    const { account } = context.get('caller')
    const { keyId } = context.req.valid('param')
    const wanted = context.req.valid('json')
    const key = await loadKey(database.sql, account, keyId)
    if (key === undefined) throw notFound('key')
    if (key.creditsPerDayMax === null) {
      throw new Refusal('MALFORMED', 'the key has no limit for a day: set `creditsPerDayMax` first')
    }
    parts.limit(account)
    await assertReachable(wanted, config)
    const alert = await orRefuse(
      setUpAlert(parts, account, (queries, nowMs) =>
        createKeyAlert(queries, account, { ...wanted, keyId, nowMs }),
      ),
    )
    if (alert === undefined) {
      throw new Refusal('TOO_MANY', `an account has at most ${alertsOfAccountMax} alerts`)
    }
    return context.json(madeView(alert, config), 201)
  })
}
