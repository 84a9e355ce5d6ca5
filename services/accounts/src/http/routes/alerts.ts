import { z } from '@hono/zod-openapi'
import { findTarget } from '@mooring/outbound/target'
import {
  type Alert,
  alertsOfAccountMax,
  createAlert,
  deleteAlert,
  listAlerts,
  loadAlert,
} from '@mooring/store/alerts'
import type { Database } from '@mooring/store/database'
import { type Delivery, listDeliveries } from '@mooring/store/outbox'
import type { Clock } from '@mooring/telemetry/clock'
import { askAgain, confirmAlert, setUpAlert } from '../../alerts/confirm.ts'
import { webhookSecretOf } from '../../alerts/deliver.ts'
import type { AlertsConfig } from '../../config.ts'
import type { Limit } from '../../limiter.ts'
import { notFound, Refusal } from '../../refusal.ts'
import { orRefuse } from '../conflicts.ts'
import { type App, body, type Guards, json } from '../route.ts'
import { amount, amountText, asset, id, seconds, secondsOf } from '../schemas.ts'

const deliveriesShownMax = 50
const alert = z
  .object({
    id,
    kind: z.enum(['low-balance', 'key-limit']),
    asset: asset.nullable().openapi({ description: 'Of a low balance; otherwise null.' }),
    threshold: amount.nullable().openapi({ description: 'The same.' }),
    keyId: id.nullable().openapi({ description: 'Of the limit of a key; otherwise null.' }),
    percent: z.int().nullable().openapi({ description: 'The same.' }),
    channel: z.enum(['webhook', 'email']),
    target: z.string(),
    isLow: z.boolean(),
    isConfirmed: z.boolean().openapi({
      description: 'Whether anything is told: to an e-mail address only once it is confirmed.',
    }),
    createdAt: seconds,
  })
  .openapi('Alert')
export const madeAlert = alert
  .extend({
    secret: z.string().nullable().openapi({
      description:
        'Of a webhook, told once. `Mooring-Signature: t=T,v1=M` has as M the HMAC-SHA-256 of `T.body` under it, as hexadecimal digits.',
    }),
  })
  .openapi('AlertMade')
const threshold = amount.openapi({ description: 'Told when the credit falls below, base units.' })
const wish = z
  .discriminatedUnion('channel', [
    z.strictObject({ channel: z.literal('webhook'), asset, threshold, target: z.url().max(2_048) }),
    z.strictObject({ channel: z.literal('email'), asset, threshold, target: z.email().max(254) }),
  ])
  .openapi('AlertWish')
const delivery = z
  .object({
    id,
    createdAt: seconds,
    attempts: z.int(),
    deliveredAt: seconds.nullable(),
    isGivenUp: z.boolean(),
    problem: z.string().nullable(),
  })
  .openapi('Delivery')
const ofAlert = z.object({ alertId: id })
const tags = ['alerts']

export type AlertParts = {
  database: Database
  clock: Clock
  config: AlertsConfig
  /** Of one account: a new alert may speak to somebody at once. */
  limit: Limit
}

export function addAlertRoutes(app: App, guards: Guards, parts: AlertParts): void {
  addList(app, guards, parts)
  addOne(app, guards, parts.database)
  addConfirmation(app, guards, parts)
}

function addList(app: App, { accountRoute }: Guards, parts: AlertParts): void {
  const { database, config } = parts
  const listRoute = accountRoute('alerts:read', {
    method: 'get',
    path: '/v1/alerts',
    operationId: 'listAlerts',
    summary: 'The alerts of the account.',
    tags,
    responses: { 200: json('Oldest first.', z.object({ alerts: z.array(alert) })) },
  })
  app.openapi(listRoute, async (context) => {
    const found = await listAlerts(database.sql, context.get('caller').account)
    return context.json({ alerts: found.map(alertView) }, 200)
  })

  const createRoute = accountRoute('alerts:write', {
    method: 'post',
    path: '/v1/alerts',
    operationId: 'createAlert',
    summary:
      'Asks to be told when the credit is low. An e-mail address that is new gets a code first.',
    tags,
    request: { body: body(wish) },
    responses: { 201: json('The alert, and the secret of a webhook.', madeAlert) },
  })
  app.openapi(createRoute, async (context) => {
    const { account } = context.get('caller')
    const wanted = context.req.valid('json')
    parts.limit(account)
    await assertReachable(wanted, config)
    const threshold = BigInt(wanted.threshold)
    const alert = await orRefuse(
      setUpAlert(parts, account, (queries, nowMs) =>
        createAlert(queries, account, { ...wanted, threshold, nowMs }),
      ),
    )
    if (alert === undefined) {
      throw new Refusal('TOO_MANY', `an account has at most ${alertsOfAccountMax} alerts`)
    }
    return context.json(madeView(alert, config), 201)
  })
}

