import type { AccountAnswer } from '@mooring/protocol/access/key-record'
import { parseAccountName } from '@mooring/protocol/access/names'
import { decodeBytes } from '@mooring/protocol/access/token'
import { bearsOne } from '@mooring/settings/credentials'
import { loadAccount, recordOf } from '@mooring/store/accounts'
import type { Database } from '@mooring/store/database'
import { findKeyRecord } from '@mooring/store/keys'
import { listTokens } from '@mooring/store/tokens'
import type { Clock } from '@mooring/telemetry/clock'
import type { Meters } from '@mooring/telemetry/meters'
import { Hono } from 'hono'
import type { Events } from '../events.ts'
import { problemResponse } from '../http/problems.ts'
import { Refusal } from '../refusal.ts'
import type { ChangeFeed } from './change-feed.ts'

export type GatewayParts = {
  database: Database
  clock: Clock
  events: Events
  meters: Meters
  feed: ChangeFeed
  credentials: readonly string[]
}

const waitMsMax = 30_000
/** Of all gateways together. */
const waitingMax = 1_000

/** What gateways ask, on a listener of their own, and what an operator asks of any service. */
export function createGatewayApp(parts: GatewayParts): Hono<{ Bindings: { address: string } }> {
  const { database, events, meters } = parts
  const app = new Hono<{ Bindings: { address: string } }>()
  app.onError((error, context) => {
    const { response, code } = problemResponse(error)
    const route = `${context.req.method} ${context.req.routePath}`
    if (code === 'INTERNAL') events.broke(error, route)
    else events.refused(code, route)
    return response
  })
  app.notFound(() => problemResponse(new Refusal('NOT_FOUND', paths)).response)
  app.get('/health', (context) => context.json({ ok: true }))
  app.get('/ready', async (context) => {
    const ok = await database.sql`select 1`.then(
      () => true,
      () => false,
    )
    return context.json({ ok }, ok ? 200 : 503)
  })
  app.get('/metrics', (context) => context.text(meters.render()))
  addGatewayRoutes(app, parts)
  return app
}

function addGatewayRoutes(
  app: Hono<{ Bindings: { address: string } }>,
  { database, clock, feed, credentials }: GatewayParts,
): void {
  let waiting = 0
  app.use('/v1/gateway/*', async (context, next) => {
    assertGateway(context.req.header('authorization'), credentials)
    await next()
    context.header('cache-control', 'no-store')
  })
  app.get('/v1/gateway/keys/:hash', async (context) => {
    const hash = context.req.param('hash')
    const record =
      decodeBytes(hash)?.length === 32 ? await findKeyRecord(database.sql, hash) : undefined
    if (record === undefined) throw new Refusal('NOT_FOUND', 'there is no such key')
    return context.json(record)
  })
  app.get('/v1/gateway/accounts/:account', async (context) => {
    const name = context.req.param('account')
    const account =
      parseAccountName(name) === undefined ? undefined : await loadAccount(database.sql, name)
    if (account === undefined) throw new Refusal('NOT_FOUND', 'there is no such account')
    const tokens = await listTokens(database.sql, name, clock.wallMs())
    return context.json({ record: recordOf(account), tokens } satisfies AccountAnswer)
  })
  app.get('/v1/gateway/changes', async (context) => {
    const { after, waitMs = '0' } = context.req.query()
    if (!/^\d{1,6}$/.test(waitMs)) throw new Refusal('MALFORMED', '`waitMs` is no number')
    if (waiting >= waitingMax) throw new Refusal('RATE_LIMITED', 'too many gateways are waiting')
    waiting++
    try {
      const ms = Math.min(Number(waitMs), waitMsMax)
      return context.json(await feed.wait(after, ms, context.req.raw.signal))
    } finally {
      waiting--
    }
  })
}

const paths = 'there is no such path: GET /v1/gateway/keys/{hash}, /accounts/{CAIP-10} and /changes'

function assertGateway(authorization: string | undefined, credentials: readonly string[]): void {
  if (bearsOne(authorization, credentials)) return
  throw new Refusal('NOT_SIGNED_IN', 'bear a credential of a gateway as Authorization: Bearer …')
}