function addOne(app: App, { accountRoute }: Guards, database: Database): void {
  const deleteRoute = accountRoute('alerts:write', {
    method: 'delete',
    path: '/v1/alerts/{alertId}',
    operationId: 'deleteAlert',
    summary: 'Deletes an alert.',
    tags,
    request: { params: ofAlert },
    responses: { 204: { description: 'It is gone.' } },
  })
  app.openapi(deleteRoute, async (context) => {
    const { alertId } = context.req.valid('param')
    if (!(await deleteAlert(database.sql, context.get('caller').account, alertId))) {
      throw notFound('alert')
    }
    return context.body(null, 204)
  })

  const deliveriesRoute = accountRoute('alerts:read', {
    method: 'get',
    path: '/v1/alerts/{alertId}/deliveries',
    operationId: 'listDeliveries',
    summary: 'What was told, and whether it arrived.',
    tags,
    request: { params: ofAlert },
    responses: { 200: json('Newest first.', z.object({ deliveries: z.array(delivery) })) },
  })
  app.openapi(deliveriesRoute, async (context) => {
    const { account } = context.get('caller')
    const { alertId } = context.req.valid('param')
    await alertOf(database, account, alertId)
    const wanted = { account, alertId, countMax: deliveriesShownMax }
    const found = await listDeliveries(database.sql, wanted)
    return context.json({ deliveries: found.map(deliveryView) }, 200)
  })
}

function addConfirmation(app: App, { accountRoute }: Guards, parts: AlertParts): void {
  const { database, config } = parts
  const confirmRoute = accountRoute('alerts:write', {
    method: 'post',
    path: '/v1/alerts/{alertId}/confirm',
    operationId: 'confirmAlert',
    summary: 'Takes the code that was sent to the e-mail address of the alert. It is good once.',
    tags,
    request: { params: ofAlert, body: body(z.strictObject({ code: z.string().max(256) })) },
    responses: { 200: json('The alert as it is now.', alert) },
  })
  app.openapi(confirmRoute, async (context) => {
    const { account } = context.get('caller')
    const { alertId } = context.req.valid('param')
    const { code } = context.req.valid('json')
    const found = await alertOf(database, account, alertId)
    await confirmAlert({ ...parts, signingKey: config.signingKey }, found, code)
    return context.json(alertView(await alertOf(database, account, alertId)), 200)
  })

  const askRoute = accountRoute('alerts:write', {
    method: 'post',
    path: '/v1/alerts/{alertId}/code',
    operationId: 'sendCode',
    summary: 'Sends a new code, once the last one has ended or could not be sent.',
    tags,
    request: { params: ofAlert },
    responses: { 202: { description: 'It is on its way.' } },
  })
  app.openapi(askRoute, async (context) => {
    const { account } = context.get('caller')
    const found = await alertOf(database, account, context.req.valid('param').alertId)
    parts.limit(account)
    await assertReachable(found, config)
    await askAgain(parts, found)
    return context.body(null, 202)
  })
}

async function alertOf(database: Database, account: string, id: string): Promise<Alert> {
  const found = await loadAlert(database.sql, account, id)
  if (found === undefined) throw notFound('alert')
  return found
}

/** Throws ADDRESS_REFUSED. */
export async function assertReachable(
  { channel, target }: Pick<Alert, 'channel' | 'target'>,
  config: AlertsConfig,
): Promise<void> {
  if (channel === 'email') {
    if (config.mailerUrl !== undefined) return
    throw new Refusal('ADDRESS_REFUSED', 'no e-mail is sent here: use a webhook')
  }
  const found = await findTarget(target, {
    besides: config.allowLoopback ? 'loopback' : 'nothing',
  })
  if (found.ok) return
  throw new Refusal('ADDRESS_REFUSED', `the address was refused: ${found.problem}`)
}

export function madeView(alert: Alert, { signingKey }: AlertsConfig) {
  const secret = alert.channel === 'webhook' ? webhookSecretOf(signingKey, alert.id) : null
  return { ...alertView(alert), secret }
}

function alertView(alert: Alert) {
  const { id, kind, channel, target, isLow, isConfirmed, createdAtMs } = alert
  const ofKey = alert.kind === 'key-limit' ? alert : undefined
  const ofBalance = alert.kind === 'low-balance' ? alert : undefined
  return {
    ...{ id, kind, channel, target, isLow, isConfirmed },
    asset: ofBalance?.asset ?? null,
    threshold: amountText(ofBalance?.threshold ?? null),
    keyId: ofKey?.keyId ?? null,
    percent: ofKey?.percent ?? null,
    createdAt: secondsOf(createdAtMs),
  }
}

function deliveryView({ id, createdAtMs, attempts, deliveredAtMs, isGivenUp, problem }: Delivery) {
  return {
    ...{ id, attempts, isGivenUp, problem },
    createdAt: secondsOf(createdAtMs),
    deliveredAt: secondsOf(deliveredAtMs),
  }
}
